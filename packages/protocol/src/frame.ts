import { setInt32At } from '@odradek/core'
import type { Turns } from './wire/turns.ts'
import { type Piece, pieceBytes, Writer } from './wire/writer.ts'

/** A frame is its size as int32, which does not count itself, and then that many bytes. */
const sizeBytes = 4

/** Its size is a signed number, which does not count itself. */
const frameBytesMax = 2 ** 31 - 1 - sizeBytes

/** What a frame in progress is given at first: a peer that only announces much does not cost much. */
const firstAllocationBytes = 1024 * 1024

/** A frame size that cannot be served; the connection is closed, for nothing that follows can be understood. */
export class FrameSizeError extends Error {
  override readonly name = 'FrameSizeError'
  readonly size: number

  constructor(size: number, maxBytes: number) {
    super(`a frame of ${size} bytes is not allowed: sizes go from 1 to ${maxBytes}${guessProtocol(size)}`)
    this.size = size
  }
}

/** The first bytes of other protocols, read as a size, are a common mistake that is worth naming. */
function guessProtocol(size: number): string {
  const start = Buffer.alloc(sizeBytes)
  start.writeInt32BE(size)
  if (start[0] === 0x16 && start[1] === 0x03) return ' (the peer speaks TLS to a plaintext port)'
  if (/^[A-Z]{3}[A-Z ]$/.test(start.toString('latin1'))) return ' (the peer speaks HTTP)'
  return ''
}

/**
 * Cuts a stream of bytes into frames. A frame that lies whole in the received bytes is handed out as a view of them; of
 * any other the head is copied and the rest may be read straight into its place.
 */
export class FrameSplitter {
  private readonly maxBytes: number
  private readonly head = Buffer.alloc(sizeBytes)
  private headBytes = 0
  /** The frame in progress: its size, the room it has so far and what is filled of it; null between frames. */
  private frame: { readonly size: number; buffer: Buffer; filled: number } | null = null

  /** `maxBytes`: socket.request.max.bytes. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Bytes that the frame in progress holds in memory. */
  get bufferedBytes(): number {
    return this.frame?.buffer.length ?? 0
  }

  /** Where the next bytes of the stream may be read to, to be reported by `filled`; null between frames. */
  destination(): Buffer | null {
    if (this.frame === null) return null
    return this.roomOf(this.frame)
  }

  /** `count` bytes were read into `destination()`. */
  filled(count: number, onFrame: (frame: Uint8Array) => void): void {
    const { frame } = this
    if (frame === null) return
    frame.filled += count
    if (frame.filled < frame.size) return
    this.frame = null
    onFrame(frame.buffer)
  }

  /** Takes the next bytes of the stream. Throws `FrameSizeError` after the frames before the faulty one were handed out. */
  push(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    let position = 0
    while (position < bytes.length) {
      if (this.frame !== null) position += this.continueFrame(this.frame, bytes, position, onFrame)
      else if (this.headBytes > 0 || bytes.length - position < sizeBytes) position += this.collectHead(bytes, position)
      else position += this.startFrame(bytes, position, onFrame)
    }
  }

  /** A frame that begins at `position`, its size included: handed out if it is whole. */
  private startFrame(bytes: Uint8Array, position: number, onFrame: (frame: Uint8Array) => void): number {
    this.head.set(bytes.subarray(position, position + sizeBytes))
    const size = this.checkedSize()
    const end = position + sizeBytes + size
    if (end > bytes.length) {
      this.beginFrame(size)
      return sizeBytes
    }
    onFrame(bytes.subarray(position + sizeBytes, end))
    return sizeBytes + size
  }

  /** A size that came in pieces. */
  private collectHead(bytes: Uint8Array, position: number): number {
    const count = Math.min(sizeBytes - this.headBytes, bytes.length - position)
    this.head.set(bytes.subarray(position, position + count), this.headBytes)
    this.headBytes += count
    if (this.headBytes === sizeBytes) {
      this.headBytes = 0
      this.beginFrame(this.checkedSize())
    }
    return count
  }

  private continueFrame(
    frame: { readonly size: number; buffer: Buffer; filled: number },
    bytes: Uint8Array,
    position: number,
    onFrame: (frame: Uint8Array) => void,
  ): number {
    const room = this.roomOf(frame)
    const count = Math.min(room.length, bytes.length - position)
    room.set(bytes.subarray(position, position + count))
    this.filled(count, onFrame)
    return count
  }

  /** The unfilled part of the frame's buffer, which doubles when it is full. */
  private roomOf(frame: { readonly size: number; buffer: Buffer; filled: number }): Buffer {
    if (frame.filled === frame.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(frame.size, 2 * frame.buffer.length))
      larger.set(frame.buffer)
      frame.buffer = larger
    }
    return frame.buffer.subarray(frame.filled)
  }

  private beginFrame(size: number): void {
    this.frame = { size, buffer: Buffer.allocUnsafeSlow(Math.min(size, firstAllocationBytes)), filled: 0 }
  }

  private checkedSize(): number {
    const size = this.head.readInt32BE()
    if (size <= 0 || size > this.maxBytes) throw new FrameSizeError(size, this.maxBytes)
    return size
  }
}

/** A whole frame for a gathered write. */
export class EncodedFrame {
  readonly pieces: readonly Piece[]
  /** Sum of the pieces. */
  readonly length: number

  constructor(pieces: readonly Piece[], length: number) {
    this.pieces = pieces
    this.length = length
  }

  get chunks(): readonly Uint8Array[] {
    return this.pieces.map(pieceBytes)
  }
}

/** What `write` writes, with its size before it. @throws MessageSizeError past `bytesMax`, byte fields by reference apart */
export function encodeFrame(write: (writer: Writer) => void, bytesMax = frameBytesMax): EncodedFrame {
  const writer = new Writer(bytesMax + sizeBytes)
  writer.int32(0)
  write(writer)
  return finishFrame(writer)
}

/** The same, of what may be very large. */
export function* encodeFrameInTurns(
  write: (writer: Writer) => Turns<void>,
  bytesMax = frameBytesMax,
): Turns<EncodedFrame> {
  const writer = new Writer(bytesMax + sizeBytes)
  writer.int32(0)
  yield* write(writer)
  return finishFrame(writer)
}

function finishFrame(writer: Writer): EncodedFrame {
  const { length } = writer
  const pieces = writer.finishPieces()
  const first = pieces[0]
  if (first !== undefined) setInt32At(first.bytes, first.start, length - sizeBytes)
  return new EncodedFrame(pieces, length)
}
