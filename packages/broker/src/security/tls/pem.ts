/** The parts of a PEM text that a TLS listener needs. */
export interface PemParts {
  readonly certificates: readonly string[]
  /** Private keys of any form, encrypted ones too. */
  readonly keys: readonly string[]
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s:,-]*?-----END \1-----/g

/**
 * Finds certificates and keys, whatever stands around them. Kafka's properties put a PEM text on one line with spaces
 * where line ends were, so any white space will do.
 */
export function pemParts(text: string): PemParts {
  const certificates: string[] = []
  const keys: string[] = []
  for (const [block, label = ''] of text.matchAll(BLOCK)) {
    if (label === 'CERTIFICATE') certificates.push(unfold(block, label))
    else if (label.endsWith('PRIVATE KEY')) keys.push(unfold(block, label))
  }
  return { certificates, keys }
}

const LINE_CHARS = 64

/** Lines as OpenSSL wants them; headers of the old encrypted form stay as they are. */
function unfold(block: string, label: string): string {
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  const body = block.slice(begin.length, -end.length)
  if (body.includes(':')) return `${block}\n`
  const lines = body.replaceAll(/\s+/g, '').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return [begin, ...lines, end, ''].join('\n')
}

/** DER as PEM. */
export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
