import type { FileHandle, Fs } from '@odradek/core'
import { BATCH_HEADER_BYTES, type DecompressionLimits, MessageUpConverter, RecordsError } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, lastOffsetAt, sizeAt } from '../batch-bytes.ts'
import { ShortWriteError } from '../storage-error.ts'

/** Bytes read at a time; a larger batch gets a buffer of its own. */
const READ_BYTES = 1_048_576
/** What stands before a message's checksum in every format, and up to the magic byte behind it. */
const BYTES_TO_MAGIC = 17
const MAGIC_AT = 16
/** Offset, size and the shortest message of format 0. */
const MESSAGE_BYTES_MIN = 26
const FORMAT_2 = 2

export interface SegmentToCopy {
  readonly fs: Fs
  readonly source: string
  readonly target: string
  readonly baseOffset: number
  readonly limits: DecompressionLimits
  /** Told of bytes read as they are. */
  onBytes(count: number): void
}

export interface CopiedSegment {
  /** Offset after the last record; the base offset when there is none. */
  readonly endOffset: number
  readonly sourceBytes: number
  /** Messages and wrappers of format 0 or 1, which are now batches of format 2. */
  readonly convertedMessages: number
  /** From where on the file makes no sense, and why; null when all of it does. What is before it was copied. */
  readonly fault: { readonly position: number; readonly reason: string } | null
}

/** Copies the batches of a `.log` file, each checked, into a new file that is on the device when it resolves. */
export async function copySegment(segment: SegmentToCopy): Promise<CopiedSegment> {
  const source = segment.fs.openSync(segment.source, 'read')
  try {
    const target = segment.fs.openSync(segment.target, 'create')
    try {
      const copied = await new SegmentCopy(segment, source, target).run()
      await target.datasync()
      return copied
    } finally {
      target.closeSync()
    }
  } finally {
    source.closeSync()
  }
}

/** A stretch of the source whose batches are written as they are. */
interface Span {
  start: number
  end: number
}

class SegmentCopy {
  private readonly segment: SegmentToCopy
  private readonly source: FileHandle
  private readonly target: FileHandle
  private readonly sizeBytes: number
  private readonly converter: MessageUpConverter
  private buffer = Buffer.allocUnsafe(READ_BYTES)
  private position = 0
  private written = 0
  private endOffset: number
  private convertedMessages = 0
  private reason: string | null = null

  constructor(segment: SegmentToCopy, source: FileHandle, target: FileHandle) {
    this.segment = segment
    this.source = source
    this.target = target
    this.sizeBytes = source.size()
    this.endOffset = segment.baseOffset
    this.converter = new MessageUpConverter(segment.limits)
  }

  async run(): Promise<CopiedSegment> {
    while (this.position < this.sizeBytes && this.reason === null) {
      const wanted = Math.min(this.buffer.length, this.sizeBytes - this.position)
      const count = await this.source.read(this.buffer, 0, wanted, this.position)
      const taken = this.takeRange(this.buffer.subarray(0, count))
      this.segment.onBytes(taken)
      this.position += taken
      if (taken === 0 && this.reason === null) this.makeRoom(count)
    }
    return {
      endOffset: this.endOffset,
      sourceBytes: this.sizeBytes,
      convertedMessages: this.convertedMessages,
      fault: this.reason === null ? null : { position: this.position, reason: this.reason },
    }
  }

  /** The batch at `position` did not fit: a buffer that it fits, if the file has it all. */
  private makeRoom(count: number): void {
    const left = this.sizeBytes - this.position
    const needed = count < BYTES_TO_MAGIC ? Number.POSITIVE_INFINITY : sizeAt(this.buffer, 0)
    if (needed > left) this.reason = `${left} bytes where a batch of more begins`
    else this.buffer = Buffer.allocUnsafe(needed)
  }

  /** Copies the whole batches at the start of `bytes`; returns how many bytes they have. */
  private takeRange(bytes: Buffer): number {
    const span: Span = { start: 0, end: 0 }
    let at = 0
    while (bytes.length - at >= BYTES_TO_MAGIC && this.reason === null) {
      const sizeBytes = sizeAt(bytes, at)
      const isFormat2 = bytes.readInt8(at + MAGIC_AT) === FORMAT_2
      this.reason = this.frameFault(bytes, at, sizeBytes, isFormat2)
      if (this.reason !== null || sizeBytes > bytes.length - at) break
      if (isFormat2) this.takeBatch(bytes, at, sizeBytes, span)
      else this.takeMessage(bytes, at, sizeBytes, span)
      if (this.reason === null) at += sizeBytes
    }
    this.writeSpan(bytes, span)
    for (const batch of this.converter.finish()) this.write(batch)
    return at
  }

  /** Why no batch or message can begin here; null when one can. */
  private frameFault(bytes: Buffer, at: number, sizeBytes: number, isFormat2: boolean): string | null {
    const magic = bytes.readInt8(at + MAGIC_AT)
    if (magic < 0 || magic > FORMAT_2) return 'no batch header'
    if (sizeBytes < (isFormat2 ? BATCH_HEADER_BYTES : MESSAGE_BYTES_MIN)) return `a batch of ${sizeBytes} bytes`
    const left = this.sizeBytes - this.position - at
    return sizeBytes > left ? `a batch of ${sizeBytes} bytes where ${left} are left` : null
  }

  private takeBatch(bytes: Buffer, at: number, sizeBytes: number, span: Span): void {
    if (!isHeaderAt(bytes, at)) this.reason = 'no batch header'
    else if (!isIntactAt(bytes, at)) this.reason = 'a checksum that is not its batch’s'
    else if (baseOffsetAt(bytes, at) < this.endOffset) this.reason = this.outOfOrder(baseOffsetAt(bytes, at))
    if (this.reason !== null) return
    for (const batch of this.converter.finish()) this.write(batch)
    if (span.end !== at) {
      this.writeSpan(bytes, span)
      span.start = at
    }
    span.end = at + sizeBytes
    this.endOffset = lastOffsetAt(bytes, at) + 1
  }

  private takeMessage(bytes: Buffer, at: number, sizeBytes: number, span: Span): void {
    const lastOffset = baseOffsetAt(bytes, at)
    if (lastOffset < this.endOffset) {
      this.reason = this.outOfOrder(lastOffset)
      return
    }
    this.writeSpan(bytes, span)
    try {
      for (const batch of this.converter.take(bytes, at, sizeBytes)) this.write(batch)
      this.endOffset = lastOffset + 1
      this.convertedMessages++
    } catch (error) {
      if (!(error instanceof RecordsError)) throw error
      this.reason = error.message
    }
  }

  private outOfOrder(offset: number): string {
    return `offset ${offset} after ${this.endOffset - 1}`
  }

  private writeSpan(bytes: Buffer, span: Span): void {
    if (span.end > span.start) this.write(bytes.subarray(span.start, span.end))
    span.start = span.end
  }

  private write(bytes: Uint8Array): void {
    const count = this.target.writeSync([bytes], this.written)
    if (count !== bytes.length) throw new ShortWriteError(this.target.path, count, bytes.length)
    this.written += count
  }
}
