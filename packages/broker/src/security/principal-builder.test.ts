import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'
import { startSecure, stopSecure } from './secure-broker-fixture.ts'

const DEFAULT_BUILDER = 'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder'
const KEYS = ['principal.builder.class', 'listener.name.plaintext.principal.builder.class']

afterEach(stopSecure)

test.each(KEYS)('%s: the default is what there is', (key) => {
  const { problems, ignored, unknown } = resolveBrokerConfig(new Map([[key, DEFAULT_BUILDER]]), 1e8)
  expect({ problems, ignored, unknown }).toEqual({ problems: [], ignored: [], unknown: [] })
})

test.each(KEYS)('%s: the broker does not start with another', async (key) => {
  await expect(startSecure({ [key]: 'com.example.Builder' })).rejects.toThrow(
    `${key}=com.example.Builder: classes cannot be loaded into this broker; leave the key out`,
  )
})
