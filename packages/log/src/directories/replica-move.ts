import { type Clock, type Fs, present } from '@odradek/core'
import {
  directoryName,
  LEADER_EPOCHS_NAME,
  LOG_SUFFIX,
  offsetFileName,
  PARTITION_METADATA_NAME,
  SEGMENT_SUFFIXES,
} from '../file-names.ts'
import type { SegmentedLogStore } from '../log-store.ts'
import type { Segment } from '../segment.ts'
import type { SegmentedLog } from '../segmented-log.ts'
import { copyWhole, FileCopy } from './file-copy.ts'
import type { LogDirectory } from './log-directory.ts'
import { markFuture, markMoved, prepareMoved, unmarkFuture, unmarkMoved } from './move-markers.ts'

/** Read and written between two turns of the event loop. */
const PIECE_BYTES = 256 * 1024
/** What the last step may copy while everybody waits. */
const LAST_STEP_BYTES_MAX = 256 * 1024
const MS_PER_SECOND = 1000

/** The move is not wanted any more, or the log is closed or offline. */
export class MoveGivenUpError extends Error {
  override readonly name = 'MoveGivenUpError'
}

export interface MoveOptions {
  readonly log: SegmentedLog
  readonly from: LogDirectory
  readonly to: LogDirectory
  readonly fs: Fs
  readonly clock: Clock
  /** replica.alter.log.dirs.io.max.bytes.per.second */
  bytesPerSecondMax(): number
  /** The metadata says where the log is, when it resolves. */
  recordPlace(): Promise<void>
}

interface SegmentCopy {
  readonly log: FileCopy
  /** Indexes and what else comes with a closed segment. */
  isRestCopied: boolean
}

/**
 * Moves a log to another directory while it is written and read. The files are copied, and then what was added meanwhile,
 * until so little is missing that it can be copied between two turns of the event loop: from then on the log works with the
 * copy. Until that moment the old files are the log, after it the new ones; a file beside each says so (move-markers.ts).
 */
export class ReplicaMove {
  readonly log: SegmentedLog
  readonly from: LogDirectory
  readonly to: LogDirectory
  /** The log works with the copy: the move can only be finished. */
  hasSwitched = false
  hasBegun = false
  isGivenUp = false
  private readonly options: MoveOptions
  private readonly name: string
  private readonly source: SegmentedLogStore
  private readonly target: SegmentedLogStore
  private readonly copies = new Map<Segment, SegmentCopy>()
  private copiedBytes = 0
  private abandon: () => void = () => {}
  private readonly abandoned: Promise<never>
  private startMs = 0

  constructor(options: MoveOptions) {
    this.options = options
    this.log = options.log
    this.from = options.from
    this.to = options.to
    this.name = directoryName(options.log.identity)
    this.source = present(options.from.store, 'a log is in a directory that works')
    this.target = present(options.to.store, 'a log goes to a directory that works')
    this.abandoned = new Promise((_resolve, reject) => {
      this.abandon = () => reject(new MoveGivenUpError('the partition is being deleted'))
    })
    this.abandoned.catch(() => {})
  }

  /** Bytes that have been copied. */
  get sizeBytes(): number {
    let total = 0
    for (const copy of this.copies.values()) total += copy.log.position
    return total
  }

  /** Offset after the last record that has been copied, as far as the indexes tell. */
  get endOffset(): number {
    for (const segment of this.log.segments) {
      const position = this.copies.get(segment)?.log.position ?? 0
      if (position < segment.sizeBytes) return offsetBefore(segment, position)
    }
    return this.log.endOffset
  }

  giveUp(): void {
    this.isGivenUp = true
  }

  /** The partition is deleted: as `giveUp`, and it no more waits for the metadata, which wait for the deletion. */
  giveUpForGood(): void {
    this.giveUp()
    this.abandon()
  }

  /** @throws MoveGivenUpError, or what the file systems throw; then, unless it has switched, nothing has changed. */
  async run(): Promise<void> {
    const { log, options } = this
    this.hasBegun = true
    this.startMs = options.clock.monotonicMs()
    await this.begin()
    await log.holdStill()
    try {
      do await this.catchUp()
      while (!(await this.tryToSwitch()))
      // Compaction and retention would make the copy another one than what is left here.
      await this.finish()
    } finally {
      log.letGo()
      for (const copy of this.copies.values()) copy.log.close()
    }
  }

  /** Takes away what was copied. */
  async cleanUp(): Promise<void> {
    await this.target.remove(this.log.identity)
    // In this order a start never finds a copy without its mark.
    unmarkMoved(this.options.fs, this.source.directory, this.name)
    unmarkFuture(this.options.fs, this.target.directory, this.name)
  }

  private get directory(): string {
    return `${this.target.directory}/${this.name}`
  }

  private async begin(): Promise<void> {
    const { fs } = this.options
    const { target } = this
    this.check()
    markFuture(fs, target.directory, this.name)
    // Before there is anything to be taken for the log itself.
    await fs.syncDirectory(target.directory)
    await target.remove(this.log.identity)
    fs.mkdirSync(this.directory)
  }

  private async catchUp(): Promise<void> {
    const { fs } = this.options
    const { log, source, target } = this
    const recoveryPoint = source.recoveryPoints.get(log.identity)
    do {
      for (const segment of [...log.segments]) await this.copySegment(segment)
    } while (this.missingBytes() > LAST_STEP_BYTES_MAX || this.isRestMissing())
    for (const name of [PARTITION_METADATA_NAME, LEADER_EPOCHS_NAME]) {
      await copyWhole(fs, `${log.directory}/${name}`, `${this.directory}/${name}`)
    }
    for (const { log: copy } of this.copies.values()) if (copy.isDirty) await copy.sync()
    this.forgetDropped()
    await fs.syncDirectory(this.directory)
    await fs.syncDirectory(target.directory)
    const startOffset = source.startOffsets.get(log.identity)
    if (startOffset === null) target.startOffsets.delete(log.identity)
    else target.startOffsets.set(log.identity, startOffset)
    await target.startOffsets.save()
    // A start takes gaps that compaction has left for damage where they are not below it.
    if (recoveryPoint !== null) target.recoveryPoints.set(log.identity, recoveryPoint)
    await target.recoveryPoints.save()
    const synced = Array.from(this.copies, ([segment, { log: copy }]): [string, number] => [
      offsetFileName(segment.baseOffset, LOG_SUFFIX),
      copy.syncedBytes,
    ])
    await prepareMoved(fs, source.directory, this.name, this.to.id, new Map(synced))
  }

  private async copySegment(segment: Segment): Promise<void> {
    const { fs } = this.options
    const copy = this.copyOf(segment)
    const buffer = Buffer.allocUnsafe(PIECE_BYTES)
    while (this.isHeld(segment) && copy.log.position < segment.sizeBytes) {
      const length = Math.min(PIECE_BYTES, segment.sizeBytes - copy.log.position)
      const count = await this.readPiece(segment, buffer, length, copy.log.position)
      if (!this.isHeld(segment)) return
      if (count < length) throw new Error(`${segment.log.path} is shorter than it was`)
      copy.log.write(buffer.subarray(0, count))
      await this.pause(count)
    }
    if (copy.isRestCopied || segment === this.log.segments.at(-1) || !this.isHeld(segment)) return
    for (const suffix of SEGMENT_SUFFIXES) {
      const name = offsetFileName(segment.baseOffset, suffix)
      if (suffix !== LOG_SUFFIX) await copyWhole(fs, `${segment.directory}/${name}`, `${this.directory}/${name}`)
    }
    copy.isRestCopied = true
  }

  private async readPiece(segment: Segment, buffer: Buffer, length: number, position: number): Promise<number> {
    const { files } = this.source
    const { log } = segment
    const handle = files.pin(log)
    try {
      return await handle.read(buffer, 0, length, position)
    } finally {
      files.unpin(log)
    }
  }

  private tryToSwitch(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.log.whenAtRest(() => {
        try {
          resolve(this.switchIfClose())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** In one turn: what is missing is copied, and the log goes over. False when too much is missing. */
  private switchIfClose(): boolean {
    const { log, source, target } = this
    const { fs } = this.options
    this.check()
    const { identity } = log
    if (source.startOffsets.get(identity) !== target.startOffsets.get(identity)) return false
    if (this.missingBytes() > LAST_STEP_BYTES_MAX || this.isRestMissing()) return false
    for (const segment of log.segments) this.copyRest(segment, this.copyOf(segment).log)
    this.forgetDropped()
    markMoved(fs, source.directory, this.name)
    log.moveTo(target.environment(), this.directory, [this.directory, source.directory])
    source.disown(log)
    target.adopt(log)
    this.hasSwitched = true
    return true
  }

  private copyRest(segment: Segment, copy: FileCopy): void {
    const length = segment.sizeBytes - copy.position
    if (length === 0) return
    const bytes = Buffer.allocUnsafe(length)
    const count = this.source.files.use(segment.log).readSync(bytes, 0, length, copy.position)
    if (count < length) throw new Error(`${segment.log.path} is shorter than it was`)
    copy.write(bytes)
  }

  /** The old files go once the new ones are safe from a power cut and the metadata says where they are. */
  private async finish(): Promise<void> {
    const { fs } = this.options
    const { log, source, target } = this
    for (const [segment, { log: copy }] of this.copies) {
      // One that was dropped has no file any more, and must not get one.
      if (copy.isDirty && this.isHeld(segment)) await copy.sync()
    }
    await fs.syncDirectory(this.directory)
    await fs.syncDirectory(source.directory)
    await Promise.race([this.options.recordPlace(), this.abandoned])
    await source.remove(log.identity)
    unmarkMoved(fs, source.directory, this.name)
    unmarkFuture(fs, target.directory, this.name)
    await fs.syncDirectory(target.directory)
  }

  /** Segments that retention or DeleteRecords took from the log meanwhile. */
  private forgetDropped(): void {
    const { fs } = this.options
    for (const [segment, copy] of this.copies) {
      if (this.isHeld(segment)) continue
      copy.log.close()
      for (const suffix of SEGMENT_SUFFIXES) {
        fs.unlinkSync(`${this.directory}/${offsetFileName(segment.baseOffset, suffix)}`)
      }
      this.copies.delete(segment)
    }
  }

  private copyOf(segment: Segment): SegmentCopy {
    const known = this.copies.get(segment)
    if (known !== undefined) return known
    const path = `${this.directory}/${offsetFileName(segment.baseOffset, LOG_SUFFIX)}`
    const copy = { log: new FileCopy(this.target.files, path), isRestCopied: false }
    this.copies.set(segment, copy)
    return copy
  }

  private missingBytes(): number {
    let missing = 0
    for (const segment of this.log.segments) {
      missing += segment.sizeBytes - (this.copies.get(segment)?.log.position ?? 0)
    }
    return missing
  }

  private isRestMissing(): boolean {
    return this.log.segments.slice(0, -1).some((segment) => this.copies.get(segment)?.isRestCopied !== true)
  }

  private isHeld(segment: Segment): boolean {
    return this.log.segments.includes(segment)
  }

  /** Lets others have their turn, and keeps below the bound. */
  private async pause(bytes: number): Promise<void> {
    const { clock } = this.options
    this.copiedBytes += bytes
    const dueMs = (this.copiedBytes / this.options.bytesPerSecondMax()) * MS_PER_SECOND
    const aheadMs = dueMs - (clock.monotonicMs() - this.startMs)
    await new Promise<void>((resolve) => {
      if (aheadMs > 1) clock.after(aheadMs, resolve)
      else clock.soon(resolve)
    })
    this.check()
  }

  private check(): void {
    if (this.isGivenUp) throw new MoveGivenUpError('it is not wanted any more')
    if (this.log.isClosed) throw new MoveGivenUpError('the log is closed')
    if (this.log.failure !== null) throw new MoveGivenUpError(`the log is offline: ${this.log.failure}`)
    if (this.to.failure !== null) throw new MoveGivenUpError(`the directory is offline: ${this.to.failure}`)
  }
}

/** First offset that is not wholly below `position`, to an index entry's exactness. */
function offsetBefore(segment: Segment, position: number): number {
  const { offsetIndex } = segment
  let low = 0
  let high = position === 0 ? 0 : offsetIndex.entries.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (offsetIndex.position(middle) <= position) low = middle + 1
    else high = middle
  }
  return low === 0 ? segment.baseOffset : offsetIndex.lastOffset(low - 1)
}
