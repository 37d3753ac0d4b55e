import { compress as zstdCompress, decompress as zstdDecompress } from '@foxglove/wasm-zstd'
import kafkajs from 'kafkajs'
import { compressFrameSync, decompressFrameSync } from 'lz4-napi'
import { compressSync as snappyCompress, uncompressSync as snappyUncompress } from 'snappy'

const { CompressionCodecs, CompressionTypes } = kafkajs

const XERIAL_HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
const ZSTD_BYTES_MAX = 64 * 1024 * 1024

interface Encoder {
  readonly buffer: Buffer
}

/** Java's framing of snappy: the header, then one length-prefixed block. */
function xerial(bytes: Buffer): Buffer {
  const block = snappyCompress(bytes)
  const length = Buffer.alloc(4)
  length.writeInt32BE(block.length)
  return Buffer.concat([XERIAL_HEADER, length, block])
}

function unxerial(bytes: Buffer): Buffer {
  const blocks: Buffer[] = []
  let at = XERIAL_HEADER.length
  while (at < bytes.length) {
    const length = bytes.readInt32BE(at)
    blocks.push(Buffer.from(snappyUncompress(bytes.subarray(at + 4, at + 4 + length))))
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

/** kafkajs brings gzip only and takes the other codecs from its user: here straight from the libraries, none of it ours. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoder: Encoder) => xerial(encoder.buffer),
    decompress: async (bytes: Buffer) => unxerial(bytes),
  })
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder: Encoder) => compressFrameSync(encoder.buffer),
    decompress: async (bytes: Buffer) => decompressFrameSync(bytes),
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder: Encoder) => Buffer.from(zstdCompress(encoder.buffer)),
    decompress: async (bytes: Buffer) => Buffer.from(zstdDecompress(bytes, ZSTD_BYTES_MAX)),
  })
}

export const ALL_CODECS = [
  ['none', CompressionTypes.None],
  ['gzip', CompressionTypes.GZIP],
  ['snappy', CompressionTypes.Snappy],
  ['lz4', CompressionTypes.LZ4],
  ['zstd', CompressionTypes.ZSTD],
] as const
