const replacement = '\uFFFD'

/**
 * Text of `bytes` from `start` to `end`, as Java reads it: a byte order mark stays, malformed input becomes U+FFFD.
 * Node and Java differ in how many U+FFFD they put for one malformed sequence, so text that has one takes the slow way.
 */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end)
  return text.includes(replacement) ? decodeLikeJava(bytes, start, end) : text
}

/** Java writes "?" for half a surrogate pair, where Node would write U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(loneSurrogate, '?')
}

const loneSurrogate = /\p{Surrogate}/gu

/** The rules of java.lang.String: a surrogate written as three bytes is one replacement, and so is the longest broken prefix. */
function decodeLikeJava(bytes: Buffer, start: number, end: number): string {
  let text = ''
  let position = start
  while (position < end) {
    const length = sequenceLength(bytes, position, end)
    if (length > 0) {
      text += bytes.toString('utf8', position, position + length)
      position += length
    } else {
      text += replacement
      position -= length
    }
  }
  return text
}

/** Bytes of the well-formed sequence at `position`, or minus the bytes that one replacement stands for. */
function sequenceLength(bytes: Buffer, position: number, end: number): number {
  const lead = bytes[position] ?? 0
  const left = end - position
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead <= 0xdf) return left >= 2 && isContinuation(bytes[position + 1]) ? 2 : -1
  if (lead >= 0xe0 && lead <= 0xef) return threeByteLength(bytes, position, left)
  if (lead >= 0xf0 && lead <= 0xf4) return fourByteLength(bytes, position, left)
  return -1
}

function threeByteLength(bytes: Buffer, position: number, left: number): number {
  const lead = bytes[position] ?? 0
  const second = bytes[position + 1] ?? 0
  if (left < 2 || !isContinuation(second) || (lead === 0xe0 && second < 0xa0)) return -1
  if (left < 3 || !isContinuation(bytes[position + 2])) return -2
  return lead === 0xed && second >= 0xa0 ? -3 : 3
}

function fourByteLength(bytes: Buffer, position: number, left: number): number {
  const lead = bytes[position] ?? 0
  const second = bytes[position + 1] ?? 0
  if (left < 2 || !isContinuation(second) || (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f))
    return -1
  if (left < 3 || !isContinuation(bytes[position + 2])) return -2
  return left >= 4 && isContinuation(bytes[position + 3]) ? 4 : -3
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
