import { type JaasEntry, ListenerConfigError, loadStore, parseJaas } from '@odradek/broker'
import type { Fs } from '@odradek/core'
import { parseProperties } from '../settings/properties.ts'
import { UsageError } from '../usage-error.ts'
import type { ScramLogin } from './scram-client.ts'

/** What a client presents and whom it trusts, in PEM. */
export interface ClientTls {
  /** Null: the authorities that Node knows. */
  readonly trusted: readonly string[] | null
  readonly own: { readonly chain: string; readonly key: string; readonly keyPassword: string | null } | null
  /** Whether the certificate has to be for the host that was named. */
  readonly checksHost: boolean
}

export type Login =
  | ScramLogin
  | { readonly mechanism: 'PLAIN'; readonly name: string; readonly password: string }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: string }

export interface ClientSecurity {
  readonly tls: ClientTls | null
  readonly login: Login | null
}

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const STORE_TYPES = ['JKS', 'PKCS12', 'PEM'] as const
const MODULE_OF: Readonly<Record<string, string>> = { PLAIN: 'PlainLoginModule', OAUTHBEARER: 'OAuthBearerLoginModule' }

type Properties = ReadonlyMap<string, string>

/** The keys of Kafka's own clients, from the file that its tools take as --command-config. @throws UsageError */
export async function readClientSecurity(path: string, fs: Fs): Promise<ClientSecurity> {
  const bytes = fileOf(fs, path)
  if (bytes === null) throw new UsageError(`--command-config ${path}: there is no such file`)
  const properties = parseProperties(Buffer.from(bytes).toString('latin1'))
  const protocol = (properties.get('security.protocol') ?? 'PLAINTEXT').trim().toUpperCase()
  if (!PROTOCOLS.includes(protocol))
    throw new UsageError(`${path}: security.protocol=${protocol} is not one of ${PROTOCOLS.join(', ')}`)
  return {
    tls: protocol.endsWith('SSL') ? await tlsOf(properties, path, fs) : null,
    login: protocol.startsWith('SASL') ? loginOf(properties, path, fs) : null,
  }
}

function fileOf(fs: Fs, path: string): Uint8Array | null {
  try {
    return fs.readFileSync(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function given(properties: Properties, key: string): string | null {
  const value = properties.get(key)?.trim() ?? ''
  return value === '' ? null : value
}

async function tlsOf(properties: Properties, path: string, fs: Fs): Promise<ClientTls> {
  const trust = await storeOf(properties, 'truststore', given(properties, 'ssl.truststore.certificates'), path, fs)
  const chain = given(properties, 'ssl.keystore.certificate.chain')
  const key = given(properties, 'ssl.keystore.key')
  const own = await storeOf(properties, 'keystore', chain === null ? null : `${chain}\n${key ?? ''}`, path, fs)
  if (own !== null && (own.key === null || own.chain.length === 0))
    throw new UsageError(`${path}: the key store has no private key with its certificate`)
  const keyPassword = given(properties, 'ssl.key.password')
  return {
    trusted: trust === null ? null : trust.trusted.length > 0 ? trust.trusted : trust.chain,
    own: own === null || own.key === null ? null : { chain: own.chain.join(''), key: own.key, keyPassword },
    checksHost: properties.get('ssl.endpoint.identification.algorithm')?.trim() !== '',
  }
}

async function storeOf(
  properties: Properties,
  which: 'truststore' | 'keystore',
  inline: string | null,
  path: string,
  fs: Fs,
) {
  const location = given(properties, `ssl.${which}.location`)
  if (location === null && inline === null) return null
  const text = given(properties, `ssl.${which}.type`) ?? (location === null ? 'PEM' : 'JKS')
  const type = STORE_TYPES.find((name) => name === text.toUpperCase())
  if (type === undefined)
    throw new UsageError(`${path}: ssl.${which}.type=${text} is not one of ${STORE_TYPES.join(', ')}`)
  const store = { type, location, password: given(properties, `ssl.${which}.password`) }
  const keyPassword = given(properties, 'ssl.key.password')
  try {
    return await loadStore(store, `ssl.${which}`, location === null ? inline : null, keyPassword, (name) =>
      fileOf(fs, name),
    )
  } catch (error) {
    if (error instanceof ListenerConfigError) throw new UsageError(`${path}: ${error.message}`)
    throw error
  }
}

function loginOf(properties: Properties, path: string, fs: Fs): Login {
  const mechanism = given(properties, 'sasl.mechanism') ?? 'GSSAPI'
  const scram = SCRAM_MECHANISMS.find((name) => name === mechanism)
  const module = scram === undefined ? MODULE_OF[mechanism] : 'ScramLoginModule'
  if (module === undefined)
    throw new UsageError(
      `${path}: sasl.mechanism=${mechanism} is not one of PLAIN, ${SCRAM_MECHANISMS.join(', ')}, OAUTHBEARER`,
    )
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: tokenOf(properties, path, fs) }
  const entry = parseJaas(given(properties, 'sasl.jaas.config') ?? '')
  if (entry === null || !entry.module.endsWith(`.${module}`))
    throw new UsageError(
      `${path}: sasl.jaas.config has to be \`org.apache.kafka.…${module} required username="…" password="…";\``,
    )
  const name = optionOf(entry, 'username', path)
  const password = optionOf(entry, 'password', path)
  if (scram === undefined) return { mechanism: 'PLAIN', name, password }
  return { mechanism: scram, name, password, isToken: entry.options.get('tokenauth')?.toLowerCase() === 'true' }
}

function optionOf({ options }: JaasEntry, name: string, path: string): string {
  const value = options.get(name)
  if (value === undefined) throw new UsageError(`${path}: sasl.jaas.config has no ${name}="…"`)
  return value
}

/** Kafka's clients ask an address, or read a file: what asks for tokens writes them there. */
function tokenOf(properties: Properties, path: string, fs: Fs): string {
  const url = given(properties, 'sasl.oauthbearer.token.endpoint.url')
  if (url === null || !URL.canParse(url) || new URL(url).protocol !== 'file:')
    throw new UsageError(
      `${path}: sasl.oauthbearer.token.endpoint.url has to be file:///… of a file with the token, not ${url ?? 'nothing'}`,
    )
  const file = decodeURIComponent(new URL(url).pathname)
  const bytes = fileOf(fs, file)
  if (bytes === null) throw new UsageError(`${path}: sasl.oauthbearer.token.endpoint.url=${url}: there is no such file`)
  return Buffer.from(bytes).toString('latin1').trim()
}
