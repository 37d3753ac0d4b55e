import type * as Snappy from 'snappy'
import { lazily, requirePackage } from '../lazily.ts'
import type { Codec } from './codec.ts'
import { reasonOf, tooLarge, undecodable } from './decompression-errors.ts'

const snappyPackage = lazily((): typeof Snappy => requirePackage('snappy'))

/** Framing of snappy-java, which the Java client writes: this magic, two version numbers, then blocks after their sizes. */
const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]
const XERIAL_HEADER_BYTES = 16
const XERIAL_BLOCK_BYTES = 32 * 1024
/** Three bytes stand for 64 at most, so a larger claim is a lie that must not cost memory. */
const EXPANSION_MAX = 22

const hasXerialHeader = (source: Uint8Array, at: number): boolean =>
  source.length - at >= XERIAL_HEADER_BYTES && XERIAL_MAGIC.every((byte, index) => source[at + index] === byte)

/** The length that a raw block begins with: what it will unpack to, checked before any memory is taken. */
function declaredLength(block: Uint8Array): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw undecodable('snappy', 'no length at the start of a block')
}

function decompressBlock(block: Uint8Array, limitBytes: number, limitTotal: number): Uint8Array {
  const declared = declaredLength(block)
  if (declared > limitBytes) throw tooLarge(limitTotal)
  if (declared > block.length * EXPANSION_MAX) throw undecodable('snappy', `${declared} bytes from ${block.length}`)
  try {
    const unpacked = snappyPackage().uncompressSync(block)
    if (typeof unpacked !== 'string') return unpacked
  } catch (thrown) {
    throw undecodable('snappy', reasonOf(thrown))
  }
  throw undecodable('snappy', 'no bytes')
}

function decompressXerial(source: Uint8Array, limitBytes: number): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.length)
  const blocks: Uint8Array[] = []
  let total = 0
  for (let at = 0; at < source.length; ) {
    // Streams set end to end have their headers in the middle; snappy-java reads over them.
    if (hasXerialHeader(source, at)) {
      at += XERIAL_HEADER_BYTES
      continue
    }
    if (source.length - at < 4) throw undecodable('snappy', 'a block size is cut')
    const size = view.getInt32(at)
    at += 4
    if (size < 0 || size > source.length - at) throw undecodable('snappy', 'a block is cut')
    const block = decompressBlock(source.subarray(at, at + size), limitBytes - total, limitBytes)
    total += block.length
    blocks.push(block)
    at += size
  }
  return blocks.length === 1 && blocks[0] !== undefined ? blocks[0] : Buffer.concat(blocks, total)
}

export const snappy: Codec = {
  decompress(source, limitBytes) {
    if (hasXerialHeader(source, 0)) return decompressXerial(source, limitBytes)
    return decompressBlock(source, limitBytes, limitBytes)
  },

  /** In snappy-java's framing, which every client reads. */
  compress(source) {
    const header = Buffer.from([...XERIAL_MAGIC, 0, 0, 0, 1, 0, 0, 0, 1])
    const parts: Uint8Array[] = [header]
    for (let at = 0; at < source.length; at += XERIAL_BLOCK_BYTES) {
      const block = snappyPackage().compressSync(source.subarray(at, at + XERIAL_BLOCK_BYTES))
      const size = Buffer.alloc(4)
      size.writeInt32BE(block.length)
      parts.push(size, block)
    }
    return Buffer.concat(parts)
  },
}
