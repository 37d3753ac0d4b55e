import { JoinGroup, OffsetCommit, OffsetDelete, OffsetFetch, SyncGroup } from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

/** From these versions on topics go by their ids. */
const TOPIC_IDS_VERSION = 10
const SEVERAL_GROUPS_VERSION = 8
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const METADATA_MAX = 4096

interface Topic {
  readonly name: string
  readonly topicId: string
}

async function topicOf(world: World, suffix = 't'): Promise<Topic> {
  const name = await world.topic(suffix, 2)
  return { name, topicId: await world.topicId(name) }
}

const missing = (world: World): Topic => ({ name: world.name('not-there'), topicId: UNKNOWN_ID })

const named = (version: number, { name, topicId }: Topic) => (version >= TOPIC_IDS_VERSION ? { topicId } : { name })

interface Commit {
  readonly topic: Topic
  readonly partitionIndex?: number
  readonly offset?: bigint
  readonly metadata?: string | null
}

interface Member {
  readonly generationId?: number
  readonly memberId?: string
}

function commit(world: World, version: number, groupId: string, rows: readonly Commit[], member: Member = {}) {
  return world.ask(OffsetCommit, version, {
    groupId,
    ...(version >= 1 && { generationIdOrMemberEpoch: member.generationId ?? -1, memberId: member.memberId ?? '' }),
    topics: [...new Set(rows.map(({ topic }) => topic))].map((topic) => ({
      ...named(version, topic),
      partitions: rows
        .filter((row) => row.topic === topic)
        .map(({ partitionIndex = 0, offset = 5n, metadata = 'note' }) => ({
          partitionIndex,
          committedOffset: offset,
          committedMetadata: metadata,
        })),
    })),
  })
}

/** Nine, where only what is read of it counts. */
function commitQuietly(world: World, groupId: string, { name }: Topic, partitionIndex: number) {
  return world.quietly(OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [{ name, partitions: [{ partitionIndex, committedOffset: 9n, committedMetadata: 'note' }] }],
  })
}

const commits: readonly Scenario[] = [
  ...eachVersion(OffsetCommit, { kept: 2 }, "of nobody's group", async (world, version) => {
    const groupId = await world.coordinator('g')
    const topic = await topicOf(world)
    await commit(world, version, groupId, [{ topic }])
    await commit(world, version, groupId, [
      { topic, partitionIndex: 7 },
      { topic: missing(world) },
      { topic, metadata: null },
    ])
    await commit(world, version, groupId, [{ topic, offset: -7n }])
    await commit(world, version, groupId, [
      { topic, metadata: 'x'.repeat(METADATA_MAX) },
      { topic, partitionIndex: 1, metadata: 'x'.repeat(METADATA_MAX + 1) },
    ])
    await commit(world, version, groupId, [])
    await commit(world, version, '', [{ topic }])
  }),
  ...eachVersion(OffsetCommit, { first: 1, kept: 2 }, 'of members that are none', async (world, version) => {
    const groupId = await world.coordinator('g')
    const topic = await topicOf(world)
    await commit(world, version, groupId, [{ topic }], { generationId: 0 })
    await commit(world, version, groupId, [{ topic }], { generationId: 3, memberId: 'stranger' })
    await commit(world, version, groupId, [{ topic }], { memberId: 'stranger' })
    await commit(world, version, groupId, [{ topic }], { generationId: 0 })
    await commit(world, version, groupId, [{ topic: missing(world) }], { generationId: 0 })
  }),
]

const fetches: readonly Scenario[] = [
  ...eachVersion(OffsetFetch, { kept: 1, last: SEVERAL_GROUPS_VERSION - 1 }, 'of one group', async (world, version) => {
    const groupId = await world.coordinator('g')
    const topic = await topicOf(world)
    await commitQuietly(world, groupId, topic, 0)
    const topics = [
      { name: topic.name, partitionIndexes: [0, 1, 7] },
      { name: world.name('not-there'), partitionIndexes: [0] },
    ]
    await world.ask(OffsetFetch, version, { groupId, topics })
    await world.ask(OffsetFetch, version, { groupId: world.name('nobody'), topics })
    await world.ask(OffsetFetch, version, { groupId, topics: [] })
    if (version >= 2) await world.ask(OffsetFetch, version, { groupId, topics: null })
    if (version >= 7) await world.ask(OffsetFetch, version, { groupId, topics: null, requireStable: true })
  }),
  ...eachVersion(OffsetFetch, { first: SEVERAL_GROUPS_VERSION }, 'of several groups', async (world, version) => {
    const groupId = await world.coordinator('g')
    const topic = await topicOf(world)
    await commitQuietly(world, groupId, topic, 1)
    const topics = [
      { ...named(version, topic), partitionIndexes: [0, 1, 7] },
      { ...named(version, missing(world)), partitionIndexes: [0] },
    ]
    const groups = [
      { groupId, topics },
      { groupId: world.name('nobody'), topics },
      { groupId, topics: null },
      { groupId, topics: [] },
    ]
    for (const group of groups) await world.ask(OffsetFetch, version, { groups: [group] })
    await world.ask(OffsetFetch, version, { groups })
    await world.ask(OffsetFetch, version, { groups: [], requireStable: true })
  }),
]

const deletions = eachVersion(OffsetDelete, {}, 'committed or not', async (world, version) => {
  const groupId = await world.coordinator('g')
  const topic = await topicOf(world)
  await commit(world, 8, groupId, [{ topic }])
  const topics = [
    { name: topic.name, partitions: [0, 1, 7].map((partitionIndex) => ({ partitionIndex })) },
    { name: world.name('not-there'), partitions: [{ partitionIndex: 0 }] },
  ]
  for (const group of [world.name('nobody'), groupId, groupId, ''])
    await world.ask(OffsetDelete, version, { groupId: group, topics })
  await world.ask(OffsetDelete, version, { groupId, topics: [] })
})

/** A group of one member with such a subscription. */
async function active(world: World, suffix: string, protocolType: string, subscription: Uint8Array): Promise<string> {
  const groupId = await world.coordinator(suffix)
  const protocols = [{ name: 'range', metadata: Buffer.from(subscription) }]
  const joining = {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType,
    protocols,
  }
  const { generationId, memberId } = await world.quietly(JoinGroup, 3, joining)
  const assignments = [{ memberId, assignment: Buffer.from('mine') }]
  await world.quietly(SyncGroup, 2, { groupId, generationId, memberId, assignments })
  return groupId
}

const deletionsInUse = eachVersion(OffsetDelete, {}, 'of groups with members', async (world, version) => {
  const [name, other] = [await world.topic('t', 2), await world.topic('u', 2)]
  const partitions = [0, 1, 7].map((partitionIndex) => ({ partitionIndex }))
  const topics = [name, other, world.name('not-there'), ''].map((each) => ({ name: each, partitions }))
  const subscription = encodeRecordValue(ConsumerProtocolSubscription, 0, { topics: [name] })
  const groups = [
    await active(world, 'consumers', 'consumer', subscription),
    await active(world, 'others', 'connect', Buffer.from('whatever')),
    await active(world, 'unreadable', 'consumer', Buffer.from('?')),
  ]
  for (const groupId of groups) await world.ask(OffsetDelete, version, { groupId, topics })
})

export const committedOffsets: readonly Scenario[] = [...commits, ...fetches, ...deletions, ...deletionsInUse]
