/** What is to be known of records that are all of the usual kind. */
export interface UsualRecords {
  readonly firstTimestampDelta: number
  readonly leastTimestampDelta: number
  readonly largestTimestampDelta: number
  readonly hasNullKey: boolean
}

const SIZE_SHIFT = 21
const RAW_MASK = 2 ** SIZE_SHIFT - 1
const TOO_LONG = 4 << SIZE_SHIFT

/** A varint of up to three bytes as it stands there, not yet unzigzagged, with its size above it: two results without an object. */
function varintAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return (1 << SIZE_SHIFT) | first
  const second = bytes[at + 1] ?? 0
  if (second < 0x80) return (2 << SIZE_SHIFT) | (second << 7) | (first & 0x7f)
  const third = bytes[at + 2] ?? 0
  if (third < 0x80) return (3 << SIZE_SHIFT) | (third << 14) | ((second & 0x7f) << 7) | (first & 0x7f)
  return TOO_LONG
}

const numberOf = (varint: number): number => ((varint & RAW_MASK) >>> 1) ^ -(varint & 1)
const sizeOf = (varint: number): number => varint >> SIZE_SHIFT

/** Where the headers that begin at `at` end; -1 when they are not of the usual kind, or go on past `end`. */
function headersEnd(bytes: Uint8Array, start: number, end: number, count: number): number {
  let at = start
  for (let index = 0; index < count; index++) {
    const key = varintAt(bytes, at)
    if (key >= TOO_LONG || numberOf(key) < 0) return -1
    at += sizeOf(key) + numberOf(key)
    const value = varintAt(bytes, at)
    if (value >= TOO_LONG || numberOf(value) < -1) return -1
    at += sizeOf(value) + Math.max(0, numberOf(value))
    if (at > end) return -1
  }
  return at
}

/**
 * Looks at `count` records, one at least, from `start` to `end` in one loop without calls, in a third of the time that
 * `RecordScanner` needs: a batch of 100 KB has a hundred records and more. Null as soon as one is not of the usual kind (offset deltas 0, 1, 2 ...,
 * no attributes, no number of more than 20 bits, lengths that add up): whether that is an error is not said here.
 */
export function usualRecords(bytes: Uint8Array, start: number, end: number, count: number): UsualRecords | null {
  let at = start
  let [first, least, largest] = [0, 0, 0]
  let hasNullKey = false
  for (let index = 0; index < count; index++) {
    const length = varintAt(bytes, at)
    at += sizeOf(length)
    const recordEnd = at + numberOf(length)
    if (length >= TOO_LONG || recordEnd > end || bytes[at] !== 0) return null
    const timestampDelta = varintAt(bytes, at + 1)
    at += 1 + sizeOf(timestampDelta)
    const offsetDelta = varintAt(bytes, at)
    at += sizeOf(offsetDelta)
    const key = varintAt(bytes, at)
    const keyLength = numberOf(key)
    at += sizeOf(key) + Math.max(keyLength, 0)
    const value = varintAt(bytes, at)
    const valueLength = numberOf(value)
    at += sizeOf(value) + Math.max(valueLength, 0)
    const headers = varintAt(bytes, at)
    const headersCount = numberOf(headers)
    at += sizeOf(headers)
    if (Math.max(timestampDelta, offsetDelta, key, value, headers) >= TOO_LONG) return null
    if (numberOf(offsetDelta) !== index || keyLength < -1 || valueLength < -1 || headersCount < 0) return null
    if (headersCount > 0) at = headersEnd(bytes, at, recordEnd, headersCount)
    if (at !== recordEnd) return null
    const delta = numberOf(timestampDelta)
    if (index === 0) [first, least, largest] = [delta, delta, delta]
    else if (delta < least) least = delta
    else if (delta > largest) largest = delta
    if (keyLength < 0) hasNullKey = true
  }
  if (at !== end) return null
  return { firstTimestampDelta: first, leastTimestampDelta: least, largestTimestampDelta: largest, hasNullKey }
}
