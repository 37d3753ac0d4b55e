import {
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  DeleteShareGroupOffsets,
  DeleteShareGroupState,
  DescribeShareGroupOffsets,
  InitializeShareGroupState,
  ReadShareGroupState,
  ReadShareGroupStateSummary,
  ShareAcknowledge,
  ShareFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  WriteShareGroupState,
} from '@odradek/protocol'
import { type AccessRow, type AccessWorld, cluster, group, row, TOPIC, topic } from './access-row.ts'

const CONSUMERS = 'access-consumers'
const SHARERS = 'access-sharers'
const STREAMS = 'access-streams'
const MEMBER = 'Vx6BgXB8SUSvFYQeQXXtTg'

const joining = { memberId: MEMBER, memberEpoch: 0, rebalanceTimeoutMs: 10_000 }
const leaving = { memberId: MEMBER, memberEpoch: -1 }
const partition = { partition: 0, leaderEpoch: 0 }

/** Share state is a broker's to ask for. */
const brokersOnly = [[cluster('CLUSTER_ACTION')]]
const ofPartition =
  <Partition>(asked: Partition) =>
  ({ topicId }: AccessWorld) => ({ groupId: 'access-no-sharers', topics: [{ topicId, partitions: [asked] }] })

const consumerRows: readonly AccessRow[] = [
  row(ConsumerGroupHeartbeat, 1, { groupId: CONSUMERS, ...leaving }, [[group('READ', CONSUMERS)]], { note: 'leaving' }),
  row(
    ConsumerGroupHeartbeat,
    1,
    { groupId: CONSUMERS, ...joining, subscribedTopicNames: [TOPIC], topicPartitions: [] },
    [[group('READ', CONSUMERS), topic('DESCRIBE')]],
  ),
  row(ConsumerGroupDescribe, 1, { groupIds: ['access-no-consumers'], includeAuthorizedOperations: false }, [
    [group('DESCRIBE', 'access-no-consumers')],
  ]),
]

const shareRows: readonly AccessRow[] = [
  row(ShareGroupHeartbeat, 1, { groupId: SHARERS, ...joining, subscribedTopicNames: [TOPIC] }, [
    [group('READ', SHARERS), topic('DESCRIBE')],
  ]),
  row(ShareGroupDescribe, 1, { groupIds: ['access-no-sharers'], includeAuthorizedOperations: false }, [
    [group('DESCRIBE', 'access-no-sharers')],
  ]),
  row(
    ShareFetch,
    1,
    ({ topicId }) => ({
      groupId: SHARERS,
      memberId: MEMBER,
      shareSessionEpoch: 0,
      maxWaitMs: 0,
      minBytes: 0,
      maxRecords: 1,
      batchSize: 1,
      topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
      forgottenTopicsData: [],
    }),
    [[group('READ', SHARERS), topic('READ')]],
    { codesVary: true },
  ),
  row(
    ShareAcknowledge,
    1,
    ({ topicId }) => ({
      groupId: 'access-no-sharers',
      memberId: MEMBER,
      shareSessionEpoch: 1,
      topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
    }),
    [[group('READ', 'access-no-sharers')]],
    { note: 'without a session' },
  ),
  row(
    DescribeShareGroupOffsets,
    1,
    { groups: [{ groupId: SHARERS, topics: [{ topicName: TOPIC, partitions: [0] }] }] },
    [[group('DESCRIBE', SHARERS), topic('DESCRIBE')]],
    { codesVary: true },
  ),
  row(
    AlterShareGroupOffsets,
    0,
    {
      groupId: 'access-no-sharers',
      topics: [{ topicName: TOPIC, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
    },
    [[group('READ', 'access-no-sharers'), topic('READ')]],
    { codesVary: true },
  ),
  row(DeleteShareGroupOffsets, 0, { groupId: 'access-no-sharers', topics: [{ topicName: TOPIC }] }, [
    [group('DELETE', 'access-no-sharers'), topic('READ')],
  ]),
]

const shareStateRows: readonly AccessRow[] = [
  row(InitializeShareGroupState, 0, ofPartition({ partition: 0, stateEpoch: 0, startOffset: 0n }), brokersOnly, {
    codesVary: true,
  }),
  row(ReadShareGroupState, 0, ofPartition(partition), brokersOnly, { codesVary: true }),
  row(
    WriteShareGroupState,
    1,
    ofPartition({ ...partition, stateEpoch: 0, startOffset: 0n, stateBatches: [] }),
    brokersOnly,
    { codesVary: true },
  ),
  row(ReadShareGroupStateSummary, 1, ofPartition(partition), brokersOnly, { codesVary: true }),
  row(DeleteShareGroupState, 0, ofPartition({ partition: 0 }), brokersOnly, { codesVary: true }),
]

const streamsRows: readonly AccessRow[] = [
  row(
    StreamsGroupHeartbeat,
    1,
    {
      groupId: STREAMS,
      ...joining,
      endpointInformationEpoch: 0,
      topology: {
        epoch: 0,
        subtopologies: [
          {
            subtopologyId: '0',
            sourceTopics: [TOPIC],
            sourceTopicRegex: [],
            stateChangelogTopics: [],
            repartitionSinkTopics: [],
            repartitionSourceTopics: [],
            copartitionGroups: [],
          },
        ],
      },
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
      processId: 'p',
      clientTags: [],
      shutdownApplication: false,
    },
    [[group('READ', STREAMS), topic('DESCRIBE')]],
  ),
  row(StreamsGroupDescribe, 1, { groupIds: ['access-no-streams'], includeAuthorizedOperations: false }, [
    [group('DESCRIBE', 'access-no-streams')],
  ]),
]

/** Groups of KIP-848, KIP-932 and KIP-1071. */
export const modernGroupRows: readonly AccessRow[] = [...consumerRows, ...shareRows, ...shareStateRows, ...streamsRows]
