import type { MarkersWrittenCommand, WriteMarkersEffect } from '@odradek/coordinators'
import { type Clock, type Logger, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import type { ClusterView } from '../cluster-view.ts'
import type { Partitions } from '../services.ts'

/** How a transaction ended, as each of its partitions is told. */
export type TransactionEnd = Pick<WriteMarkersEffect, 'producerId' | 'producerEpoch' | 'committed' | 'coordinatorEpoch'>

export interface MarkerWriterOptions {
  readonly cluster: ClusterView
  readonly partitions: Partitions
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Writes the markers that end a transaction. Kafka sends them to the leaders by WriteTxnMarkers; all leaders are in this
 * process, so the logs are asked at once. An answer comes when the marker is on the device.
 */
export class MarkerWriter {
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
  async end(topicName: string, index: number, end: TransactionEnd): Promise<ErrorCode> {
    const topic = this.options.cluster.topic(topicName)
    if (topic?.partitions[index] === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const partition = this.options.partitions.find(topic, index)
    if (partition === null || partition.view.leader < 0) return ErrorCode.LEADER_NOT_AVAILABLE
    const { log, view, settings } = partition
    if (view.inSyncReplicas.length < Math.min(settings.minInsyncReplicas, view.replicas.length))
      return ErrorCode.NOT_ENOUGH_REPLICAS
    const batch = buildEndTransactionBatch({
      outcome: end.committed ? 'commit' : 'abort',
      coordinatorEpoch: end.coordinatorEpoch,
      producerId: end.producerId,
      producerEpoch: end.producerEpoch,
      timestamp: timestamp(BigInt(Math.floor(this.options.clock.wallMs()))),
    })
    return new Promise((resolve) => {
      log.append({ batch, header: readBatchHeader(batch), durability: 'flushed' }, (result) =>
        resolve(result.ok ? ErrorCode.NONE : ErrorCode[result.error]),
      )
    })
  }
}
