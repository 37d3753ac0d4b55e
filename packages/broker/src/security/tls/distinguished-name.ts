import type { asn1 } from 'node-forge'

/** Attribute names that RFC 2253 knows; Java writes all others by number, with the value in hexadecimal. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
])

/** Behind serial number, signature, issuer and validity (RFC 5280, 4.1). */
const SUBJECT_INDEX = 4
const CONTEXT_TAG = 0x80

const TAG_UTF8 = 12
const TAG_BMP = 30
const TAG_UNIVERSAL = 28
const TAGS_LATIN: readonly number[] = [18, 19, 20, 22, 26, 27]

/** Reads the subject of certificates. The reader of ASN.1 is loaded once, before the first client comes. */
export async function subjectReader(): Promise<(der: Uint8Array) => string> {
  const { default: forge } = await import('node-forge')
  return (der) => {
    const certificate = forge.asn1.fromDer(Buffer.from(der).toString('latin1'))
    const [body] = children(certificate)
    const fields = body === undefined ? [] : children(body)
    // The version, which is explicit in all certificates of today, shifts the rest by one.
    const shift = fields[0]?.tagClass === CONTEXT_TAG ? 1 : 0
    const subject = fields[SUBJECT_INDEX + shift]
    if (subject === undefined) throw new Error('a certificate without a subject')
    return nameText(subject, (node) => forge.asn1.toDer(node).getBytes(), forge.asn1.derToOid)
  }
}

function children(node: asn1.Asn1): readonly asn1.Asn1[] {
  return Array.isArray(node.value) ? node.value : []
}

function nameText(name: asn1.Asn1, derOf: (node: asn1.Asn1) => string, oidOf: (bytes: string) => string): string {
  const relative = children(name).map((set) =>
    children(set)
      .map((pair) => {
        const [type, value] = children(pair)
        if (type === undefined || value === undefined || typeof type.value !== 'string') throw new Error('no attribute')
        const oid = oidOf(type.value)
        const keyword = KEYWORDS.get(oid)
        const text = keyword === undefined ? null : textOf(value)
        if (text !== null) return `${keyword}=${escaped(text)}`
        return `${keyword ?? oid}=#${Buffer.from(derOf(value), 'latin1').toString('hex')}`
      })
      .join('+'),
  )
  // RFC 2253 begins with the last.
  return relative.toReversed().join(',')
}

/** Null: no string. */
function textOf({ type, value }: asn1.Asn1): string | null {
  if (typeof value !== 'string') return null
  const bytes = Buffer.from(value, 'latin1')
  const tag: number = type
  if (tag === TAG_UTF8) return bytes.toString('utf8')
  if (tag === TAG_BMP) return bytes.swap16().toString('utf16le')
  if (tag === TAG_UNIVERSAL) return null
  return TAGS_LATIN.includes(tag) ? bytes.toString('latin1') : null
}

/** As java.security's X500Principal writes it. */
function escaped(text: string): string {
  const body = text.replaceAll(/[,=+<>#;"\\]/g, (char) => `\\${char}`).replaceAll('\0', '\\00')
  const leading = body.length - body.trimStart().length
  const inner = body.trim()
  const trailing = inner === '' ? 0 : body.length - leading - inner.length
  return `${'\\ '.repeat(leading)}${inner}${'\\ '.repeat(trailing)}`
}
