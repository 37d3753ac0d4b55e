import { resolveBrokerConfig } from './resolve-broker-config.ts'

const problemsOf = (key: string, value: string) => resolveBrokerConfig(new Map([[key, value]]), 1 << 30).problems

test.each([
  'alter.config.policy.class.name',
  'create.topic.policy.class.name',
  'client.quota.callback.class',
  'ssl.engine.factory.class',
  'listener.name.internal.ssl.engine.factory.class',
  'sasl.server.callback.handler.class',
  'listener.name.sasl_ssl.plain.sasl.server.callback.handler.class',
  'listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class',
  'sasl.oauthbearer.jwt.validator.class',
])('%s: a class that would decide is refused, with its name and the remedy', (key) => {
  const problems = problemsOf(key, 'com.example.Mine')
  expect(problems).toEqual([expect.stringContaining(`${key}=com.example.Mine: classes cannot be loaded`)])
  expect(problems[0]).toContain('leave the key out')
  expect(problemsOf(key, '')).toEqual([])
})

test.each([
  [
    'sasl.server.callback.handler.class',
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler',
  ],
  [
    'listener.name.a.oauthbearer.sasl.server.callback.handler.class',
    'org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler',
  ],
  ['ssl.engine.factory.class', 'org.apache.kafka.common.security.ssl.DefaultSslEngineFactory'],
  ['sasl.oauthbearer.jwt.validator.class', 'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator'],
])('%s=%s: what Kafka brings is done here', (key, value) => {
  expect(problemsOf(key, value)).toEqual([])
})

// The broker logs in nowhere, and metrics are fetched from it.
test.each(['sasl.login.class', 'sasl.client.callback.handler.class', 'metric.reporters'])(
  '%s is one of those that change nothing',
  (key) => {
    const { problems, ignored } = resolveBrokerConfig(new Map([[key, 'com.example.Mine']]), 1 << 30)
    expect([problems, ignored]).toEqual([[], [key]])
  },
)
