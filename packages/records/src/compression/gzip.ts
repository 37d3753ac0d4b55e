import { crc32, gzipSync, inflateRawSync } from 'node:zlib'
import type { Codec } from './codec.ts'
import { reasonOf, tooLarge, undecodable } from './decompression-errors.ts'

const FIXED_HEADER_BYTES = 10
const TRAILER_BYTES = 8
const DEFLATE = 8
const HAS_HEADER_CRC = 2
const HAS_EXTRA = 4
const HAS_NAME = 8
const HAS_COMMENT = 16

/** zlib allocates whole chunks of its own: the length that a trailer claims, where it is small, saves most of one. */
const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 256 * 1024

/**
 * A producer writes one member. Each costs a decompressor of its own, so that a megabyte of empty ones would hold up the
 * broker for seconds.
 */
const MEMBERS_MAX = 1000

/** Where the compressed data begin of the member that begins at `at`; null when no member does. (RFC 1952) */
function memberDataAt(source: Buffer, at: number): number | null {
  if (source.length - at < FIXED_HEADER_BYTES) return null
  if (source.readUInt16BE(at) !== 0x1f8b || source[at + 2] !== DEFLATE) return null
  const flags = source[at + 3] ?? 0
  let end = at + FIXED_HEADER_BYTES
  if ((flags & HAS_EXTRA) !== 0) {
    if (source.length - end < 2) return null
    end += 2 + source.readUInt16LE(end)
  }
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue
    const zero = source.indexOf(0, end)
    if (zero < 0) return null
    end = zero + 1
  }
  if ((flags & HAS_HEADER_CRC) !== 0) {
    if (source.length - end < 2 || source.readUInt16LE(end) !== (crc32(source.subarray(at, end)) & 0xffff)) return null
    end += 2
  }
  return end > source.length ? null : end
}

interface Inflated {
  readonly buffer: Buffer
  /** How far zlib has read is what it calls written. */
  readonly engine: { readonly bytesWritten: number }
}

/** With the option `info` the result is this, which its type does not say. */
const isInflated = (value: unknown): value is Inflated =>
  typeof value === 'object' && value !== null && 'engine' in value

const isTooLarge = (thrown: unknown): boolean =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE'

function inflate(data: Buffer, left: number, limitBytes: number): Inflated {
  const claimed = data.length < 4 ? 0 : data.readUInt32LE(data.length - 4)
  const chunkSize = Math.max(CHUNK_BYTES_MIN, Math.min(claimed + 1, left + 1, CHUNK_BYTES_MAX))
  try {
    const inflated: unknown = inflateRawSync(data, { info: true, maxOutputLength: Math.max(left, 1), chunkSize })
    if (isInflated(inflated) && inflated.buffer.length <= left) return inflated
  } catch (thrown) {
    if (!isTooLarge(thrown)) throw undecodable('gzip', reasonOf(thrown))
  }
  throw tooLarge(limitBytes)
}

/**
 * Member by member instead of by gunzipSync: Java's reader leaves bytes alone that are no further member, and Node's fails
 * on them unless they are zeros.
 */
function decompress(bytes: Uint8Array, limitBytes: number): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const members: Buffer[] = []
  let total = 0
  let dataAt = memberDataAt(source, 0)
  if (dataAt === null) throw undecodable('gzip', 'no header')
  while (dataAt !== null) {
    if (members.length === MEMBERS_MAX) throw undecodable('gzip', `more than ${MEMBERS_MAX} members`)
    const { buffer, engine } = inflate(source.subarray(dataAt), limitBytes - total, limitBytes)
    const trailerAt: number = dataAt + engine.bytesWritten
    if (source.length - trailerAt < TRAILER_BYTES) throw undecodable('gzip', 'the trailer is cut')
    const isTrue =
      source.readUInt32LE(trailerAt) === crc32(buffer) && source.readUInt32LE(trailerAt + 4) === buffer.length
    if (!isTrue) throw undecodable('gzip', 'checksum or length')
    members.push(buffer)
    total += buffer.length
    dataAt = memberDataAt(source, trailerAt + TRAILER_BYTES)
  }
  return members.length === 1 && members[0] !== undefined ? members[0] : Buffer.concat(members, total)
}

export const gzip: Codec = {
  decompress,
  compress: (source, level) => (level === undefined ? gzipSync(source) : gzipSync(source, { level })),
}
