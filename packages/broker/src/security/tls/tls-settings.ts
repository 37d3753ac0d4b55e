import { ListenerConfigError } from '../../listener-config.ts'
import type { ListenerKeys } from '../listener-keys.ts'
import { opensslCipherSuite } from './java-cipher-suites.ts'

/** Where keys or trusted certificates are, in one of Kafka's ways. */
export interface StoreSettings {
  readonly type: 'JKS' | 'PKCS12' | 'PEM'
  /** Null: the certificates stand in the keys themselves. */
  readonly location: string | null
  readonly password: string | null
}

/** A listener's `ssl.` keys, checked. */
export interface TlsSettings {
  readonly keyStore: StoreSettings
  readonly keyPassword: string | null
  /** ssl.keystore.certificate.chain and ssl.keystore.key */
  readonly inlineChain: string | null
  readonly inlineKey: string | null
  /** Null: none is named, and the authorities that Node knows are trusted. */
  readonly trustStore: StoreSettings | null
  /** ssl.truststore.certificates */
  readonly inlineTrusted: string | null
  readonly clientAuth: 'none' | 'requested' | 'required'
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  /** OpenSSL's names, in order; null: Node's own choice. */
  readonly ciphers: string | null
  /** ssl.principal.mapping.rules */
  readonly mappingRules: string
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

const STORE_TYPES = ['JKS', 'PKCS12', 'PEM'] as const
const CLIENT_AUTHS = ['none', 'requested', 'required'] as const

/** @throws ListenerConfigError */
export function readTlsSettings(keys: ListenerKeys): TlsSettings {
  const chain = keys.given('ssl.keystore.certificate.chain')
  const key = keys.given('ssl.keystore.key')
  const keyStore = storeOf(keys, 'keystore')
  if (keyStore.location === null && (chain === null || key === null)) {
    throw new ListenerConfigError(
      `listener ${keys.listener} needs a certificate: name a file in ${keys.nameOf('ssl.keystore.location')}, or give ssl.keystore.certificate.chain and ssl.keystore.key with ssl.keystore.type=PEM`,
    )
  }
  const trusted = keys.given('ssl.truststore.certificates')
  const trustStore = storeOf(keys, 'truststore')
  const clientAuth = CLIENT_AUTHS.find((name) => name === clientAuthText(keys)) ?? 'none'
  return {
    keyStore,
    keyPassword: keys.given('ssl.key.password'),
    inlineChain: chain,
    inlineKey: key,
    trustStore: trustStore.location === null && trusted === null ? null : trustStore,
    inlineTrusted: trusted,
    clientAuth,
    ...versionsOf(keys),
    ciphers: ciphersOf(keys),
    mappingRules: keys.text('ssl.principal.mapping.rules') ?? 'DEFAULT',
  }
}

/**
 * As in Kafka (KAFKA-8643): under SASL_SSL the client's certificate counts only when the listener itself asks for one,
 * since the principal comes from SASL.
 */
function clientAuthText(keys: ListenerKeys): string {
  return keys.text('ssl.client.auth') ?? 'none'
}

function storeOf(keys: ListenerKeys, which: 'keystore' | 'truststore'): StoreSettings {
  const text = keys.text(`ssl.${which}.type`) ?? 'JKS'
  const type = STORE_TYPES.find((name) => name === text.toUpperCase())
  if (type === undefined) {
    throw new ListenerConfigError(`ssl.${which}.type=${text} is not one of ${STORE_TYPES.join(', ')}`)
  }
  return { type, location: keys.given(`ssl.${which}.location`), password: keys.given(`ssl.${which}.password`) }
}

function versionsOf(keys: ListenerKeys): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const names = keys.list('ssl.enabled.protocols')
  for (const name of names) {
    if (name !== 'TLSv1.2' && name !== 'TLSv1.3') {
      throw new ListenerConfigError(`ssl.enabled.protocols: ${name} is not offered: use TLSv1.2, TLSv1.3 or both`)
    }
  }
  if (names.length === 0) throw new ListenerConfigError('ssl.enabled.protocols is empty: use TLSv1.2, TLSv1.3 or both')
  return {
    minVersion: names.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: names.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  }
}

function ciphersOf(keys: ListenerKeys): string | null {
  const names = keys.list('ssl.cipher.suites')
  if (names.length === 0) return null
  return names
    .map((name) => {
      const openssl = opensslCipherSuite(name)
      if (openssl === null) {
        throw new ListenerConfigError(
          `ssl.cipher.suites: ${name} is not offered: use names such as TLS_AES_256_GCM_SHA384 or TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`,
        )
      }
      return openssl
    })
    .join(':')
}
