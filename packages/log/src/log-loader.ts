import { present } from '@odradek/core'
import { readBatchHeader } from '@odradek/records'
import {
  baseOffsetAt,
  hasProducerAt,
  isControlAt,
  leaderEpochAt,
  producedFieldsAt,
  recordsCountAt,
} from './batch-bytes.ts'
import { finishSwaps } from './compaction/segment-swap.ts'
import { transactionMarkerIn } from './control-marker.ts'
import {
  baseOffsetOfName,
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LEADER_EPOCHS_NAME,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  SEGMENT_SUFFIXES,
  TEMPORARY_SUFFIX,
  TIME_INDEX_SUFFIX,
} from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import { batchFactsAt } from './log-reader.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { recordProducer } from './producer-history.ts'
import { ProducerState } from './producer-state.ts'
import { readRanges, readRangesSync } from './range-reader.ts'
import { Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'
import { SegmentScan } from './segment-scan.ts'
import { errorText } from './storage-error.ts'
import { Transactions } from './transactions.ts'

/** Smaller segments are read in place at start: going to another thread and back takes longer. */
const SYNC_BYTES_MAX = 256 * 1024
/** Of files that nobody needs once the process that made them is dead. */
const LEFT_OVER_SUFFIXES = [DELETED_SUFFIX, TEMPORARY_SUFFIX, CLEANED_SUFFIX]

/** A partition's log as its files tell it. */
export interface LoadedLog {
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  /** `leader-epoch-checkpoint` does not say the same as `epochs`. */
  readonly areEpochsUnsaved: boolean
  readonly producers: ProducerState
  readonly transactions: Transactions
  readonly startOffset: number
  /** A torn tail was cut off. */
  readonly wasCut: boolean
  /** Why the log cannot be used, or null. */
  readonly failure: string | null
}

/** Reads a partition's directory: every batch's header, and every byte of what may have been half written. */
export async function loadLog(
  environment: LogEnvironment,
  directory: string,
  identity: PartitionIdentity,
  config: LogConfig,
  wasClosedWell: boolean,
): Promise<LoadedLog> {
  const loader = new LogLoader(environment, directory, identity, config, wasClosedWell)
  return loader.load()
}

export function newSegment(
  environment: LogEnvironment,
  directory: string,
  baseOffset: number,
  logPosition: number,
  config: LogConfig,
): Segment {
  const jitterMax = Math.min(config.segmentJitterMs, config.segmentMs, 4_294_967_296)
  return new Segment({
    files: environment.files,
    directory,
    baseOffset,
    createdMs: environment.clock.wallMs(),
    jitterMs: jitterMax > 0 ? environment.prng.below(jitterMax) : 0,
    logPosition,
    sealed: false,
  })
}

class LogLoader {
  private readonly environment: LogEnvironment
  private readonly directory: string
  private readonly config: LogConfig
  private readonly wasClosedWell: boolean
  private readonly identity: PartitionIdentity
  private readonly segments: Segment[] = []
  private readonly epochs: LeaderEpochs
  private readonly epochsText: string
  private readonly producers = new ProducerState()
  private readonly transactions = new Transactions()
  private readonly startCheckpoint: number
  private readonly recoveryPoint: number
  private endOffset: number
  private logPosition = 0
  private wasCut = false
  private failure: string | null = null

  constructor(
    environment: LogEnvironment,
    directory: string,
    identity: PartitionIdentity,
    config: LogConfig,
    wasClosedWell: boolean,
  ) {
    this.environment = environment
    this.directory = directory
    this.identity = identity
    this.wasClosedWell = wasClosedWell
    this.config = config
    this.startCheckpoint = environment.startOffsets.get(identity) ?? 0
    this.recoveryPoint = environment.recoveryPoints.get(identity) ?? 0
    this.endOffset = this.startCheckpoint
    const text = environment.fs.readFileSync(`${directory}/${LEADER_EPOCHS_NAME}`)
    this.epochsText = text === null ? '' : Buffer.from(text).toString()
    this.epochs = LeaderEpochs.fromText(this.epochsText) ?? new LeaderEpochs()
  }

  async load(): Promise<LoadedLog> {
    const names = this.environment.fs.readdirSync(this.directory)
    const bases = await finishSwaps(this.environment, this.directory, this.tidy(names))
    for (const [index, base] of bases.entries()) {
      if (this.failure !== null || this.wasCut) this.setAside(base)
      else await this.loadSegment(base, bases[index + 1] ?? null)
    }
    if (this.endOffset < this.recoveryPoint) this.missing()
    if (this.endOffset < this.startCheckpoint && this.failure === null) this.startOver()
    if (this.segments.length === 0) this.addSegment(this.endOffset)
    const first = present(this.segments[0], 'a first segment')
    const startOffset = Math.max(this.startCheckpoint, first.baseOffset)
    this.epochs.truncateEnd(this.endOffset)
    this.epochs.truncateStart(startOffset)
    this.transactions.seen(this.endOffset)
    this.producers.commit()
    this.producers.expire(this.environment.clock.wallMs(), this.config.producerIdExpirationMs)
    if (this.failure === null) await this.flushRecovered()
    return {
      segments: new SegmentList(this.segments),
      epochs: this.epochs,
      areEpochsUnsaved: this.epochs.toText() !== this.epochsText && !this.epochs.isEmpty,
      producers: this.producers,
      transactions: this.transactions,
      startOffset: Math.min(startOffset, this.endOffset),
      wasCut: this.wasCut,
      failure: this.failure,
    }
  }

  /** Removes what an interrupted removal or replacement left; returns the base offsets of the segments. */
  private tidy(names: readonly string[]): readonly number[] {
    const { fs } = this.environment
    const bases: number[] = []
    const all = new Set(names)
    for (const name of names) {
      const base = baseOffsetOfName(name)
      if (base !== null) bases.push(base)
      const isIndex = name.endsWith(OFFSET_INDEX_SUFFIX) || name.endsWith(TIME_INDEX_SUFFIX)
      const isOrphan = isIndex && !all.has(`${name.slice(0, name.lastIndexOf('.'))}${LOG_SUFFIX}`)
      if (isOrphan || LEFT_OVER_SUFFIXES.some((suffix) => name.endsWith(suffix))) {
        fs.unlinkSync(`${this.directory}/${name}`)
      }
    }
    return bases
  }

  private addSegment(baseOffset: number): Segment {
    const segment = newSegment(this.environment, this.directory, baseOffset, this.logPosition, this.config)
    this.segments.push(segment)
    return segment
  }

  private async loadSegment(baseOffset: number, nextBase: number | null): Promise<void> {
    const { clock, fs } = this.environment
    const segment = this.addSegment(baseOffset)
    const stat = fs.statSync(segment.log.path)
    const fileBytes = stat?.sizeBytes ?? 0
    const isDoubtful = !this.wasClosedWell && (nextBase === null || nextBase > this.recoveryPoint)
    // Producers of closed segments were last seen when the file was last changed, at the latest.
    const nowMs = clock.wallMs()
    const seenMs = nextBase === null ? nowMs : Math.min(nowMs, stat?.modifiedMs ?? nowMs)
    const scan = new SegmentScan({
      baseOffset,
      fromPosition: 0,
      sizeBytes: fileBytes,
      checksums: isDoubtful,
      wantsWhole: isControlAt,
      visit: (bytes, at) => {
        this.takeIn(segment, bytes, at, seenMs)
        return false
      },
    })
    if (fileBytes > 0) await this.run(scan, segment, fileBytes)
    segment.coldBytes = segment.sizeBytes
    segment.isDirty = isDoubtful && segment.sizeBytes > 0
    this.logPosition += segment.sizeBytes
    this.endOffset = Math.max(this.endOffset, segment.endOffset)
    if (scan.fault !== null) this.cut(segment, scan, fileBytes)
    else if (nextBase !== null && this.isAfterGap(nextBase)) this.endBeforeGap(nextBase)
    else if (nextBase !== null) segment.seal()
  }

  private async run(scan: SegmentScan, segment: Segment, fileBytes: number): Promise<void> {
    const { files, pool } = this.environment
    if (fileBytes <= SYNC_BYTES_MAX) pool.give(readRangesSync(scan, segment.log, files, pool))
    else pool.give(await readRanges(scan, segment.log, files, pool))
  }

  private takeIn(segment: Segment, bytes: Buffer, at: number, seenMs: number): void {
    const baseOffset = baseOffsetAt(bytes, at)
    segment.note(batchFactsAt(bytes, at), this.config.indexIntervalBytes)
    this.epochs.assign(leaderEpochAt(bytes, at), baseOffset)
    if (!hasProducerAt(bytes, at)) return
    const marker = isControlAt(bytes, at) ? transactionMarkerIn(bytes, at, readBatchHeader(bytes, at)) : null
    const produced = producedFieldsAt(bytes, at)
    if (produced.isControl && recordsCountAt(bytes, at) === 0) this.producers.noteEpoch(produced, seenMs)
    recordProducer(this.producers, this.transactions, produced, marker, baseOffset, seenMs)
    this.producers.commit()
  }

  /** What follows the last durable point may be torn; what is below it was promised, and is kept for somebody to look at. */
  private cut(segment: Segment, scan: SegmentScan, fileBytes: number): void {
    const { files, logger } = this.environment
    const fields = {
      file: segment.log.path,
      position: scan.position,
      bytes: fileBytes - scan.position,
      nextOffset: segment.endOffset,
      why: scan.fault,
    }
    if (segment.endOffset < this.recoveryPoint) {
      this.failure = `${segment.log.path} is damaged at position ${scan.position}, from offset ${segment.endOffset}: ${scan.fault}`
      logger.error('a partition is offline: bytes that were safely stored have changed', fields)
      return
    }
    logger.warn('cut off a torn tail', fields)
    files.use(segment.log).truncateSync(scan.position)
    segment.isDirty = true
    this.wasCut = true
  }

  /**
   * The device writes segments back in any order: of two that were not flushed, the end of the first may be gone and the
   * second there. Compaction leaves gaps too, but saves the recovery point behind them first; where there is none, nothing
   * tells one from the other (files may have been brought from elsewhere), and all is kept.
   */
  private isAfterGap(baseOffset: number): boolean {
    if (this.wasClosedWell || this.environment.recoveryPoints.get(this.identity) === null) return false
    return baseOffset > this.endOffset && baseOffset > this.recoveryPoint
  }

  private endBeforeGap(baseOffset: number): void {
    const { directory, endOffset } = this
    if (endOffset < this.recoveryPoint) {
      this.missing()
      return
    }
    this.environment.logger.warn('cut off a tail with a gap before it', { directory, endOffset, baseOffset })
    this.wasCut = true
  }

  /** Whole files or their ends are gone, although they had reached the device. */
  private missing(): void {
    if (this.failure !== null) return
    const { directory, endOffset, recoveryPoint } = this
    this.failure = `${directory} ends at offset ${endOffset}, but was safely stored up to ${recoveryPoint}`
    this.environment.logger.error('a partition is offline: records that were safely stored are missing', {
      directory,
      endOffset,
      recoveryPoint,
    })
  }

  /** A segment after a cut holds what was written after the torn bytes: it was never acknowledged as durable. */
  private setAside(baseOffset: number): void {
    if (this.failure !== null) return
    const { fs, logger } = this.environment
    logger.warn('removed a segment after a torn tail', { directory: this.directory, baseOffset })
    for (const suffix of SEGMENT_SUFFIXES) {
      const path = `${this.directory}/${offsetFileName(baseOffset, suffix)}`
      if (fs.statSync(path) !== null) fs.renameSync(path, `${path}${DELETED_SUFFIX}`)
    }
  }

  /** All that is left lies before the log's start. */
  private startOver(): void {
    this.environment.discard(this.segments.splice(0), 0)
    this.endOffset = this.startCheckpoint
  }

  /** After a crash nobody knows what the device has: what is about to be shown must be there. */
  private async flushRecovered(): Promise<void> {
    const { files, fs, recoveryPoints } = this.environment
    if (this.config.flush === 'os' || !this.segments.some((segment) => segment.isDirty)) return
    try {
      for (const segment of this.segments) {
        if (!segment.isDirty) continue
        const handle = files.pin(segment.log)
        try {
          await handle.datasync()
        } finally {
          files.unpin(segment.log)
        }
        segment.isDirty = false
      }
      await fs.syncDirectory(this.directory)
      recoveryPoints.set(this.identity, this.endOffset)
    } catch (error) {
      this.failure = `${this.directory} could not be flushed: ${errorText(error)}`
    }
  }
}
