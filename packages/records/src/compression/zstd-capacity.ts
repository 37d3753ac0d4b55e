import { undecodable } from './decompression-errors.ts'

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_BYTES_MAX = 128 * 1024

/** Reads zstd's little-endian headers; all it ever says about bytes that are no frames is that they are corrupt. */
class FrameReader {
  private readonly view: DataView
  at = 0

  constructor(source: Uint8Array) {
    this.view = new DataView(source.buffer, source.byteOffset, source.length)
  }

  get remaining(): number {
    return this.view.byteLength - this.at
  }

  uint(bytes: number): number {
    this.skip(bytes)
    let value = 0
    for (let index = 1; index <= bytes; index++) value = value * 256 + this.view.getUint8(this.at - index)
    return value
  }

  skip(bytes: number): void {
    if (bytes > this.remaining) throw undecodable('zstd', 'a frame is cut')
    this.at += bytes
  }
}

/** Bytes that one frame can unpack to at most: what its header declares, if that is less than what its blocks can hold. */
function frameCapacity(reader: FrameReader): number {
  const descriptor = reader.uint(1)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const windowDescriptor = isSingleSegment ? 0 : reader.uint(1)
  reader.skip([0, 1, 2, 4][descriptor & 3] ?? 0)
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0
  const declared = sizeBytes === 0 ? Number.POSITIVE_INFINITY : reader.uint(sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  const windowBase = 2 ** (10 + (windowDescriptor >>> 3))
  const window = isSingleSegment ? declared : windowBase + (windowBase / 8) * (windowDescriptor & 7)
  const blockBytesMax = Math.min(window, BLOCK_BYTES_MAX)
  let blocks = 0
  for (let isLast = false; !isLast; ) {
    const header = reader.uint(3)
    const size = header >>> 3
    const type = (header >>> 1) & 3
    isLast = (header & 1) === 1
    if (type === 3) throw undecodable('zstd', 'reserved block type')
    reader.skip(type === 1 ? 1 : size)
    blocks += type === 2 ? blockBytesMax : size
  }
  if ((descriptor & 0x04) !== 0) reader.skip(4)
  return Math.min(declared, blocks)
}

/**
 * The most bytes that the frames in `source` can unpack to, from their headers alone. Java's client declares no sizes, so
 * this is what makes one pass into one bounded buffer possible: 128 KiB for each block. Declared sizes are not trusted
 * beyond it.
 * @throws RecordsError UNKNOWN_SERVER_ERROR when `source` is not frames from end to end.
 */
export function zstdCapacity(source: Uint8Array): number {
  const reader = new FrameReader(source)
  let capacity = 0
  while (reader.remaining > 0) {
    const magic = reader.uint(4)
    if (magic === FRAME_MAGIC) capacity += frameCapacity(reader)
    else if (magic >= SKIPPABLE_MAGIC && magic < SKIPPABLE_MAGIC + 16) reader.skip(reader.uint(4))
    else throw undecodable('zstd', 'no frame')
  }
  return capacity
}
