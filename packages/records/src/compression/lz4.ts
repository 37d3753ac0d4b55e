import type * as Lz4 from 'lz4-napi'
import { lazily, requirePackage } from '../lazily.ts'
import type { Codec } from './codec.ts'
import { reasonOf, tooLarge, undecodable } from './decompression-errors.ts'
import { xxh32 } from './xxh32.ts'

/**
 * LZ4 frames, read and written as Kafka does. The frame is parsed here and lz4-napi unpacks single blocks into a
 * capacity that we name: its own frame reader has no bound and refuses the header checksum of message format 0.
 */
const lz4Package = lazily((): typeof Lz4 => requirePackage('lz4-napi'))

const FRAME_MAGIC = 0x184d2204
/** FLG: version 01, independent blocks, nothing else. BD: blocks of 64 KiB. As the Java client writes them. */
const FLG_WRITTEN = 0x60
const BD_WRITTEN = 0x40
const BLOCK_BYTES_WRITTEN = 64 * 1024
const STORED_BIT = 0x8000_0000
const CAPACITY_BYTES = 4
/** No byte of a block stands for more bytes than this. */
const EXPANSION_MAX = 255

interface FrameHeader {
  readonly blockBytesMax: number
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
  readonly endAt: number
}

/** The second byte of the hash; message format 0 hashed the magic too, by a mistake that became its format. */
const headerChecksum = (descriptor: Uint8Array): number => (xxh32(descriptor) >>> 8) & 0xff

function readFrameHeader(source: Uint8Array, view: DataView, verifyChecksum: boolean): FrameHeader {
  if (source.length < 7 || view.getUint32(0, true) !== FRAME_MAGIC) throw undecodable('lz4', 'no frame')
  const flg = view.getUint8(4)
  const bd = view.getUint8(5)
  const isUsual = flg >>> 6 === 1 && (flg & 0x20) !== 0 && (flg & 0x03) === 0
  if (!isUsual) throw undecodable('lz4', `frame flags ${flg}: version, linked blocks or reserved bits`)
  const blockSizeId = bd >>> 4
  if ((bd & 0x8f) !== 0 || blockSizeId < 4) throw undecodable('lz4', `block descriptor ${bd}`)
  const checksumAt = (flg & 0x08) === 0 ? 6 : 14
  if (checksumAt >= source.length) throw undecodable('lz4', 'the frame header is cut')
  if (verifyChecksum && view.getUint8(checksumAt) !== headerChecksum(source.subarray(4, checksumAt))) {
    throw undecodable('lz4', 'header checksum')
  }
  return {
    blockBytesMax: 1 << (2 * blockSizeId + 8),
    hasBlockChecksums: (flg & 0x10) !== 0,
    hasContentChecksum: (flg & 0x04) !== 0,
    endAt: checksumAt + 1,
  }
}

/** Unpacks one block; lz4-napi takes the capacity from four bytes before it, and fills no more. */
function decompressBlock(block: Uint8Array, blockBytesMax: number, left: number, limitBytes: number): Uint8Array {
  const most = Math.min(blockBytesMax, block.length * EXPANSION_MAX)
  const input = Buffer.allocUnsafe(CAPACITY_BYTES + block.length)
  input.writeUInt32LE(Math.min(most, left), 0)
  input.set(block, CAPACITY_BYTES)
  try {
    return lz4Package().uncompressSync(input)
  } catch (thrown) {
    throw most > left ? tooLarge(limitBytes) : undecodable('lz4', reasonOf(thrown))
  }
}

function decompressFrame(source: Uint8Array, limitBytes: number, verifyHeaderChecksum: boolean): Uint8Array {
  const view = new DataView(source.buffer, source.byteOffset, source.length)
  const header = readFrameHeader(source, view, verifyHeaderChecksum)
  const blocks: Uint8Array[] = []
  let total = 0
  let at = header.endAt
  const need = (count: number) => {
    if (source.length - at < count) throw undecodable('lz4', 'the frame is cut')
  }
  for (;;) {
    need(4)
    const word = view.getUint32(at, true)
    const size = word % STORED_BIT
    at += 4
    if (size === 0) break
    if (size > header.blockBytesMax)
      throw undecodable('lz4', `a block of ${size} bytes in a frame of ${header.blockBytesMax}`)
    need(header.hasBlockChecksums ? size + 4 : size)
    const packed = source.subarray(at, at + size)
    at += size
    if (header.hasBlockChecksums) {
      if (view.getUint32(at, true) !== xxh32(packed)) throw undecodable('lz4', 'block checksum')
      at += 4
    }
    const block =
      word >= STORED_BIT ? packed : decompressBlock(packed, header.blockBytesMax, limitBytes - total, limitBytes)
    total += block.length
    if (total > limitBytes) throw tooLarge(limitBytes)
    blocks.push(block)
  }
  // Kafka reads over the content checksum and leaves what follows the frame alone.
  if (header.hasContentChecksum) need(4)
  return blocks.length === 1 && blocks[0] !== undefined ? blocks[0] : Buffer.concat(blocks, total)
}

function compressFrame(source: Uint8Array, hashesMagic: boolean): Uint8Array {
  const start = Buffer.alloc(7)
  start.writeUInt32LE(FRAME_MAGIC, 0)
  start.writeUInt8(FLG_WRITTEN, 4)
  start.writeUInt8(BD_WRITTEN, 5)
  start.writeUInt8(headerChecksum(start.subarray(hashesMagic ? 0 : 4, 6)), 6)
  const parts: Uint8Array[] = [start]
  for (let at = 0; at < source.length; at += BLOCK_BYTES_WRITTEN) {
    const plain = Buffer.from(source.buffer, source.byteOffset + at, Math.min(BLOCK_BYTES_WRITTEN, source.length - at))
    const packed = lz4Package().compressSync(plain).subarray(CAPACITY_BYTES)
    const isStored = packed.length >= plain.length
    const size = Buffer.alloc(4)
    size.writeUInt32LE(isStored ? plain.length + STORED_BIT : packed.length)
    parts.push(size, isStored ? plain : packed)
  }
  parts.push(Buffer.alloc(4))
  return Buffer.concat(parts)
}

/** For format 2 and messages of format 1. lz4-napi has one level, so `level` changes nothing. */
export const lz4: Codec = {
  decompress: (source, limitBytes) => decompressFrame(source, limitBytes, true),
  compress: (source) => compressFrame(source, false),
}

/** For messages of format 0, with their historic header checksum; Kafka does not verify it. */
export const lz4OfFormat0: Codec = {
  decompress: (source, limitBytes) => decompressFrame(source, limitBytes, false),
  compress: (source) => compressFrame(source, true),
}
