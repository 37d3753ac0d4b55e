import { type ClosedLog, decodeClosedLog } from './closed-logs.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { LoadedLog } from './log-loader.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { restoreProducers } from './producer-history.ts'
import { ProducerState } from './producer-state.ts'
import { newSegment, type Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'
import { Transactions } from './transactions.ts'

/**
 * A log as a clean stop described it, without opening a file: its directory must be as it was left, and each segment have
 * its size. After a crash that holds of a log that was not written to meanwhile, if all of it was on the device. Null where something else is there, or needs to be done: then its files must tell.
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
  const segments = segmentsOf(environment, directory, config, closed)
  const startOffset = Math.max(closed.facts.startOffset, environment.startOffsets.get(identity) ?? 0)
  const endOffset = segments?.at(-1)?.endOffset ?? startOffset
  if (segments === null || endOffset < startOffset || endOffset !== closed.facts.knownEnd) return null
  const recoveryPoint = environment.recoveryPoints.get(identity) ?? 0
  if (endOffset < recoveryPoint || (!wasClosedWell && endOffset > recoveryPoint)) return null
  if (segments.length === 0) segments.push(newSegment(environment, directory, endOffset, 0, config))
  const epochs = new LeaderEpochs()
  for (const { epoch, startOffset: epochStart } of closed.facts.epochs) epochs.assign(epoch, epochStart)
  epochs.truncateStart(startOffset)
  const producers = new ProducerState(config.producersMax)
  const transactions = new Transactions()
  restoreProducers(producers, transactions, closed.producers)
  transactions.seen(endOffset)
  producers.expire(environment.clock.wallMs(), config.producerIdExpirationMs)
  return {
    ...{ segments: new SegmentList(segments), epochs, areEpochsUnsaved: false, producers, transactions },
    startOffset: Math.max(startOffset, segments[0]?.baseOffset ?? 0),
    denseFrom: closed.facts.denseFrom,
    ...{ wasCut: false, areNamesUnsafe: false },
    failure: null,
    snapshotOffset: closed.snapshotOffset,
    factsChecksum: closed.factsChecksum,
  }
}

function segmentsOf(
  environment: LogEnvironment,
  directory: string,
  config: LogConfig,
  closed: ClosedLog,
): Segment[] | null {
  const segments: Segment[] = []
  let logPosition = 0
  for (const facts of closed.facts.segments) {
    const segment = newSegment(environment, directory, facts.baseOffset, logPosition, config)
    const isLast = segments.length === closed.facts.segments.length - 1
    if (environment.fs.statSync(segment.log.path)?.sizeBytes !== facts.sizeBytes) return null
    if (!segment.adopt(facts, isLast, isLast ? closed : null)) return null
    logPosition += facts.sizeBytes
    segments.push(segment)
  }
  return segments
}
