/** Longer texts cost more to compare than to make. */
const cachedBytesMax = 24

/** A power of two; with `cachedBytesMax` this bounds what the cache holds to some hundred kilobytes. */
const slotCount = 2048

const slots: string[] = new Array(slotCount).fill('')

/**
 * The text of short ASCII `bytes`, or null for any other. Names of topics, groups and clients come again in every
 * request: finding the string that was made last time is cheaper than making it anew.
 */
export function cachedText(bytes: Buffer, start: number, length: number): string | null {
  if (length > cachedBytesMax) return null
  if (length === 0) return ''
  const slot = slotOf(bytes, start, length)
  const known = slots[slot]
  if (known !== undefined && isTextOf(known, bytes, start, length)) return known
  for (let position = start; position < start + length; position++) {
    if ((bytes[position] ?? 0) >= 0x80) return null
  }
  const text = bytes.toString('latin1', start, start + length)
  slots[slot] = text
  return text
}

/** Names mostly differ in length, in the middle or in their last characters, so these decide. */
function slotOf(bytes: Buffer, start: number, length: number): number {
  const last = start + length - 1
  let hash = length
  hash = Math.imul(hash, 31) + (bytes[start] ?? 0)
  hash = Math.imul(hash, 31) + (bytes[start + (length >>> 1)] ?? 0)
  for (let position = Math.max(start, last - 3); position <= last; position++)
    hash = Math.imul(hash, 31) + (bytes[position] ?? 0)
  return (hash ^ (hash >>> 11)) & (slotCount - 1)
}

function isTextOf(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false
  }
  return true
}
