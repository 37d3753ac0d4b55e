import type { Fs } from '@odradek/core'
import { lastOffsetAt } from '../batch-bytes.ts'
import { type BatchOrder, epochFault } from '../batch-order.ts'
import {
  baseOffsetOfName,
  LEADER_EPOCHS_NAME,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  TIME_INDEX_SUFFIX,
} from '../file-names.ts'
import { LeaderEpochs } from '../leader-epochs.ts'
import { readFacts } from '../start-files.ts'
import type { Finding } from './finding.ts'
import { type IndexCheck, offsetIndexCheck, timeIndexCheck } from './index-check.ts'
import { damagedCheckpoints, leftOvers, transactionFiles } from './partition-files.ts'
import { type BadRange, type BatchPlace, type InspectedSegment, inspectSegment } from './segment-inspection.ts'

/** What is known of a partition before its files are read. */
export interface PartitionToInspect {
  readonly directory: string
  readonly recoveryPoint: number
  readonly startOffset: number
  /** The last process closed every log. */
  readonly wasClosedWell: boolean
}

export interface PartitionReport {
  readonly directory: string
  readonly segments: readonly InspectedSegment[]
  readonly batches: number
  readonly startOffset: number
  /** Offset after the last good batch. */
  readonly endOffset: number
  /** The highest that a batch has; -1 without batches. */
  readonly leaderEpoch: number
  readonly findings: readonly Finding[]
}

/** Reads all files of a partition that nobody has open, and changes none. @throws what the file system throws. */
export function inspectPartition(fs: Fs, partition: PartitionToInspect): PartitionReport {
  return new PartitionInspection(fs, partition).run()
}

class PartitionInspection {
  private readonly fs: Fs
  private readonly partition: PartitionToInspect
  private readonly findings: Finding[] = []
  private readonly segments: InspectedSegment[] = []
  private readonly epochsPath: string
  private readonly epochs: LeaderEpochs | null
  /** What the last process knew of the order of batches, with a checksum. */
  private readonly told: BatchOrder & { readonly knownEnd: number }
  private batches = 0
  private epoch = -1
  private epochFault: string | null = null
  private endOffset = 0
  /** A start cuts here, and what comes after has no promise either. */
  private isCut = false

  constructor(fs: Fs, partition: PartitionToInspect) {
    this.fs = fs
    this.partition = partition
    this.epochsPath = `${partition.directory}/${LEADER_EPOCHS_NAME}`
    const text = fs.readFileSync(this.epochsPath)
    this.epochs = text === null ? null : LeaderEpochs.fromText(Buffer.from(text).toString())
    if (text !== null && this.epochs === null) this.epochFault = 'it is no checkpoint'
    this.told = toldOrder(fs, partition.directory)
  }

  run(): PartitionReport {
    const { fs, partition } = this
    const { directory, startOffset } = partition
    const bases = fs.readdirSync(directory).flatMap((name) => baseOffsetOfName(name) ?? [])
    for (const [index, base] of bases.entries()) this.segment(base, bases[index + 1] ?? null)
    this.end(bases[0] ?? 0)
    this.findings.push(...damagedCheckpoints(fs, directory), ...leftOvers(fs, directory))
    return {
      directory,
      segments: this.segments,
      batches: this.batches,
      startOffset: Math.max(startOffset, bases[0] ?? 0),
      endOffset: this.endOffset,
      leaderEpoch: Math.max(this.epoch, this.epochs?.latestEpoch ?? -1),
      findings: this.findings,
    }
  }

  private segment(baseOffset: number, nextBase: number | null): void {
    const { fs, partition, findings } = this
    const { directory, wasClosedWell } = partition
    const isFileTrue = nextBase !== null || wasClosedWell
    const checks = isFileTrue ? this.indexChecks(baseOffset, nextBase !== null) : []
    const markers = transactionFiles(fs, directory, baseOffset)
    const { denseFrom } = this.told
    const order = { denseFrom, epochFault: (bytes: Buffer, at: number) => this.faultOfEpoch(bytes, at) }
    const inspected = inspectSegment(fs, { directory, baseOffset, nextBase, ...order }, (batch) => {
      this.batches++
      this.seeEpoch(batch)
      for (const { check } of checks) check.see(batch)
    })
    if (baseOffset < this.endOffset) {
      this.note(
        'order',
        inspected.path,
        `begins at offset ${baseOffset}, but the one before it ends at ${this.endOffset}`,
      )
    }
    this.noteGap(baseOffset)
    this.endOffset = Math.max(this.endOffset, inspected.endOffset)
    this.segments.push(inspected)
    for (const range of inspected.bad) this.badRange(inspected, range, nextBase)
    // What an index says of bytes that are to be cut or skipped is no news.
    if (inspected.bad.length > 0) return
    for (const { path, check } of checks) {
      const fault = check.end()
      if (fault !== null) this.note('derived-file', path, fault)
    }
    findings.push(...markers)
  }

  /** A whole segment is gone, or its end, from between others. */
  private noteGap(baseOffset: number): void {
    const { directory } = this.partition
    const { endOffset, segments, told } = this
    const before = segments.at(-1)
    // Bad bytes at the end have been told already.
    const isTold = before?.bad.at(-1)?.toOffset === null
    if (before === undefined || isTold || baseOffset <= endOffset || endOffset < told.denseFrom) return
    this.findings.push({
      kind: 'missing-records',
      ...{ file: directory, fromOffset: endOffset, toOffset: baseOffset, isBelowRecoveryPoint: true },
      what: `no segment has offsets ${endOffset} to ${baseOffset - 1}`,
    })
  }

  private faultOfEpoch(bytes: Buffer, at: number): string | null {
    const { recoveryPoint, wasClosedWell } = this.partition
    const { told } = this
    const knownEnd = wasClosedWell ? told.knownEnd : Math.min(told.knownEnd, recoveryPoint)
    return lastOffsetAt(bytes, at) < knownEnd ? epochFault(bytes, at, told) : null
  }

  private indexChecks(baseOffset: number, isSealed: boolean): { path: string; check: IndexCheck }[] {
    const found: { path: string; check: IndexCheck }[] = []
    for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX]) {
      const path = `${this.partition.directory}/${offsetFileName(baseOffset, suffix)}`
      const bytes = this.fs.readFileSync(path)
      if (bytes === null) continue
      const content = Buffer.from(bytes)
      const check =
        suffix === OFFSET_INDEX_SUFFIX
          ? offsetIndexCheck(content, baseOffset)
          : timeIndexCheck(content, baseOffset, isSealed)
      found.push({ path, check })
    }
    return found
  }

  private badRange({ path, endOffset }: InspectedSegment, range: BadRange, nextBase: number | null): void {
    const { recoveryPoint, wasClosedWell } = this.partition
    const { position, sizeBytes, fromOffset, why } = range
    const toOffset = range.toOffset ?? nextBase
    const isBelowRecoveryPoint = fromOffset < recoveryPoint
    const where = { file: path, position, sizeBytes, fromOffset, toOffset, isBelowRecoveryPoint }
    if (range.isIntact) this.findings.push({ kind: 'unreadable-records', ...where, what: why })
    else if (isBelowRecoveryPoint || wasClosedWell) this.findings.push({ kind: 'damaged-bytes', ...where, what: why })
    else {
      const goesOn = endOffset > fromOffset || nextBase !== null
      const lost = goesOn ? '; good batches follow, which the next start cuts off too' : ''
      this.findings.push({ kind: 'torn-tail', ...where, what: `${why}${lost}` })
      this.isCut = true
    }
  }

  private seeEpoch({ baseOffset, leaderEpoch }: BatchPlace): void {
    if (leaderEpoch < this.epoch) this.epochFault ??= `epoch ${leaderEpoch} at offset ${baseOffset} after ${this.epoch}`
    this.epoch = Math.max(this.epoch, leaderEpoch)
    if (this.epochs === null || baseOffset < this.partition.startOffset) return
    const said = this.epochs.epochAt(baseOffset)
    if (said !== leaderEpoch && this.partition.wasClosedWell) {
      this.epochFault ??= `offset ${baseOffset} is of epoch ${leaderEpoch}, not ${said}`
    }
  }

  private end(firstBase: number): void {
    const { directory, recoveryPoint, startOffset } = this.partition
    if (this.epochFault !== null) this.note('derived-file', this.epochsPath, this.epochFault)
    const endOffset = Math.max(this.endOffset, startOffset, firstBase)
    if (endOffset >= recoveryPoint || this.isCut) return
    // Bad bytes at the end have been told already.
    if (this.findings.some(({ kind, toOffset }) => kind === 'damaged-bytes' && toOffset === null)) return
    this.findings.push({
      kind: 'missing-records',
      ...{ file: directory, fromOffset: endOffset, toOffset: null, isBelowRecoveryPoint: true },
      what: `the log ends at offset ${endOffset}, but was safely stored up to ${recoveryPoint}`,
    })
  }

  private note(kind: Finding['kind'], file: string, what: string): void {
    this.findings.push({ kind, file, what })
  }
}

function toldOrder(fs: Fs, directory: string): BatchOrder & { readonly knownEnd: number } {
  const read = readFacts({ fs }, directory)
  const epochs = new LeaderEpochs()
  for (const { epoch, startOffset } of read?.facts.epochs ?? []) epochs.assign(epoch, startOffset)
  const { denseFrom = Number.POSITIVE_INFINITY, knownEnd = 0 } = read?.facts ?? {}
  return { denseFrom, epochs, knownEnd }
}
