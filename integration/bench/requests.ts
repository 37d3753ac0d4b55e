import { type Offset, timestamp } from '@odradek/core'
import { CreateTopics, Fetch, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { frameOf } from './frame-of.ts'

const PRODUCE_VERSION = 7
const FETCH_VERSION = 11
const CREATE_TOPICS_VERSION = 4
const RECORD_BYTES = 1000
const CLIENT_ID = 'bench'

/** One batch of records of 1,000 bytes (or one smaller record) whose size is about `bytes`. */
export function batchOf(bytes: number): Uint8Array {
  const recordBytes = Math.min(RECORD_BYTES, bytes)
  const now = timestamp(BigInt(Date.now()))
  const records = Array.from({ length: Math.max(1, Math.floor(bytes / recordBytes)) }, (_, index) => ({
    timestamp: now,
    key: null,
    value: Buffer.alloc(Math.max(1, recordBytes - 70 * Number(index === 0)), index & 0xff),
    headers: [],
  }))
  return buildBatch({ records })
}

export function produceFrame(topic: string, partition: number, batch: Uint8Array, acks: number): Uint8Array {
  return frameOf(CLIENT_ID, Produce, PRODUCE_VERSION, {
    transactionalId: null,
    acks,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records: batch }] }],
  })
}

/** A sessionless fetch of up to `bytes` from `offset` on, which waits for the first of them. */
export function fetchFrame(topic: string, partition: number, offset: Offset, bytes: number, maxWaitMs = 0): Uint8Array {
  return frameOf(CLIENT_ID, Fetch, FETCH_VERSION, {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: bytes,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        partitions: [
          {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset: BigInt(offset),
            logStartOffset: -1n,
            partitionMaxBytes: bytes,
          },
        ],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  })
}

export function createTopicFrame(name: string, numPartitions: number): Uint8Array {
  return frameOf(CLIENT_ID, CreateTopics, CREATE_TOPICS_VERSION, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'max.message.bytes', value: '16777216' }],
      },
    ],
    timeoutMs: 30_000,
    validateOnly: false,
  })
}

/** ApiVersions 0, correlation id 1, client id "c": the first question of any client. */
export const API_VERSIONS_FRAME: Uint8Array = Buffer.from('0000000b0012000000000001000163', 'hex')
