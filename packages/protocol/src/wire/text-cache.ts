/** Longer texts are rarely sent twice, or cost little beside what they name. */
const cachedBytesMax = 32

/** A power of two; with `cachedBytesMax` this bounds what the cache can hold to some hundred kilobytes. */
const slotCount = 2048

const slots: string[] = new Array(slotCount).fill('')

/**
 * The text of short ASCII `bytes`, or null for any other. Names of topics, groups and clients come again in every
 * request: finding the string that was made last time is cheaper than making it anew.
 */
export function cachedText(bytes: Buffer, start: number, length: number): string | null {
  if (length > cachedBytesMax) return null
  const end = start + length
  let hash = length
  for (let position = start; position < end; position++) {
    const byte = bytes[position] ?? 0
    if (byte >= 0x80) return null
    hash = Math.imul(hash ^ byte, 0x0100_0193)
  }
  const slot = (hash ^ (hash >>> 15)) & (slotCount - 1)
  const known = slots[slot] ?? ''
  if (isTextOf(known, bytes, start, length)) return known
  const text = bytes.toString('latin1', start, end)
  slots[slot] = text
  return text
}

function isTextOf(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false
  }
  return true
}
