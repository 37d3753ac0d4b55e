import { pemOf, pemParts } from './pem.ts'

/** What a key store or trust store holds, in PEM. */
export interface StoreContent {
  /** The first key, with its certificate first in the chain. */
  readonly key: string | null
  readonly chain: readonly string[]
  readonly trusted: readonly string[]
}

const JKS_MAGIC = 0xfeedfeed
const JCEKS_MAGIC = 0xcececece
const DER_SEQUENCE = 0x30

/**
 * Reads a store in whichever of the two forms it has: Java too takes one for the other, and keytool makes PKCS#12 where a
 * file is called `.jks`. The readers are loaded by the first use. Throws with a sentence without the store's content.
 */
export async function readStore(
  bytes: Uint8Array,
  password: string | null,
  keyPassword: string | null,
): Promise<StoreContent> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = buffer.length >= 4 ? buffer.readUInt32BE(0) : 0
  if (magic === JKS_MAGIC) return readJks(buffer, password ?? '', keyPassword)
  if (magic === JCEKS_MAGIC) throw new Error('it is a JCEKS store: convert it with keytool to PKCS12')
  if (buffer[0] === DER_SEQUENCE) return readPkcs12(buffer, password ?? '')
  throw new Error('it is neither a JKS nor a PKCS#12 store')
}

async function readJks(buffer: Buffer, password: string, keyPassword: string | null): Promise<StoreContent> {
  const { default: jks } = await import('jks-js')
  const entries = Object.values(jks.toPem(buffer, password, keyPassword ?? password))
  const own = entries.find(({ key }) => key !== undefined)
  return {
    key: own?.key ?? null,
    chain: pemParts(own?.cert ?? '').certificates,
    trusted: entries.flatMap(({ ca }) => pemParts(ca ?? '').certificates),
  }
}

async function readPkcs12(buffer: Buffer, password: string): Promise<StoreContent> {
  const { default: forge } = await import('node-forge')
  const { asn1, pkcs12, pki } = forge
  const store = pkcs12.pkcs12FromAsn1(asn1.fromDer(buffer.toString('latin1')), false, password)
  const keys: string[] = []
  const certificates: { readonly pem: string; readonly isOwn: boolean; readonly isTrusted: boolean }[] = []
  for (const bag of store.safeContents.flatMap(({ safeBags }) => safeBags)) {
    const attributes = Object.keys(bag.attributes ?? {})
    if (bag.type === pki.oids['certBag']) {
      const tree = bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1
      const der = Buffer.from(asn1.toDer(tree).getBytes(), 'latin1')
      const isOwn = attributes.includes('localKeyId')
      certificates.push({ pem: pemOf('CERTIFICATE', der), isOwn, isTrusted: !isOwn })
    } else if (bag.type === pki.oids['keyBag'] || bag.type === pki.oids['pkcs8ShroudedKeyBag']) {
      const tree = bag.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(bag.key)) : bag.asn1
      keys.push(pemOf('PRIVATE KEY', Buffer.from(asn1.toDer(tree).getBytes(), 'latin1')))
    }
  }
  const [key = null] = keys
  const chain = certificates.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn)).map(({ pem }) => pem)
  const trusted = certificates.filter(({ isTrusted }) => isTrusted).map(({ pem }) => pem)
  return { key, chain: key === null ? [] : chain, trusted }
}
