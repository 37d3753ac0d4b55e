import { offset, producerId, timestamp } from '@odradek/core'
import {
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  DescribeProducers,
  DescribeTopicPartitions,
  ErrorCode,
  Fetch,
  InitProducerId,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
} from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { type AccessRow, cluster, row, TOPIC, TRANSACTIONAL_ID, topic, transactional } from './access-row.ts'

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

function batch(isTransactional: boolean): Uint8Array {
  const producer = { producerId: producerId(4_000_000n), producerEpoch: 0, baseSequence: 0, isTransactional }
  return buildBatch({
    baseOffset: offset(0),
    records: [{ key: null, value: Buffer.from('x'), timestamp: timestamp(1_700_000_000_000n) }],
    ...(isTransactional ? producer : {}),
  })
}

const produceRequest = (transactionalId: string | null, isTransactional: boolean) => ({
  transactionalId,
  acks: -1,
  timeoutMs: 5000,
  topicData: [{ name: TOPIC, partitionData: [{ index: 0, records: batch(isTransactional) }] }],
})

const fetchTerms = { maxWaitMs: 0, minBytes: 0, maxBytes: 1000 }
const fetchPartition = { partition: 0, currentLeaderEpoch: -1, fetchOffset: 0n, partitionMaxBytes: 1000 }
const NEW = 'access-new'
const AUTO = 'access-auto'
const AUTO_BY_CLUSTER = 'access-auto-by-cluster'
/** A right on the cluster in place of one on the topic: what is refused is the topic. */
const clusterInstead = (operation: 'CREATE' | 'DELETE' | 'CLUSTER_ACTION') =>
  cluster(operation, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
/** What InitProducerId asks is about no topic in particular. */
const anyTopic = (name: string) => ({ ...topic('WRITE', name), refusal: ErrorCode.CLUSTER_AUTHORIZATION_FAILED })

export const dataRows: readonly AccessRow[] = [
  row(Produce, 12, produceRequest(null, false), [[topic('WRITE')]]),
  row(
    Produce,
    13,
    ({ topicId }) => ({
      transactionalId: null,
      acks: 1,
      timeoutMs: 5000,
      topicData: [{ topicId, partitionData: [{ index: 0, records: batch(false) }] }],
    }),
    [[topic('WRITE')]],
  ),
  row(Produce, 11, produceRequest(TRANSACTIONAL_ID, true), [[transactional('WRITE'), topic('WRITE')]], {
    note: 'transactional',
  }),
  row(Fetch, 12, { ...fetchTerms, replicaId: -1, topics: [{ topic: TOPIC, partitions: [fetchPartition] }] }, [
    [topic('READ')],
  ]),
  row(Fetch, 18, ({ topicId }) => ({ ...fetchTerms, topics: [{ topicId, partitions: [fetchPartition] }] }), [
    [topic('READ')],
  ]),
  row(
    Fetch,
    12,
    { ...fetchTerms, replicaId: 7, topics: [{ topic: TOPIC, partitions: [fetchPartition] }] },
    [[clusterInstead('CLUSTER_ACTION')]],
    { note: 'as a replica' },
  ),
  row(
    ListOffsets,
    9,
    { replicaId: -1, topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1n }] }] },
    [[topic('DESCRIBE')], [topic('READ')], [topic('WRITE')], [topic('DELETE')], [topic('ALTER')]],
  ),
  row(
    OffsetForLeaderEpoch,
    4,
    { replicaId: -2, topics: [{ topic: TOPIC, partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
    [[topic('DESCRIBE')], [clusterInstead('CLUSTER_ACTION')]],
  ),
  row(Metadata, 12, { topics: [{ topicId: NO_ID, name: TOPIC }] }, [[topic('DESCRIBE')]]),
  row(Metadata, 12, ({ topicId }) => ({ topics: [{ topicId, name: null }] }), [[topic('DESCRIBE')]], { note: 'by id' }),
  row(Metadata, 12, { topics: null }, [[topic('DESCRIBE')]], { note: 'of all', shows: TOPIC }),
  // Kafka begins to create and says that there is none yet; here it is there already.
  row(
    Metadata,
    12,
    { topics: [{ topicId: NO_ID, name: AUTO }], allowAutoTopicCreation: true },
    [[topic('DESCRIBE', AUTO), topic('CREATE', AUTO)]],
    { note: 'which creates', codesVary: true },
  ),
  row(
    Metadata,
    12,
    { topics: [{ topicId: NO_ID, name: AUTO_BY_CLUSTER }], allowAutoTopicCreation: true },
    [[topic('DESCRIBE', AUTO_BY_CLUSTER), clusterInstead('CREATE')]],
    { note: 'which creates, by a right on the cluster', codesVary: true },
  ),
  row(DescribeTopicPartitions, 0, { topics: [{ name: TOPIC }], responsePartitionLimit: 10 }, [[topic('DESCRIBE')]]),
  row(
    CreateTopics,
    7,
    {
      topics: [{ name: NEW, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 5000,
      validateOnly: true,
    },
    [[topic('CREATE', NEW)], [clusterInstead('CREATE')]],
  ),
  // Who may describe a topic hears that there is none, whatever else he may do.
  row(DeleteTopics, 5, { topicNames: [NEW], timeoutMs: 5000 }, [[topic('DELETE', NEW)], [clusterInstead('DELETE')]], {
    note: 'of none',
    denied: [],
  }),
  row(DeleteTopics, 5, { topicNames: [TOPIC], timeoutMs: 5000 }, [[topic('DELETE')], [clusterInstead('DELETE')]], {
    note: 'of one',
    onlyRefused: true,
  }),
  row(
    CreatePartitions,
    3,
    { topics: [{ name: TOPIC, count: 9, assignments: null }], timeoutMs: 5000, validateOnly: true },
    [[topic('ALTER')]],
  ),
  row(
    DeleteRecords,
    2,
    { topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, offset: 0n }] }], timeoutMs: 5000 },
    [[topic('DELETE')]],
  ),
  row(DescribeProducers, 0, { topics: [{ name: TOPIC, partitionIndexes: [0] }] }, [[topic('READ')]]),
  row(
    InitProducerId,
    4,
    { transactionalId: null, transactionTimeoutMs: 60_000 },
    [[cluster('IDEMPOTENT_WRITE')], [anyTopic('any-topic')]],
    { denied: [cluster('IDEMPOTENT_WRITE'), anyTopic('*')] },
  ),
]
