import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DeleteGroups,
  DescribeGroups,
  DescribeTransactions,
  EndTxn,
  FindCoordinator,
  Heartbeat,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  ListTransactions,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  SyncGroup,
  TxnOffsetCommit,
  WriteTxnMarkers,
} from '@odradek/protocol'
import {
  type AccessRow,
  cluster,
  GROUP,
  group,
  row,
  TOPIC,
  TRANSACTIONAL_ID,
  topic,
  transactional,
} from './access-row.ts'

const EMPTY = 'access-deleted-group'
const JOINED = 'access-joined-group'
const OTHER_ID = 'access-other-id'
const member = { groupId: GROUP, generationId: 1, memberId: 'm' }
const producer = { producerId: 4_000_000n, producerEpoch: 0 }
const offsets = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }] }]

export const groupRows: readonly AccessRow[] = [
  row(OffsetCommit, 9, { groupId: GROUP, generationIdOrMemberEpoch: -1, topics: offsets }, [
    [group('READ'), topic('READ')],
  ]),
  row(OffsetFetch, 9, { groups: [{ groupId: GROUP, topics: [{ name: TOPIC, partitionIndexes: [0] }] }] }, [
    [group('DESCRIBE'), topic('DESCRIBE')],
  ]),
  row(OffsetFetch, 7, { groupId: GROUP, topics: null }, [[group('DESCRIBE')]], { note: 'of all topics' }),
  row(FindCoordinator, 6, { keyType: 0, coordinatorKeys: [GROUP] }, [[group('DESCRIBE')], [group('READ')]], {
    note: 'of a group',
  }),
  row(FindCoordinator, 2, { key: GROUP, keyType: 0 }, [[group('DESCRIBE')]], { note: 'of a group' }),
  row(FindCoordinator, 6, { keyType: 1, coordinatorKeys: [TRANSACTIONAL_ID] }, [[transactional('DESCRIBE')]], {
    note: 'of a transactional id',
  }),
  row(
    JoinGroup,
    9,
    {
      groupId: JOINED,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 1,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    },
    [[group('READ', JOINED)]],
  ),
  row(SyncGroup, 5, { ...member, protocolType: 'consumer', protocolName: 'range', assignments: [] }, [[group('READ')]]),
  row(Heartbeat, 4, member, [[group('READ')]]),
  row(LeaveGroup, 5, { groupId: GROUP, members: [{ memberId: 'm' }] }, [[group('READ')]]),
  row(DescribeGroups, 6, { groups: [GROUP] }, [[group('DESCRIBE')]]),
  row(ListGroups, 5, {}, [[group('DESCRIBE')], [cluster('DESCRIBE')]], { shows: GROUP }),
  row(DeleteGroups, 2, { groupsNames: [EMPTY] }, [[group('DELETE', EMPTY)]]),
  row(OffsetDelete, 0, { groupId: GROUP, topics: [{ name: TOPIC, partitions: [{ partitionIndex: 5 }] }] }, [
    [group('DELETE'), topic('READ')],
  ]),
]

export const transactionRows: readonly AccessRow[] = [
  row(
    InitProducerId,
    4,
    { transactionalId: OTHER_ID, transactionTimeoutMs: 60_000 },
    [[transactional('WRITE', OTHER_ID)]],
    { note: 'transactional' },
  ),
  row(
    AddPartitionsToTxn,
    3,
    {
      v3AndBelowTransactionalId: TRANSACTIONAL_ID,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: TOPIC, partitions: [0] }],
    },
    [[transactional('WRITE'), topic('WRITE')]],
  ),
  row(
    AddPartitionsToTxn,
    4,
    {
      transactions: [
        {
          transactionalId: TRANSACTIONAL_ID,
          ...producer,
          verifyOnly: true,
          topics: [{ name: TOPIC, partitions: [0] }],
        },
      ],
    },
    [[cluster('CLUSTER_ACTION')]],
    { note: 'between brokers' },
  ),
  row(AddOffsetsToTxn, 4, { transactionalId: TRANSACTIONAL_ID, ...producer, groupId: GROUP }, [
    [transactional('WRITE'), group('READ')],
  ]),
  row(EndTxn, 4, { transactionalId: TRANSACTIONAL_ID, ...producer, committed: true }, [[transactional('WRITE')]]),
  row(TxnOffsetCommit, 4, { transactionalId: TRANSACTIONAL_ID, groupId: GROUP, ...producer, topics: offsets }, [
    [transactional('WRITE'), group('READ'), topic('READ')],
  ]),
  row(
    WriteTxnMarkers,
    1,
    {
      markers: [
        {
          producerId: 4_000_001n,
          producerEpoch: 0,
          transactionResult: false,
          coordinatorEpoch: 0,
          topics: [{ name: TOPIC, partitionIndexes: [0] }],
        },
      ],
    },
    [[cluster('ALTER')], [cluster('CLUSTER_ACTION')]],
  ),
  row(DescribeTransactions, 0, { transactionalIds: [TRANSACTIONAL_ID] }, [[transactional('DESCRIBE')]]),
  row(ListTransactions, 1, { stateFilters: [], producerIdFilters: [] }, [[transactional('DESCRIBE')]], {
    shows: TRANSACTIONAL_ID,
  }),
]
