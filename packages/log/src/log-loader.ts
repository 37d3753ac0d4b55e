import { present } from '@odradek/core'
import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isControlAt, lastOffsetAt, leaderEpochAt } from './batch-bytes.ts'
import { type BatchOrder, epochFault } from './batch-order.ts'
import { finishSwaps } from './compaction/segment-swap.ts'
import {
  DELETED_SUFFIX,
  LEADER_EPOCHS_NAME,
  LOG_FACTS_NAME,
  offsetFileName,
  SEGMENT_SUFFIXES,
  snapshotOffsetOfName,
  TRANSACTION_INDEX_SUFFIX,
} from './file-names.ts'
import { nextBatch } from './inspection/batch-search.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { SegmentFacts } from './log-facts.ts'
import { batchFactsAt } from './log-reader.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { recordStoredBatch, restoreProducers } from './producer-history.ts'
import { ProducerState } from './producer-state.ts'
import { readRanges, readRangesSync } from './range-reader.ts'
import { repairHint } from './repair-hint.ts'
import { newSegment, type Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'
import { SegmentScan } from './segment-scan.ts'
import { chooseSnapshot, type FoundSegment, findSegment, removeLeftOvers, tidySnapshots } from './start-choice.ts'
import { dropFacts, readFacts, saveFacts } from './start-files.ts'
import { Transactions } from './transactions.ts'

/** Smaller segments are read in place at start: going to another thread and back takes longer. */
const SYNC_BYTES_MAX = 256 * 1024
/** A partition's log as its files tell it. */
export interface LoadedLog {
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  /** `leader-epoch-checkpoint` does not say the same as `epochs`. */
  readonly areEpochsUnsaved: boolean
  readonly producers: ProducerState
  readonly transactions: Transactions
  readonly startOffset: number
  /** See BatchOrder. */
  readonly denseFrom: number
  /** A torn tail was cut off. */
  readonly wasCut: boolean
  /** What has come and gone in its directory may not be on the device. */
  readonly areNamesUnsafe: boolean
  /** Why the log cannot be used, or null. */
  readonly failure: string | null
  /** See LogState. */
  readonly snapshotOffset: number
  readonly factsChecksum: number | null
}

/**
 * Reads a partition's directory: the small files, the batch headers of what they do not tell (or tell wrongly), and every
 * byte of what may have been half written.
 */
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

const UNTOLD = { denseFrom: Number.POSITIVE_INFINITY, epochs: new LeaderEpochs(), knownEnd: 0 }

class LogLoader {
  private readonly environment: LogEnvironment
  private readonly directory: string
  private readonly config: LogConfig
  private readonly wasClosedWell: boolean
  private readonly identity: PartitionIdentity
  /** All that have a file. */
  private readonly found: FoundSegment[] = []
  private readonly segments: Segment[] = []
  /** Of all files, as they were found. */
  private names: ReadonlySet<string> = new Set()
  private epochs = new LeaderEpochs()
  private epochsText = ''
  private readonly producers: ProducerState
  private readonly transactions = new Transactions()
  private startCheckpoint: number
  private readonly recoveryPoint: number
  private endOffset: number
  private logPosition = 0
  private snapshotOffset = 0
  /** What the facts say of the order of batches; nothing without them. */
  private told: BatchOrder & { readonly knownEnd: number } = UNTOLD
  /** The same, as far as the batches that were read tell. */
  private denseFrom = 0
  /** Of the batch that was read last. */
  private lastEpoch = -1
  /** Segments that the facts tell of. */
  private factsCount = 0
  /** Up to where the small files tell of records. */
  private toldOffset = 0
  private factsChecksum: number | null = null
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
    this.producers = new ProducerState(config.producersMax)
    this.startCheckpoint = environment.startOffsets.get(identity) ?? 0
    this.recoveryPoint = environment.recoveryPoints.get(identity) ?? 0
    this.endOffset = this.startCheckpoint
  }

  async load(): Promise<LoadedLog> {
    const names = this.environment.fs.readdirSync(this.directory)
    this.names = new Set(names)
    this.takeEpochs()
    const bases = await finishSwaps(
      this.environment,
      this.directory,
      names,
      removeLeftOvers(this.environment.fs, this.directory, names),
    )
    const facts = this.takeFacts()
    for (const [index, base] of bases.entries()) {
      this.found.push(this.find(base, bases[index + 1] ?? null, facts.get(base)))
    }
    const snapshots = names.map(snapshotOffsetOfName).filter((offset) => offset !== null)
    const readFrom = this.restoreProducers(snapshots)
    this.findBeginning()
    for (const [index, found] of this.found.entries()) {
      if (this.failure !== null || this.wasCut) this.setAside(found.segment.baseOffset)
      else if (index < readFrom) this.trust(found)
      else await this.read(found)
    }
    if (this.endOffset < this.recoveryPoint) this.missing()
    const lastEnd = this.segments.at(-1)?.endOffset ?? this.startCheckpoint
    if (lastEnd < this.startCheckpoint && this.failure === null) this.startOver()
    if (this.segments.length === 0) this.segments.push(this.newSegment(this.endOffset))
    const first = present(this.segments[0], 'a first segment')
    const startOffset = Math.max(this.startCheckpoint, first.baseOffset)
    this.epochs.truncateEnd(this.endOffset)
    this.epochs.truncateStart(startOffset)
    this.transactions.seen(this.endOffset)
    this.producers.commit()
    this.producers.expire(this.environment.clock.wallMs(), this.config.producerIdExpirationMs)
    if (this.failure === null) this.tidyStartFiles(snapshots)
    const loaded = {
      segments: new SegmentList(this.segments),
      epochs: this.epochs,
      areEpochsUnsaved: this.epochs.toText() !== this.epochsText && !this.epochs.isEmpty,
      producers: this.producers,
      transactions: this.transactions,
      startOffset: Math.min(startOffset, this.endOffset),
      wasCut: this.wasCut,
      areNamesUnsafe: this.areNamesUnsafe(),
      failure: this.failure,
      directory: this.directory,
      snapshotOffset: this.snapshotOffset,
      factsChecksum: this.factsChecksum,
      denseFrom: this.denseFrom,
      writtenOffset: this.endOffset,
    }
    // So that the next start need not read the closed ones again.
    const isNews = this.found.some(({ isTrusted, nextBase }) => !isTrusted && nextBase !== null)
    if (isNews && this.failure === null) saveFacts(this.environment, loaded, false)
    return loaded
  }

  private takeEpochs(): void {
    // A file that is not there costs more to ask for than one that is.
    if (!this.names.has(LEADER_EPOCHS_NAME)) return
    const text = this.environment.fs.readFileSync(`${this.directory}/${LEADER_EPOCHS_NAME}`)
    this.epochsText = text === null ? '' : Buffer.from(text).toString()
    this.epochs = LeaderEpochs.fromText(this.epochsText) ?? new LeaderEpochs()
  }

  private newSegment(baseOffset: number): Segment {
    return newSegment(this.environment, this.directory, baseOffset, this.logPosition, this.config)
  }

  /** What the process before this one has left for a start; with it come the epochs of the segments that are not read. */
  private takeFacts(): ReadonlyMap<number, SegmentFacts> {
    const read = this.names.has(LOG_FACTS_NAME) ? readFacts(this.environment, this.directory) : null
    if (read === null) return new Map()
    this.factsChecksum = read.checksum
    this.startCheckpoint = Math.max(this.startCheckpoint, read.facts.startOffset)
    this.endOffset = this.startCheckpoint
    const { denseFrom, knownEnd, segments } = read.facts
    // The checkpoint has no checksum, and may be an older one, after a power cut; or have epochs of which no batch tells.
    const later = this.epochs.starts.filter(({ startOffset }) => startOffset >= knownEnd)
    this.epochs = new LeaderEpochs()
    const epochs = new LeaderEpochs()
    for (const { epoch, startOffset } of read.facts.epochs) epochs.assign(epoch, startOffset)
    for (const { epoch, startOffset } of [...read.facts.epochs, ...later]) this.epochs.assign(epoch, startOffset)
    this.told = { denseFrom, epochs, knownEnd }
    this.denseFrom = denseFrom
    this.factsCount = segments.length
    this.toldOffset = Math.max(knownEnd, ...segments.map(({ endOffset }) => endOffset))
    return new Map(segments.map((facts) => [facts.baseOffset, facts]))
  }

  private find(baseOffset: number, nextBase: number | null, facts: SegmentFacts | undefined): FoundSegment {
    const isDoubtful = !this.wasClosedWell && (nextBase === null || nextBase > this.recoveryPoint)
    const found = findSegment(this.environment.fs, this.newSegment(baseOffset), nextBase, isDoubtful, facts)
    this.logPosition += found.fileBytes
    return found
  }

  /** Returns the index of the first segment that must be read. */
  private restoreProducers(snapshots: readonly number[]): number {
    const { directory, environment, found, startCheckpoint } = this
    const start = chooseSnapshot(environment, directory, found, snapshots, startCheckpoint)
    this.snapshotOffset = start.snapshotOffset
    restoreProducers(this.producers, this.transactions, start.producers)
    return start.readFrom
  }

  private trust({ segment, nextBase }: FoundSegment): void {
    this.segments.push(segment)
    this.endOffset = Math.max(this.endOffset, segment.endOffset)
    if (nextBase !== null && nextBase > this.endOffset && this.endOffset >= this.told.denseFrom) this.missing(nextBase)
  }

  private async read({ segment, nextBase, fileBytes, modifiedMs, isDoubtful }: FoundSegment): Promise<void> {
    this.segments.push(segment)
    segment.forget()
    segment.transactionIndex.reset(this.names.has(offsetFileName(segment.baseOffset, TRANSACTION_INDEX_SUFFIX)))
    // Producers of closed segments were last seen when the file was last changed, at the latest.
    const nowMs = this.environment.clock.wallMs()
    const seenMs = nextBase === null ? nowMs : Math.min(nowMs, modifiedMs ?? nowMs)
    const scan = new SegmentScan({
      baseOffset: segment.baseOffset,
      fromPosition: 0,
      sizeBytes: fileBytes,
      checksums: isDoubtful,
      denseFrom: this.told.denseFrom,
      epochFault: (bytes, at) => this.epochFault(bytes, at),
      ...(nextBase === null ? {} : { offsetMax: nextBase }),
      wantsWhole: isControlAt,
      visit: (bytes, at) => {
        this.takeIn(segment, bytes, at, seenMs)
        return false
      },
    })
    if (fileBytes > 0) await this.run(scan, segment, fileBytes)
    segment.coldBytes = segment.sizeBytes
    segment.isDirty = isDoubtful && segment.sizeBytes > 0 && segment.endOffset > this.recoveryPoint
    this.endOffset = Math.max(this.endOffset, segment.endOffset)
    if (scan.fault !== null) await this.cut(segment, scan, fileBytes)
    else if (nextBase !== null && this.isAfterGap(nextBase)) this.endBeforeGap(nextBase)
    else if (nextBase !== null) this.seal(segment, nextBase)
    else segment.transactionIndex.save()
  }

  private seal(segment: Segment, nextBase: number): void {
    segment.seal()
    if (nextBase > segment.endOffset) this.denseFrom = Math.max(this.denseFrom, nextBase)
  }

  private async run(scan: SegmentScan, segment: Segment, fileBytes: number): Promise<void> {
    const { files, pool } = this.environment
    if (fileBytes <= SYNC_BYTES_MAX) pool.give(readRangesSync(scan, segment.log, files, pool))
    else pool.give(await readRanges(scan, segment.log, files, pool))
  }

  /** What was flushed, and is known with a checksum, must be so; what came later may at least not fall. */
  private epochFault(bytes: Buffer, at: number): string | null {
    const { recoveryPoint, told } = this
    if (lastOffsetAt(bytes, at) < Math.min(recoveryPoint, told.knownEnd)) return epochFault(bytes, at, told)
    const epoch = leaderEpochAt(bytes, at)
    return epoch < this.lastEpoch ? `leader epoch ${epoch} after ${this.lastEpoch}` : null
  }

  /** From where on the batches are in order, as far as they tell themselves. */
  private noteOrder(segment: Segment, bytes: Buffer, at: number): void {
    const baseOffset = baseOffsetAt(bytes, at)
    const lastOffset = lastOffsetAt(bytes, at)
    const epoch = leaderEpochAt(bytes, at)
    if (baseOffset > segment.endOffset) this.denseFrom = Math.max(this.denseFrom, baseOffset)
    // By the first offset: an older file may have the epoch begin in the middle of this batch.
    if (!this.epochs.assign(epoch, baseOffset) && this.epochs.epochAt(baseOffset) < epoch) {
      this.epochs.correct(epoch, baseOffset)
    }
    if (this.epochs.epochAt(lastOffset) !== epoch) this.denseFrom = Math.max(this.denseFrom, lastOffset + 1)
    this.lastEpoch = epoch
  }

  private takeIn(segment: Segment, bytes: Buffer, at: number, seenMs: number): void {
    this.noteOrder(segment, bytes, at)
    segment.note(batchFactsAt(bytes, at), this.config.indexIntervalBytes)
    recordStoredBatch(this.producers, this.transactions, bytes, at, seenMs)
    for (const entry of this.transactions.takeAborted()) segment.transactionIndex.append(entry)
  }

  /**
   * What follows the last durable point may be torn, or may have reached the device before what was written earlier: it is
   * cut at the first batch that is not whole, as Kafka does, although good ones may follow. Those were promised to nobody
   * who was promised the bad one too, since a flush covers all before it. Where every batch was flushed before the next was
   * written, though, a later one proves that the bad one was once whole on the device. That, and what is below the durable
   * point, is damage: it stays for somebody to look at.
   */
  private async cut(segment: Segment, scan: SegmentScan, fileBytes: number): Promise<void> {
    const { files, logger } = this.environment
    const { endOffset } = segment
    const isBelow = await this.isBelowRecoveryPoint(segment, scan)
    const later = isBelow ? this.recoveryPoint : this.laterBatch(segment, scan, fileBytes)
    const fields = {
      ...{ file: segment.log.path, position: scan.position, bytes: fileBytes - scan.position },
      ...{ nextOffset: endOffset, why: scan.fault },
    }
    if (later !== null) {
      const where = `${segment.log.path} is damaged at position ${scan.position}, offsets ${endOffset} to ${later - 1}`
      this.failure = `${where} at the most: ${scan.fault}; ${repairHint(this.directory)}`
      logger.error('a partition is offline: bytes that were safely stored have changed', {
        ...fields,
        remedy: repairHint(this.directory),
      })
      return
    }
    logger.warn('cut off a torn tail', fields)
    files.use(segment.log).truncateSync(scan.position)
    segment.isDirty = true
    this.wasCut = true
  }

  /**
   * Where only headers were looked at, the last one before the fault may be what is wrong, and say too large an offset, or
   * a size that ends too soon.
   */
  private async isBelowRecoveryPoint(segment: Segment, scan: SegmentScan): Promise<boolean> {
    const { recoveryPoint } = this
    const { faultyOffset, hasChecksums } = scan
    if (segment.endOffset < recoveryPoint) return true
    if (hasChecksums || recoveryPoint === 0) return false
    if (faultyOffset !== null && faultyOffset < recoveryPoint) return true
    return segment.endOffset === recoveryPoint && !(await this.isIntactUpTo(segment, scan.position))
  }

  private async isIntactUpTo(segment: Segment, sizeBytes: number): Promise<boolean> {
    const { baseOffset } = segment
    const nothing = { wantsWhole: () => false, visit: () => false } as const
    const scan = new SegmentScan({ baseOffset, fromPosition: 0, sizeBytes, checksums: true, ...nothing })
    if (sizeBytes > 0) await this.run(scan, segment, sizeBytes)
    return scan.fault === null
  }

  /**
   * The device writes segments back in any order: of two that were not flushed, the end of the first may be gone and the
   * second there. Compaction leaves gaps too, but saves the recovery point behind them first; where there is none, nothing
   * tells one from the other (files may have been brought from elsewhere), and all that is there is kept.
   */
  private isAfterGap(baseOffset: number): boolean {
    if (baseOffset <= this.endOffset) return false
    if (this.endOffset >= this.told.denseFrom) return true
    if (this.wasClosedWell || baseOffset <= this.recoveryPoint) return false
    return this.environment.recoveryPoints.get(this.identity) !== null || this.isNothingFrom(baseOffset)
  }

  /** Whether no batch is whole in the segments from `baseOffset` on. */
  private isNothingFrom(baseOffset: number): boolean {
    return this.found.every(({ segment, fileBytes }) => {
      if (segment.baseOffset < baseOffset || fileBytes === 0) return true
      const handle = this.environment.files.use(segment.log)
      const bounds = { offsetMin: segment.baseOffset, offsetMax: Number.MAX_SAFE_INTEGER }
      return nextBatch({ handle, position: 0, fileBytes, ...bounds }) >= fileBytes
    })
  }

  /**
   * The names of the first segments may be gone, too, with all that was in them. Where the device is flushed, what is below
   * the recovery point tells that from segments that retention has taken: their log's start reached the device before.
   */
  private findBeginning(): void {
    const base = this.found[0]?.segment.baseOffset ?? 0
    const isFlushed = this.config.flush === 'device' && !this.wasClosedWell
    if (!isFlushed || this.environment.recoveryPoints.get(this.identity) === null) return
    if (base > this.endOffset && base > this.recoveryPoint) this.endBeforeGap(base)
  }

  private endBeforeGap(baseOffset: number): void {
    const { directory, endOffset } = this
    if (endOffset < this.recoveryPoint || this.wasClosedWell) {
      this.missing(baseOffset)
      return
    }
    this.environment.logger.warn('cut off a tail with a gap before it', { directory, endOffset, baseOffset })
    this.wasCut = true
  }

  /** Offset of a whole batch after the fault, where that tells something. */
  private laterBatch(segment: Segment, scan: SegmentScan, fileBytes: number): number | null {
    if (this.config.isEachBatchFlushed !== true) return null
    const next = this.found.find((each) => each.segment.baseOffset > segment.baseOffset && each.fileBytes > 0)
    if (next !== undefined) return next.segment.baseOffset
    const handle = this.environment.files.use(segment.log)
    const { position } = scan
    const search = { handle, position, fileBytes, offsetMin: segment.endOffset, offsetMax: Number.MAX_SAFE_INTEGER }
    const found = nextBatch(search)
    const header = Buffer.alloc(BATCH_HEADER_BYTES)
    if (found >= fileBytes) return null
    handle.readSync(header, 0, BATCH_HEADER_BYTES, found)
    return baseOffsetAt(header, 0)
  }

  /** Whole files or their ends are gone, although they had reached the device. */
  private missing(nextOffset: number | null = null): void {
    if (this.failure !== null) return
    const { directory, endOffset, recoveryPoint } = this
    const what =
      nextOffset === null
        ? `ends at offset ${endOffset}, but was safely stored up to ${recoveryPoint}`
        : `has no segment of offsets ${endOffset} to ${nextOffset - 1}, which were written`
    this.failure = `${directory} ${what}; ${repairHint(directory)}`
    this.environment.logger.error('a partition is offline: records that were safely stored are missing', {
      ...{ directory, endOffset, recoveryPoint, nextOffset },
      remedy: repairHint(directory),
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

  /** What may not stay: a power cut could bring it back when other records have come where it tells of some. */
  private tidyStartFiles(snapshots: readonly number[]): void {
    const { directory, endOffset, environment, found } = this
    this.toldOffset = Math.max(this.toldOffset, snapshots.at(-1) ?? 0)
    tidySnapshots(environment.fs, directory, snapshots, { segments: this.segments, endOffset })
    const isTrue = found.filter(({ isTold }) => isTold).length === this.factsCount && this.told.knownEnd <= endOffset
    if (this.factsChecksum === null || (isTrue && !this.wasCut)) return
    dropFacts(environment, directory)
    this.factsChecksum = null
  }

  /** Names of segments that begin below the recovery point went to the device before it was set. */
  private areNamesUnsafe(): boolean {
    const { recoveryPoint, segments } = this
    const isNew = segments.some(({ baseOffset, isDirty }) => isDirty && baseOffset >= recoveryPoint)
    return isNew || this.wasCut || this.toldOffset > this.endOffset
  }
}
