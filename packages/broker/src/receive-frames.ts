import { assert, int32At } from '@odradek/core'
import {
  ALONE_FRAME_BYTES_MIN,
  DIRECT_READ_BYTES_MIN,
  FRAME_FIRST_BUFFER_BYTES_MAX,
  FRONT_BYTES,
  SHARED_RECEIVE_BYTES,
} from './limits.ts'
import type { ReceivePool } from './receive-pool.ts'
import { SMALL_REQUEST_BYTES } from './request-room.ts'

const FRAME_SIZE_BYTES = 4

/** What becomes of the frames of one connection. */
export interface FrameSink {
  /**
   * A whole frame, without its size: `buffer` from `start` to `end`, valid only during the call. False: not now; it is
   * offered again after `resume`, and the bytes behind it wait.
   */
  frame(buffer: Buffer, start: number, end: number): boolean
  /** A size that no frame can have; nothing more will be delivered. */
  badFrame(size: number): void
  /** What a small request does not need is better left where it is. */
  readonly isShortOfRoom: boolean
  /** Memory held for this connection has changed by `bytes`. */
  held(bytes: number): void
  /** A frame's first bytes are kept, and the rest has yet to come. */
  frameBegun(): void
  frameEnded(): void
}

/** Shared by all connections of a process. */
export interface ReceiveMemory {
  readonly shared: Buffer
  readonly pool: ReceivePool
}

/**
 * Cuts what one connection receives into frames. Reads go to the buffer shared by all connections, so a request that
 * comes whole is never copied; the missing rest of a large frame goes straight to a buffer of its own. Who has sent a
 * large frame is likely to send another of that size: the next read takes no more than that, so that it too comes whole.
 */
export class FrameReceiver {
  private readonly sink: FrameSink
  private readonly memory: ReceiveMemory
  /** May grow, once more is known of the peer. */
  frameBytesMax: number
  /** The frame under way (with its size in front), or a whole one that was refused. */
  private frame: Buffer | null = null
  private frameFilled = 0
  /** With the four bytes of its size; -1 while those are not there. */
  private frameTotal = -1
  /** Of the last whole one, with its size in front. */
  private lastFrameBytes = 0
  /** The next read belongs to the frame under way. */
  private readsIntoFrame = false
  /** Bytes behind a refused frame: read, but not cut yet. */
  private backlog: Buffer | null = null
  private backlogStart = 0
  private backlogEnd = 0
  private delivering = false
  private closed = false

  constructor(sink: FrameSink, memory: ReceiveMemory, frameBytesMax: number) {
    this.sink = sink
    this.memory = memory
    this.frameBytesMax = frameBytesMax
  }

  /** Bytes wait that were read before: nothing may be read until `resume` has returned true. */
  get blocked(): boolean {
    return this.backlog !== null || this.frameIsWhole
  }

  get hasPartialFrame(): boolean {
    return this.frame !== null && !this.frameIsWhole
  }

  /** Where the next read belongs. Its result is handed to `received` before anybody else reads. */
  target(): Buffer {
    const { frame, frameTotal, frameFilled } = this
    this.readsIntoFrame = frame !== null && frameTotal - frameFilled >= DIRECT_READ_BYTES_MIN
    if (frame === null) return this.firstTarget()
    return this.readsIntoFrame ? frame.subarray(frameFilled, Math.min(frameTotal, frame.length)) : this.memory.shared
  }

  /** Where a read belongs that begins with a frame. */
  private firstTarget(): Buffer {
    const { lastFrameBytes } = this
    const { shared } = this.memory
    if (this.sink.isShortOfRoom) return shared.subarray(0, FRAME_SIZE_BYTES + SMALL_REQUEST_BYTES)
    if (lastFrameBytes < ALONE_FRAME_BYTES_MIN) return shared
    // Of one that does not fit only the front, which has to be copied: the rest is read to where it stays.
    return shared.subarray(0, lastFrameBytes <= shared.length ? lastFrameBytes : FRONT_BYTES)
  }

  /** `count` bytes have been read into `buffer`, which `target` gave. */
  received(buffer: Uint8Array, count: number): void {
    if (this.closed) return
    assert(!this.blocked, 'bytes were read while others wait')
    assert(count <= buffer.length, 'no more is read than there is room for')
    this.delivering = true
    if (this.readsIntoFrame) this.fill(count)
    else this.cut(this.memory.shared, 0, count)
    this.delivering = false
  }

  /** For sockets that bring their own chunks. */
  receivedChunk(chunk: Uint8Array): void {
    for (let position = 0; position < chunk.length && !this.closed; ) {
      const piece = chunk.subarray(position, position + SHARED_RECEIVE_BYTES)
      this.memory.shared.set(piece, 0)
      position += piece.length
      this.readsIntoFrame = false
      if (this.blocked) this.appendBacklog(piece)
      else this.received(this.memory.shared, piece.length)
    }
  }

  /** Offers what was refused, and what came behind it, again. True when nothing is left and reading may go on. */
  resume(): boolean {
    if (this.closed || this.delivering) return false
    this.delivering = true
    if (this.frameIsWhole) this.deliverOwn()
    const { backlog } = this
    if (backlog !== null && !this.frameIsWhole) {
      const [start, end] = [this.backlogStart, this.backlogEnd]
      this.backlog = null
      this.cut(backlog, start, end)
      // What was refused again has been put back with the same buffer.
      if (this.backlog !== backlog) this.memory.pool.give(backlog)
      const left = this.backlog === backlog ? this.backlogEnd - this.backlogStart : 0
      this.sink.held(left - (end - start))
    }
    this.delivering = false
    return !this.blocked && !this.closed
  }

  /** Gives all memory back. */
  close(): void {
    if (this.closed) return
    this.closed = true
    if (this.hasPartialFrame) this.sink.frameEnded()
    this.dropFrame()
    if (this.backlog !== null) {
      this.memory.pool.give(this.backlog)
      this.sink.held(this.backlogStart - this.backlogEnd)
      this.backlog = null
    }
  }

  private get frameIsWhole(): boolean {
    return this.frame !== null && this.frameFilled === this.frameTotal
  }

  /** Cuts the frames out of `chunk` from `start` to `end`; what cannot be delivered yet is kept. */
  private cut(chunk: Buffer, start: number, end: number): void {
    let position = start
    if (this.frame !== null) position = this.fillFrom(chunk, position, end)
    while (position < end && !this.closed && !this.frameIsWhole) {
      const next = this.frameEnd(chunk, position, end)
      if (next === null) return
      if (next < 0 || next > end) {
        this.begin(chunk, position, end, next < 0 ? -1 : next - position)
        return
      }
      if (!this.sink.frame(chunk, position + FRAME_SIZE_BYTES, next)) break
      this.lastFrameBytes = next - position
      position = next
    }
    if (position < end && !this.closed) this.keepBacklog(chunk, position, end)
  }

  /** Where the frame at `position` ends; -1 while its size is not there, null when no frame has such a size. */
  private frameEnd(chunk: Buffer, position: number, end: number): number | null {
    if (end - position < FRAME_SIZE_BYTES) return -1
    const size = int32At(chunk, position)
    return this.acceptsSize(size) ? position + FRAME_SIZE_BYTES + size : null
  }

  /** Completes the frame under way from `chunk`; returns the position behind it. */
  private fillFrom(chunk: Buffer, start: number, end: number): number {
    let position = start
    while (this.frame !== null && position < end && !this.frameIsWhole) {
      const wanted = (this.frameTotal < 0 ? FRAME_SIZE_BYTES : this.frameTotal) - this.frameFilled
      const count = Math.min(wanted, end - position, this.frame.length - this.frameFilled)
      chunk.copy(this.frame, this.frameFilled, position, position + count)
      position += count
      this.fill(count)
    }
    return position
  }

  /** The frame under way has `count` bytes more. */
  private fill(count: number): void {
    this.frameFilled += count
    this.sink.held(count)
    if (this.frame === null) return
    if (this.frameTotal < 0 && this.frameFilled >= FRAME_SIZE_BYTES) {
      const size = int32At(this.frame, 0)
      if (!this.acceptsSize(size)) return
      this.frameTotal = FRAME_SIZE_BYTES + size
      this.grow(Math.min(this.frameTotal, FRAME_FIRST_BUFFER_BYTES_MAX))
    }
    if (this.frameIsWhole) {
      this.sink.frameEnded()
      this.deliverOwn()
    } else if (this.frameFilled === this.frame.length) {
      this.grow(Math.min(this.frameTotal, 2 * this.frame.length))
    }
  }

  private begin(chunk: Buffer, start: number, end: number, total: number): void {
    this.frame = this.memory.pool.take(Math.max(end - start, Math.min(total, FRAME_FIRST_BUFFER_BYTES_MAX)))
    this.frameFilled = end - start
    this.frameTotal = total
    chunk.copy(this.frame, 0, start, end)
    this.sink.held(this.frameFilled)
    this.sink.frameBegun()
  }

  private grow(bytes: number): void {
    const old = this.frame
    if (old === null || old.length >= bytes) return
    this.frame = this.memory.pool.take(bytes)
    old.copy(this.frame, 0, 0, this.frameFilled)
    this.memory.pool.give(old)
  }

  private deliverOwn(): void {
    if (this.frame === null) return
    if (!this.sink.frame(this.frame, FRAME_SIZE_BYTES, this.frameTotal)) return
    this.lastFrameBytes = this.frameTotal
    this.dropFrame()
  }

  private dropFrame(): void {
    if (this.frame === null) return
    this.memory.pool.give(this.frame)
    this.sink.held(-this.frameFilled)
    this.frame = null
    this.frameFilled = 0
    this.frameTotal = -1
  }

  private keepBacklog(chunk: Buffer, start: number, end: number): void {
    this.backlogStart = start
    this.backlogEnd = end
    this.backlog = chunk
    if (chunk !== this.memory.shared) return
    this.backlog = this.memory.pool.take(end - start)
    chunk.copy(this.backlog, 0, start, end)
    this.backlogStart = 0
    this.backlogEnd = end - start
    this.sink.held(end - start)
  }

  private appendBacklog(piece: Uint8Array): void {
    const waiting = this.backlog === null ? 0 : this.backlogEnd - this.backlogStart
    const buffer = this.memory.pool.take(waiting + piece.length)
    if (this.backlog !== null) {
      this.backlog.copy(buffer, 0, this.backlogStart, this.backlogEnd)
      this.memory.pool.give(this.backlog)
    }
    buffer.set(piece, waiting)
    this.backlog = buffer
    this.backlogStart = 0
    this.backlogEnd = waiting + piece.length
    this.sink.held(piece.length)
  }

  private acceptsSize(size: number): boolean {
    if (size > 0 && size <= this.frameBytesMax) return true
    this.sink.badFrame(size)
    this.close()
    return false
  }
}
