import { isControlAt, leaderEpochAt } from './batch-bytes.ts'
import { type ClosedLog, decodeClosedLog } from './closed-logs.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { LoadedLog } from './log-loader.ts'
import { batchFactsAt } from './log-reader.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { recordStoredBatch, restoreProducers } from './producer-history.ts'
import { ProducerState } from './producer-state.ts'
import { readRangesSync } from './range-reader.ts'
import { newSegment, type Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'
import { SegmentScan } from './segment-scan.ts'
import { Transactions } from './transactions.ts'

/** What has come since is read in place; more of it is no matter of a few microseconds. */
export const TAIL_BYTES_MAX = 256 * 1024

/**
 * A log as a clean stop described it: its directory must be as it was left, and each segment have its size. After a crash
 * the last one may have grown: what is described must have been on the device then, and the rest be whole, down to the
 * last byte. Null where something else is there, or needs to be done: then its files must tell. Changes nothing on the disk.
 */
export function loadClosedLog(
  environment: LogEnvironment,
  directory: string,
  identity: PartitionIdentity,
  config: LogConfig,
  wasClosedWell: boolean,
  description: Buffer,
): LoadedLog | null {
  const closed = decodeClosedLog(description)
  if (closed === null || environment.fs.statSync(directory)?.modifiedMs !== closed.changedMs) return null
  const found = segmentsOf(environment, directory, config, closed)
  if (found === null) return null
  const { segments, tailBytes } = found
  const startOffset = Math.max(closed.facts.startOffset, environment.startOffsets.get(identity) ?? 0)
  const describedEnd = segments.at(-1)?.endOffset ?? startOffset
  if (describedEnd < startOffset || describedEnd !== closed.facts.knownEnd) return null
  const recoveryPoint = environment.recoveryPoints.get(identity) ?? 0
  if (!wasClosedWell && describedEnd > recoveryPoint) return null
  if (segments.length === 0) segments.push(newSegment(environment, directory, describedEnd, 0, config))
  const epochs = new LeaderEpochs()
  for (const { epoch, startOffset: epochStart } of closed.facts.epochs) epochs.assign(epoch, epochStart)
  const producers = new ProducerState(config.producersMax)
  const transactions = new Transactions()
  restoreProducers(producers, transactions, closed.producers)
  const log = { segments: new SegmentList(segments), epochs, producers, transactions }
  if (tailBytes > 0 && (wasClosedWell || !takeInTail(environment, log, tailBytes, config))) {
    environment.files.close(log.segments.active.log)
    return null
  }
  const { endOffset } = log.segments.active
  if (endOffset < recoveryPoint) return null
  log.segments.active.isDirty = tailBytes > 0 && endOffset > recoveryPoint
  epochs.truncateStart(startOffset)
  transactions.seen(endOffset)
  producers.expire(environment.clock.wallMs(), config.producerIdExpirationMs)
  return {
    ...log,
    startOffset: Math.max(startOffset, segments[0]?.baseOffset ?? 0),
    denseFrom: closed.facts.denseFrom,
    ...{ areEpochsUnsaved: false, wasCut: false, areNamesUnsafe: false },
    failure: null,
    snapshotOffset: closed.snapshotOffset,
    factsChecksum: closed.factsChecksum,
  }
}

/** The segments as they are described, and how much longer the file of the last one is. */
function segmentsOf(
  environment: LogEnvironment,
  directory: string,
  config: LogConfig,
  closed: ClosedLog,
): { readonly segments: Segment[]; readonly tailBytes: number } | null {
  const segments: Segment[] = []
  let logPosition = 0
  let tailBytes = 0
  for (const facts of closed.facts.segments) {
    const segment = newSegment(environment, directory, facts.baseOffset, logPosition, config)
    const isLast = segments.length === closed.facts.segments.length - 1
    tailBytes = (environment.fs.statSync(segment.log.path)?.sizeBytes ?? 0) - facts.sizeBytes
    if (isLast ? tailBytes < 0 || tailBytes > TAIL_BYTES_MAX : tailBytes !== 0) return null
    if (!segment.adopt(facts, isLast, isLast ? closed : null)) return null
    logPosition += facts.sizeBytes
    segments.push(segment)
  }
  return { segments, tailBytes }
}

/** False where there is more to it than whole batches, one after the other, of the epoch that was the last one. */
function takeInTail(
  { clock, files, pool }: LogEnvironment,
  log: Pick<LoadedLog, 'segments' | 'epochs' | 'producers' | 'transactions'>,
  tailBytes: number,
  config: LogConfig,
): boolean {
  const { active } = log.segments
  const { latestEpoch } = log.epochs
  const seenMs = clock.wallMs()
  const scan = new SegmentScan({
    baseOffset: active.baseOffset,
    fromPosition: active.sizeBytes,
    fromOffset: active.endOffset,
    sizeBytes: active.sizeBytes + tailBytes,
    checksums: true,
    denseFrom: active.endOffset,
    epochFault: (bytes, at) => (leaderEpochAt(bytes, at) === latestEpoch ? null : 'another leader epoch'),
    wantsWhole: isControlAt,
    visit: (bytes, at) => {
      active.note(batchFactsAt(bytes, at), config.indexIntervalBytes)
      recordStoredBatch(log.producers, log.transactions, bytes, at, seenMs)
      return false
    },
  })
  pool.give(readRangesSync(scan, active.log, files, pool))
  active.coldBytes = active.sizeBytes
  return scan.fault === null && log.transactions.takeAborted().length === 0
}
