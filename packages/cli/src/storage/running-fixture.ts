import type { Broker, StartedBroker } from '@odradek/broker'
import { type Logger, silentLogger, timestamp } from '@odradek/core'
import type { MemoryFs } from '@odradek/log'
import { Fetch, Metadata, OffsetCommit, OffsetFetch, Produce } from '@odradek/protocol'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { call } from './call-fixture.ts'
import { brokerOn } from './storage-fixture.ts'

/** A broker with the topic `orders` of two partitions, and a client of it. */
export class Running {
  readonly port: number
  readonly clusterId: string
  private readonly broker: Broker

  private constructor(broker: Broker, started: StartedBroker) {
    this.broker = broker
    this.clusterId = started.clusterId
    this.port = started.nodes[0]?.listeners[0]?.advertisedPort ?? 0
  }

  static async on(fs: MemoryFs, logger: Logger = silentLogger, dataDirectory = 'd'): Promise<Running> {
    const broker = brokerOn(fs, 'orders:2', logger, dataDirectory)
    return new Running(broker, await broker.start())
  }

  stop(): Promise<void> {
    return this.broker.stop()
  }

  async produce(partition: number): Promise<void> {
    const records = buildBatch({ records: [{ timestamp: timestamp(1n), key: null, value: Buffer.alloc(200, 7) }] })
    const topicData = [{ name: 'orders', partitionData: [{ index: partition, records }] }]
    const answer = await call(this.port, Produce, 7, { transactionalId: null, acks: -1, timeoutMs: 9000, topicData })
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
  }

  /** Offsets of the batches from `from` on, or the error. */
  async fetch(partition: number, from = 0): Promise<readonly number[] | number> {
    const offsets: number[] = []
    for (let next = from; ; ) {
      const answer = await call(this.port, Fetch, 11, {
        ...{ replicaId: -1, maxWaitMs: 0, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 0 },
        ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
        topics: [
          {
            topic: 'orders',
            partitions: [
              {
                ...{ partition, currentLeaderEpoch: -1, fetchOffset: BigInt(next) },
                ...{ logStartOffset: 0n, partitionMaxBytes: 1_000_000 },
              },
            ],
          },
        ],
      })
      const row = answer.responses[0]?.partitions[0]
      if (row === undefined || row.errorCode !== 0) return row?.errorCode ?? -1
      const bytes = row.records ?? new Uint8Array()
      if (bytes.length === 0) return offsets
      for (let at = 0; at < bytes.length; ) {
        const header = readBatchHeader(bytes, at)
        offsets.push(header.baseOffset)
        next = header.baseOffset + header.lastOffsetDelta + 1
        at += header.sizeBytes
      }
    }
  }

  /** Commits for partition 0. */
  async commit(committedOffset: number): Promise<number | undefined> {
    const { topics } = await call(this.port, OffsetCommit, 7, {
      ...{ groupId: 'readers', generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null },
      topics: [
        {
          name: 'orders',
          partitions: [
            {
              ...{ partitionIndex: 0, committedOffset: BigInt(committedOffset) },
              ...{ committedLeaderEpoch: -1, committedMetadata: null },
            },
          ],
        },
      ],
    })
    return topics[0]?.partitions[0]?.errorCode
  }

  async committed(): Promise<number> {
    const topics = [{ name: 'orders', partitionIndexes: [0] }]
    const answer = await call(this.port, OffsetFetch, 5, { groupId: 'readers', topics })
    return Number(answer.topics[0]?.partitions[0]?.committedOffset)
  }

  async leaderEpoch(partition: number): Promise<number | undefined> {
    const { topics } = await call(this.port, Metadata, 9, {
      ...{ topics: [{ name: 'orders' }], allowAutoTopicCreation: false },
      ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
    })
    return topics[0]?.partitions.find(({ partitionIndex }) => partitionIndex === partition)?.leaderEpoch
  }
}
