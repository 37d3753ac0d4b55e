import type { EndMarker, MarkersWrittenCommand, WriteMarkersEffect } from '@odradek/coordinators'
import { type Clock, type Logger, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import type { ClusterView } from '../cluster-view.ts'
import type { GroupMachines } from '../groups/group-coordinators.ts'
import { OFFSETS_TOPIC } from '../groups/offsets-topic.ts'
import { hasEnoughInSync } from '../partitions/in-sync.ts'
import type { FirstSequences } from '../produce/first-sequences.ts'
import type { Partitions, TransactionMarkers } from '../services.ts'

export interface MarkerWriterOptions {
  readonly cluster: ClusterView
  readonly partitions: Partitions
  /** Offsets of a transaction count from its marker on: the machine that knows them writes it. */
  readonly groups: Pick<GroupMachines, 'endTransaction'>
  readonly firstSequences: FirstSequences
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Writes the markers that end a transaction. Kafka sends them to the leaders by WriteTxnMarkers; all leaders are in this
 * process, so the logs are asked at once. An answer comes when the marker is on the device.
 */
export class MarkerWriter implements TransactionMarkers {
  private readonly options: MarkerWriterOptions

  constructor(options: MarkerWriterOptions) {
    this.options = options
  }

  async write(effect: WriteMarkersEffect): Promise<MarkersWrittenCommand> {
    const { transactionalId, producerId, producerEpoch } = effect
    const topics = await Promise.all(
      effect.topics.map(async ({ name, partitionIndexes }) => ({
        name,
        partitions: await Promise.all(
          partitionIndexes.map(async (partitionIndex) => ({
            partitionIndex,
            errorCode: await this.end(name, partitionIndex, effect).catch((error) => this.failed(name, error)),
          })),
        ),
      })),
    )
    return { kind: 'MarkersWritten', transactionalId, producerId, producerEpoch, topics }
  }

  /** It is tried again: the transaction must not stay open for our bug's sake. */
  private failed(topic: string, error: unknown): ErrorCode {
    this.options.logger.error('a marker could not be written', { topic, error: String(error) })
    return ErrorCode.UNKNOWN_SERVER_ERROR
  }

  /** Ends the producer's transaction in one partition. */
  async end(topicName: string, index: number, end: EndMarker): Promise<ErrorCode> {
    const topic = this.options.cluster.topic(topicName)
    if (topic?.partitions[index] === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const partition = this.options.partitions.find(topic, index)
    if (partition === null || partition.view.leader < 0) return ErrorCode.LEADER_NOT_AVAILABLE
    if (topicName === OFFSETS_TOPIC) return leaderCode(await this.options.groups.endTransaction(index, end))
    const { log, view, settings } = partition
    if (!hasEnoughInSync(view, settings)) return ErrorCode.NOT_ENOUGH_REPLICAS
    const batch = buildEndTransactionBatch({
      outcome: end.committed ? 'commit' : 'abort',
      coordinatorEpoch: end.coordinatorEpoch,
      producerId: end.producerId,
      producerEpoch: end.producerEpoch,
      timestamp: timestamp(BigInt(Math.floor(this.options.clock.wallMs()))),
    })
    const { transactionVersion } = end
    this.options.firstSequences.forget(log, end.producerId)
    return new Promise((resolve) => {
      log.append({ batch, header: readBatchHeader(batch), durability: 'flushed', transactionVersion }, (result) =>
        resolve(result.ok ? ErrorCode.NONE : ErrorCode[result.error]),
      )
    })
  }
}

/** Whoever asks for a marker asks the leader of a partition, and knows of no group. */
function leaderCode(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.NOT_COORDINATOR:
      return ErrorCode.NOT_LEADER_OR_FOLLOWER
    default:
      return errorCode
  }
}
