import {
  DeleteRecords,
  Fetch,
  type FetchRequestInput,
  ListOffsets,
  OffsetForLeaderEpoch,
  Produce,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'
import { batch } from './producing.ts'

const TOPIC_IDS_VERSION = 13
/** Before it, answers have batches in the formats of old. */
const RECORD_BATCHES = { first: 4, kept: 4 } as const
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

interface FilledTopic {
  readonly name: string
  readonly topicId: string
}

/** A topic of two partitions; the first has the given batches. */
async function filled(world: World, batches: readonly Uint8Array[], suffix = 't'): Promise<FilledTopic> {
  const name = await world.topic(suffix, 2)
  for (const records of batches) {
    const topicData = [{ name, partitionData: [{ index: 0, records }] }]
    await world.quietly(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
  }
  return { name, topicId: await world.topicId(name) }
}

interface Row {
  readonly partition?: number
  readonly offset?: number
  readonly bytesMax?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
}

interface Terms {
  readonly replicaId?: number
  readonly rows?: readonly Row[]
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly isolationLevel?: number
  readonly sessionId?: number
  readonly sessionEpoch?: number
}

function request(version: number, { name, topicId }: FilledTopic, terms: Terms = {}): FetchRequestInput {
  const { rows = [{}], maxWaitMs = 0, minBytes = 0, maxBytes = 1_000_000, isolationLevel = 0 } = terms
  const partitions = rows.map(({ partition = 0, offset = 0, bytesMax = 1_000_000, ...epochs }) => ({
    partition,
    fetchOffset: BigInt(offset),
    partitionMaxBytes: bytesMax,
    ...epochs,
  }))
  const topic = version >= TOPIC_IDS_VERSION ? { topicId } : { topic: name }
  return {
    replicaId: terms.replicaId ?? -1,
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel,
    sessionId: terms.sessionId ?? 0,
    sessionEpoch: terms.sessionEpoch ?? -1,
    topics: rows.length === 0 ? [] : [{ ...topic, partitions }],
    forgottenTopicsData: [],
  }
}

const THREE = [batch(['a', 'b']), batch(['c']), batch(['d', 'e', 'f'])]

const fetches: readonly Scenario[] = [
  ...eachVersion(Fetch, RECORD_BATCHES, 'where to begin', async (world, version) => {
    const topic = await filled(world, THREE)
    for (const offset of [0, 1, 2, 5, 6, 7, -1])
      await world.ask(Fetch, version, request(version, topic, { rows: [{ offset }] }))
    for (const partition of [1, 2, -1])
      await world.ask(Fetch, version, request(version, topic, { rows: [{ partition }] }))
  }),
  ...eachVersion(Fetch, RECORD_BATCHES, 'how much', async (world, version) => {
    const topic = await filled(world, THREE)
    const size = THREE[0]?.length ?? 0
    for (const bytesMax of [0, 1, size, size + 10, 2 * size])
      await world.ask(Fetch, version, request(version, topic, { rows: [{ bytesMax }] }))
    for (const maxBytes of [0, 1, size + 10]) await world.ask(Fetch, version, request(version, topic, { maxBytes }))
  }),
  ...eachVersion(Fetch, RECORD_BATCHES, 'topics that are not there', async (world, version) => {
    await world.ask(Fetch, version, request(version, { name: world.name('not-there'), topicId: UNKNOWN_ID }))
    await world.ask(Fetch, version, request(version, { name: 'a/b', topicId: UNKNOWN_ID }))
    const topic = await filled(world, [])
    await world.ask(Fetch, version, request(version, topic, { rows: [] }))
  }),
  ...eachVersion(Fetch, RECORD_BATCHES, 'isolation', async (world, version) => {
    const topic = await filled(world, THREE)
    for (const isolationLevel of [1, 0]) await world.ask(Fetch, version, request(version, topic, { isolationLevel }))
  }),
  ...eachVersion(Fetch, RECORD_BATCHES, 'bounds, modes and replicas that cannot be', async (world, version) => {
    const topic = await filled(world, THREE)
    const wrong: readonly Terms[] = [{ rows: [{ bytesMax: -1 }] }, { maxBytes: -1 }, { isolationLevel: 2 }]
    // From version 15 on a replica says who it is elsewhere.
    const replicas: readonly Terms[] = version < 15 ? [{ replicaId: 5 }, { replicaId: -2 }] : []
    for (const terms of [...wrong, ...replicas]) await world.ask(Fetch, version, request(version, topic, terms))
  }),
  ...eachVersion(Fetch, RECORD_BATCHES, 'a partition twice, and rows that are refused', async (world, version) => {
    const topic = await filled(world, THREE)
    const rows = [{ partition: 9 }, { offset: 99 }, { partition: 1 }, { offset: 3 }]
    await world.ask(Fetch, version, request(version, topic, { rows }))
  }),
  ...eachVersion(Fetch, { first: 9 }, 'epochs of the leader', async (world, version) => {
    const topic = await filled(world, THREE)
    for (const currentLeaderEpoch of [0, 1, -1])
      await world.ask(Fetch, version, request(version, topic, { rows: [{ currentLeaderEpoch }] }))
  }),
  ...eachVersion(Fetch, { first: 12 }, 'the last epoch that was fetched', async (world, version) => {
    const topic = await filled(world, THREE)
    for (const [offset, lastFetchedEpoch] of [
      [6, 0],
      [9, 0],
      [3, 5],
      [3, -1],
    ])
      await world.ask(Fetch, version, request(version, topic, { rows: [{ offset, lastFetchedEpoch }] as Row[] }))
  }),
  ...eachVersion(Fetch, { first: 7 }, 'sessions', async (world, version) => {
    const topic = await filled(world, THREE)
    const rows = [{}, { partition: 1 }]
    const first = await world.ask(Fetch, version, request(version, topic, { rows, sessionEpoch: 0 }))
    const sessionId = first?.sessionId ?? 0
    const next = (sessionEpoch: number, terms: Terms = {}) =>
      world.ask(Fetch, version, request(version, topic, { rows: [], sessionId, sessionEpoch, ...terms }))
    await next(1)
    await next(1)
    await next(3)
    await next(-2)
    await next(2, { rows: [{ offset: 6 }] })
    await next(3, { rows: [{ offset: 3 }] })
    await next(4, { rows: [{ offset: 99 }] })
    await next(5)
    await next(-1, { rows: [{ offset: 6 }] })
    await next(6)
    await world.ask(Fetch, version, request(version, topic, { rows, sessionId: 0, sessionEpoch: 7 }))
    await world.ask(Fetch, version, request(version, topic, { rows, sessionId: 12_345, sessionEpoch: 1 }))
  }),
]

const offsets: readonly Scenario[] = [
  ...eachVersion(ListOffsets, { first: 1 }, 'special and other timestamps', async (world, version) => {
    const topic = await filled(world, THREE)
    const times = [-1n, -2n, -3n, -4n, -5n, -6n, -7n, 0n, 2n ** 62n]
    for (const timestamp of times) {
      const partitions = [{ partitionIndex: 0, timestamp, currentLeaderEpoch: -1 }]
      const topics = [{ name: topic.name, partitions }]
      await world.ask(ListOffsets, version, { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 1000 })
    }
  }),
  ...eachVersion(ListOffsets, { first: 1 }, 'empty, missing and repeated partitions', async (world, version) => {
    const { name } = await filled(world, THREE)
    const at = (partitionIndex: number, currentLeaderEpoch = -1, timestamp = -1n) => ({
      partitionIndex,
      timestamp,
      currentLeaderEpoch,
    })
    const topics = [
      { name, partitions: [at(1), at(2), at(-1), at(0, 7)] },
      { name: world.name('not-there'), partitions: [at(0)] },
      { name: '..', partitions: [at(0)] },
    ]
    await world.ask(ListOffsets, version, {
      replicaId: -1,
      isolationLevel: version < 2 ? 0 : 1,
      topics,
      timeoutMs: 1000,
    })
    const twice = [{ name, partitions: [at(0), at(0)] }]
    await world.ask(ListOffsets, version, { replicaId: -1, isolationLevel: 0, topics: twice, timeoutMs: 1000 })
    await world.ask(ListOffsets, version, { replicaId: -1, isolationLevel: 0, topics: [], timeoutMs: 1000 })
  }),
  ...eachVersion(OffsetForLeaderEpoch, { kept: 2 }, 'ends of epochs', async (world, version) => {
    const { name } = await filled(world, THREE)
    const partitions = [0, 1, -1, -2].map((leaderEpoch) => ({ partition: 0, currentLeaderEpoch: -1, leaderEpoch }))
    const others = [
      { partition: 1, currentLeaderEpoch: -1, leaderEpoch: 0 },
      { partition: 5, currentLeaderEpoch: -1, leaderEpoch: 0 },
    ]
    for (const row of [...partitions, ...others])
      await world.ask(OffsetForLeaderEpoch, version, { replicaId: -1, topics: [{ topic: name, partitions: [row] }] })
    const stale = [{ partition: 0, currentLeaderEpoch: 3, leaderEpoch: 0 }]
    const unknown = { topic: world.name('not-there'), partitions: [...others] }
    const topics = [{ topic: name, partitions: stale }, unknown]
    await world.ask(OffsetForLeaderEpoch, version, { replicaId: -1, topics })
  }),
  ...eachVersion(DeleteRecords, {}, 'up to an offset', async (world, version) => {
    const topic = await filled(world, THREE)
    const to = async (offset: bigint, partitionIndex = 0, name = topic.name) => {
      const topics = [{ name, partitions: [{ partitionIndex, offset }] }]
      await world.ask(DeleteRecords, version, { topics, timeoutMs: 5000 })
    }
    for (const offset of [2n, 1n, 0n, -2n, 7n, -1n, 99n]) await to(offset)
    await to(0n, 9)
    await to(0n, 0, world.name('not-there'))
    await to(0n, 0, '__consumer_offsets')
    await world.ask(Fetch, 11, request(11, topic, { rows: [{ offset: 1 }] }))
    await world.ask(Fetch, 11, request(11, topic, { rows: [{ offset: 6 }] }))
  }),
  ...eachVersion(DeleteRecords, {}, 'of a topic that is compacted', async (world, version) => {
    const partitions = [{ partitionIndex: 0, offset: 0n }]
    const topics = [
      { name: await world.topic('c', 1, { 'cleanup.policy': 'compact' }), partitions },
      { name: await world.topic('cd', 1, { 'cleanup.policy': 'compact,delete' }), partitions },
      { name: await world.topic('none', 1, { 'cleanup.policy': '' }), partitions },
    ]
    await world.ask(DeleteRecords, version, { topics, timeoutMs: 5000 })
  }),
]

export const fetching: readonly Scenario[] = [...fetches, ...offsets]
