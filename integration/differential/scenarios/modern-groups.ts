import {
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequestInput,
  DeleteGroups,
  DeleteShareGroupOffsets,
  DescribeGroups,
  DescribeShareGroupOffsets,
  Heartbeat,
  OffsetCommit,
  OffsetFetch,
  ShareAcknowledge,
  ShareFetch,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const MEMBER = 'member-of-this-scenario'
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const REBALANCE_MS = 30_000

type Beat = Partial<ConsumerGroupHeartbeatRequestInput>

function beat(world: World, version: number, groupId: string, rest: Beat) {
  return world.ask(ConsumerGroupHeartbeat, version, { groupId, memberId: MEMBER, memberEpoch: 0, ...rest })
}

const joining = (topic: string): Beat => ({
  rebalanceTimeoutMs: REBALANCE_MS,
  subscribedTopicNames: [topic],
  topicPartitions: [],
})

const consumers: readonly Scenario[] = [
  ...eachVersion(ConsumerGroupHeartbeat, {}, 'requests that cannot be', async (world, version) => {
    const groupId = await world.coordinator('g')
    const topic = await world.topic()
    const join = joining(topic)
    const wrong: readonly Beat[] = [
      { ...join, groupId: '' },
      { ...join, instanceId: '' },
      { ...join, rackId: '' },
      { ...join, memberEpoch: -3 },
      { ...join, memberEpoch: -2 },
      { ...join, rebalanceTimeoutMs: -1 },
      { ...join, topicPartitions: null },
      { ...join, topicPartitions: [{ topicId: UNKNOWN_ID, partitions: [0] }] },
      { ...join, subscribedTopicNames: null },
      { ...join, serverAssignor: 'nonsense' },
      { ...join, serverAssignor: '' },
      { memberEpoch: 1 },
      { memberEpoch: 1, memberId: '' },
      { memberEpoch: -1 },
    ]
    for (const rest of wrong) await beat(world, version, groupId, rest)
    if (version >= 1)
      await beat(world, version, groupId, { ...join, subscribedTopicNames: null, subscribedTopicRegex: '(' })
  }),
  ...eachVersion(ConsumerGroupHeartbeat, {}, 'a member joins, goes on and leaves', async (world, version) => {
    const groupId = await world.coordinator('g')
    const joined = await beat(world, version, groupId, joining(await world.topic()))
    const memberEpoch = joined?.memberEpoch ?? 0
    await beat(world, version, groupId, { memberEpoch: memberEpoch + 1 })
    await beat(world, version, groupId, { memberEpoch: memberEpoch + 1, memberId: 'stranger' })
    await beat(world, version, groupId, { memberEpoch: -1 })
    await beat(world, version, groupId, { memberEpoch: -1 })
  }),
  ...eachVersion(ConsumerGroupHeartbeat, {}, 'epochs of a member', async (world, version) => {
    const groupId = await world.coordinator('g')
    const join = joining(await world.topic())
    const { memberEpoch = 0 } = (await beat(world, version, groupId, join)) ?? {}
    await beat(world, version, groupId, { memberEpoch })
    await beat(world, version, groupId, { memberEpoch: memberEpoch - 1 })
    await beat(world, version, groupId, { memberEpoch: memberEpoch + 7 })
    await beat(world, version, groupId, { memberEpoch: -2 })
    // All of it again is answered with all of its assignment, and so is a member that begins anew.
    await beat(world, version, groupId, { ...join, memberEpoch })
    await beat(world, version, groupId, join)
    await beat(world, version, groupId, { memberEpoch, serverAssignor: 'nonsense' })
    await beat(world, version, groupId, { memberEpoch: -1, memberId: 'stranger' })
  }),
  ...eachVersion(ConsumerGroupHeartbeat, {}, 'static members', async (world, version) => {
    const groupId = await world.coordinator('g')
    const instanceId = 'instance'
    const join = { ...joining(await world.topic()), instanceId }
    const { memberEpoch = 0 } = (await beat(world, version, groupId, join)) ?? {}
    await beat(world, version, groupId, { memberEpoch })
    await beat(world, version, groupId, { ...join, memberId: 'other' })
    await beat(world, version, groupId, { memberEpoch, memberId: 'other', instanceId })
    await beat(world, version, groupId, { memberEpoch: -1, memberId: 'other', instanceId })
    await beat(world, version, groupId, { memberEpoch, instanceId: 'another' })
    await beat(world, version, groupId, { memberEpoch: -2, instanceId })
    await beat(world, version, groupId, { memberEpoch, instanceId })
    await beat(world, version, groupId, { ...join, memberId: 'other' })
    await beat(world, version, groupId, { memberEpoch: -1, memberId: 'other', instanceId })
  }),
  ...eachVersion(ConsumerGroupHeartbeat, {}, 'groups of other types', async (world, version) => {
    const topic = await world.topic()
    const share = { memberId: MEMBER, memberEpoch: 0, subscribedTopicNames: [topic] }
    const shared = await world.coordinator('shared')
    await world.quietly(ShareGroupHeartbeat, 1, { ...share, groupId: shared })
    await beat(world, version, shared, joining(topic))
    const groupId = await world.coordinator('g')
    await beat(world, version, groupId, joining(topic))
    await world.ask(ShareGroupHeartbeat, 1, { ...share, groupId })
    for (const each of [shared, groupId]) {
      await world.ask(OffsetFetch, 8, { groups: [{ groupId: each, topics: null }] })
      await world.ask(DescribeGroups, 6, { groups: [each] })
      await world.ask(DeleteGroups, 2, { groupsNames: [each] })
      await world.ask(Heartbeat, 4, { groupId: each, memberId: 'stranger', generationId: 1, groupInstanceId: null })
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }]
      const commit = { groupId: each, topics: [{ name: topic, partitions }] }
      await world.ask(OffsetCommit, 8, { ...commit, memberId: MEMBER, generationIdOrMemberEpoch: 1 })
      await world.ask(OffsetCommit, 9, { ...commit, memberId: 'stranger', generationIdOrMemberEpoch: 1 })
      await world.ask(OffsetCommit, 9, { ...commit, memberId: '', generationIdOrMemberEpoch: -1 })
    }
  }),
  ...eachVersion(ConsumerGroupDescribe, {}, 'groups there and not', async (world, version) => {
    const groupId = await world.coordinator('g')
    await world.quietly(ConsumerGroupHeartbeat, 0, {
      groupId,
      memberId: MEMBER,
      memberEpoch: 0,
      ...joining(world.name('not-there')),
    })
    const groupIds = [groupId, world.name('nobody'), '']
    await world.ask(ConsumerGroupDescribe, version, { groupIds, includeAuthorizedOperations: true })
    await world.ask(ConsumerGroupDescribe, version, { groupIds: [], includeAuthorizedOperations: false })
  }),
]

const shares: readonly Scenario[] = [
  ...eachVersion(
    ShareGroupHeartbeat,
    { first: 1 },
    'requests that cannot be, a member that joins and leaves',
    async (world, version) => {
      const groupId = await world.coordinator('s')
      const subscribedTopicNames = [await world.topic()]
      const ask = (rest: object) =>
        world.ask(ShareGroupHeartbeat, version, {
          groupId,
          memberId: MEMBER,
          memberEpoch: 0,
          subscribedTopicNames,
          ...rest,
        })
      const wrong = [
        { groupId: '' },
        { memberId: '' },
        { memberId: 'x'.repeat(37) },
        { memberEpoch: -2 },
        { memberEpoch: 1 },
        { memberEpoch: -1 },
        { rackId: '' },
        { subscribedTopicNames: null },
        { subscribedTopicNames: [] },
      ]
      for (const rest of wrong) await ask(rest)
      const joined = await ask({})
      await ask({ memberEpoch: (joined?.memberEpoch ?? 0) + 1 })
      await ask({ memberEpoch: -1 })
      await ask({ memberEpoch: -1 })
    },
  ),
  ...eachVersion(ShareGroupDescribe, { first: 1 }, 'groups there and not', async (world, version) => {
    await world.coordinator('s')
    const groupIds = [world.name('nobody'), '']
    await world.ask(ShareGroupDescribe, version, { groupIds, includeAuthorizedOperations: true })
  }),
  ...eachVersion(ShareFetch, { first: 1 }, 'without a session, and without a group', async (world, version) => {
    const topicId = await world.topicId(await world.topic())
    const fetch = { maxWaitMs: 0, minBytes: 0, maxBytes: 1000, maxRecords: 10, batchSize: 10, forgottenTopicsData: [] }
    const topics = [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }]
    for (const [groupId, memberId, shareSessionEpoch] of [
      [world.name('s'), MEMBER, 1],
      [world.name('s'), MEMBER, -1],
      [world.name('s'), MEMBER, -2],
      [null, MEMBER, 0],
      [world.name('s'), null, 0],
      [world.name('s'), '', 0],
    ] as const)
      await world.ask(ShareFetch, version, { ...fetch, groupId, memberId, shareSessionEpoch, topics })
  }),
  ...eachVersion(ShareAcknowledge, { first: 1 }, 'without a session', async (world, version) => {
    const topicId = await world.topicId(await world.topic())
    const acknowledgementBatches = [{ firstOffset: 0n, lastOffset: 0n, acknowledgeTypes: [1] }]
    const topics = [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }]
    for (const shareSessionEpoch of [0, 1, -1, -2])
      await world.ask(ShareAcknowledge, version, {
        groupId: world.name('s'),
        memberId: MEMBER,
        shareSessionEpoch,
        topics,
      })
  }),
  ...eachVersion(DescribeShareGroupOffsets, {}, 'of nobody', async (world, version) => {
    await world.coordinator('s')
    const topicName = await world.topic()
    for (const topics of [[{ topicName, partitions: [0] }], [{ topicName: world.name('x'), partitions: [0] }], []])
      await world.ask(DescribeShareGroupOffsets, version, { groups: [{ groupId: world.name('nobody'), topics }] })
  }),
  ...eachVersion(AlterShareGroupOffsets, {}, 'of nobody', async (world, version) => {
    await world.coordinator('s')
    const partitions = [{ partitionIndex: 0, startOffset: 0n }]
    await world.ask(AlterShareGroupOffsets, version, { groupId: '', topics: [] })
    const topics = [{ topicName: world.name('not-there'), partitions }]
    await world.ask(AlterShareGroupOffsets, version, { groupId: world.name('nobody'), topics })
  }),
  ...eachVersion(DeleteShareGroupOffsets, {}, 'of nobody', async (world, version) => {
    await world.coordinator('s')
    for (const groupId of ['', world.name('nobody')])
      await world.ask(DeleteShareGroupOffsets, version, { groupId, topics: [{ topicName: world.name('t') }] })
  }),
]

const streams: readonly Scenario[] = [
  ...eachVersion(StreamsGroupHeartbeat, {}, 'requests that cannot be', async (world, version) => {
    const groupId = await world.coordinator('st')
    const topology = { epoch: 0, subtopologies: [] }
    const tasks = { activeTasks: [], standbyTasks: [], warmupTasks: [] }
    const join = {
      rebalanceTimeoutMs: REBALANCE_MS,
      topology,
      ...tasks,
      endpointInformationEpoch: 0,
      shutdownApplication: false,
    }
    const wrong = [
      { groupId: '' },
      { memberId: '' },
      { memberEpoch: -3 },
      { rebalanceTimeoutMs: -1 },
      { topology: null },
      { activeTasks: null },
      { memberEpoch: 1 },
      { memberEpoch: 1, topology: null },
      { memberEpoch: -1, topology: null },
    ]
    for (const rest of wrong)
      await world.ask(StreamsGroupHeartbeat, version, { groupId, memberId: MEMBER, memberEpoch: 0, ...join, ...rest })
  }),
  ...eachVersion(StreamsGroupDescribe, {}, 'groups that are not there', async (world, version) => {
    await world.coordinator('st')
    const groupIds = [world.name('nobody'), '']
    await world.ask(StreamsGroupDescribe, version, { groupIds, includeAuthorizedOperations: true })
  }),
]

/** Of the protocols that came after the classic one. */
export const modernGroups: readonly Scenario[] = [...consumers, ...shares, ...streams]
