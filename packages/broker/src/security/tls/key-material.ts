import { ListenerConfigError } from '../../listener-config.ts'
import { readStore, type StoreContent } from './key-stores.ts'
import { pemParts } from './pem.ts'
import type { StoreSettings, TlsSettings } from './tls-settings.ts'

/** What a TLS listener presents and whom it trusts, in PEM. */
export interface KeyMaterial {
  readonly chain: string
  readonly key: string
  readonly keyPassword: string | null
  /** Null: the authorities that Node knows. */
  readonly trusted: readonly string[] | null
}

/** The whole file, or null when there is none. */
export type ReadFile = (path: string) => Uint8Array | null

/** @throws ListenerConfigError that names file and key, never the content. */
export async function loadKeyMaterial(settings: TlsSettings, readFile: ReadFile): Promise<KeyMaterial> {
  const { keyStore, keyPassword, trustStore } = settings
  const inline = keyStore.location === null ? `${settings.inlineChain ?? ''}\n${settings.inlineKey ?? ''}` : null
  const own = await loadStore(keyStore, 'ssl.keystore', inline, keyPassword, readFile)
  if (own.key === null || own.chain.length === 0) {
    throw new ListenerConfigError(
      `${nameOf(keyStore, 'ssl.keystore')} has no private key with its certificate: add both`,
    )
  }
  return {
    chain: own.chain.join(''),
    key: own.key,
    keyPassword,
    trusted: trustStore === null ? null : await trustedOf(trustStore, settings.inlineTrusted, readFile),
  }
}

async function trustedOf(store: StoreSettings, inline: string | null, readFile: ReadFile): Promise<readonly string[]> {
  const text = store.location === null ? inline : null
  const { trusted, chain } = await loadStore(store, 'ssl.truststore', text, null, readFile)
  const all = trusted.length > 0 ? trusted : chain
  if (all.length === 0) {
    throw new ListenerConfigError(`${nameOf(store, 'ssl.truststore')} has no certificate: add that of an authority`)
  }
  return all
}

/**
 * What a store holds, or the PEM text `inline`, which stands in the place of a file.
 * @throws ListenerConfigError that names the file, never its content
 */
export async function loadStore(
  store: StoreSettings,
  prefix: string,
  inline: string | null,
  keyPassword: string | null,
  readFile: ReadFile,
): Promise<StoreContent> {
  if (inline !== null) return pemContent(inline)
  const bytes = readFile(store.location ?? '')
  if (bytes === null) throw new ListenerConfigError(`${nameOf(store, prefix)}: there is no such file`)
  if (store.type === 'PEM') return pemContent(Buffer.from(bytes).toString('latin1'))
  try {
    return await readStore(bytes, store.password, keyPassword)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ListenerConfigError(`${nameOf(store, prefix)} cannot be read (${why}): check file and ${prefix}.password`)
  }
}

function pemContent(text: string): StoreContent {
  const { certificates, keys } = pemParts(text)
  return { key: keys[0] ?? null, chain: certificates, trusted: certificates }
}

function nameOf({ location }: StoreSettings, prefix: string): string {
  return location === null ? `the PEM text of ${prefix}` : `${prefix}.location=${location}`
}
