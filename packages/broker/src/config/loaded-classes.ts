import type { ConfigMap } from './layers.ts'

const CALLBACKS = 'org.apache.kafka.common.security'

/**
 * Keys that name a class which decides in place of Kafka's own, with the classes whose work is done here: without another one
 * nothing would be as the settings say. Classes of the broker's own connections to others are not among them, since there
 * are none.
 */
const DECIDING: ReadonlyMap<string, readonly string[]> = new Map([
  ['alter.config.policy.class.name', []],
  ['create.topic.policy.class.name', []],
  ['client.quota.callback.class', []],
  ['ssl.engine.factory.class', [`${CALLBACKS}.ssl.DefaultSslEngineFactory`]],
  [
    'sasl.server.callback.handler.class',
    [
      `${CALLBACKS}.plain.internals.PlainServerCallbackHandler`,
      `${CALLBACKS}.scram.internals.ScramServerCallbackHandler`,
      `${CALLBACKS}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
      `${CALLBACKS}.oauthbearer.secured.OAuthBearerValidatorCallbackHandler`,
      `${CALLBACKS}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
    ],
  ],
  [
    'sasl.oauthbearer.jwt.validator.class',
    [`${CALLBACKS}.oauthbearer.DefaultJwtValidator`, `${CALLBACKS}.oauthbearer.BrokerJwtValidator`],
  ],
])

/** `listener.name.NAME.`, with a mechanism behind it for SASL. */
const LISTENER_PREFIX = /^listener\.name\.[^.]+\.(?:(?:plain|scram-sha-256|scram-sha-512|oauthbearer|gssapi)\.)?/

/** One sentence for each class that would have to be loaded: Kafka, too, does not start without a class that it is to ask. */
export function loadedClassProblems(entries: ConfigMap): readonly string[] {
  return Array.from(entries).flatMap(([key, text]) => {
    const known = DECIDING.get(key.replace(LISTENER_PREFIX, ''))
    const name = text.trim()
    if (known === undefined || name === '' || known.includes(name)) return []
    return [`${key}=${name}: classes cannot be loaded into this broker; leave the key out${alternativeTo(key)}`]
  })
}

function alternativeTo(key: string): string {
  if (key.endsWith('callback.handler.class')) return ', and keep users by SCRAM, or in odradek.plain.users.file'
  if (key === 'client.quota.callback.class') return ', and set quotas by kafka-configs'
  return ''
}
