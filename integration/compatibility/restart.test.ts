import { CreateTopics, Metadata, OffsetCommit, OffsetFetch } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { WireClient } from '../harness/wire-client.ts'

const PARTITIONS = 12
const GROUPS = 8
const NO_GENERATION = -1

let broker: BrokerProcess

beforeEach(async () => {
  broker = await BrokerProcess.start()
})

afterEach(() => broker.dispose())

async function withClient<Result>(use: (client: WireClient) => Promise<Result>): Promise<Result> {
  const client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

async function createTopic(client: WireClient): Promise<void> {
  const topics = [{ name: 't', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] }]
  const { topics: rows } = await client.call(CreateTopics, 7, { topics, timeoutMs: 10_000 })
  expect(rows[0]?.errorCode).toBe(0)
}

async function described(client: WireClient) {
  const asked = { topics: [{ name: 't' }], allowAutoTopicCreation: false }
  const { clusterId, topics } = await client.call(Metadata, 12, asked)
  const partitions = [...(topics[0]?.partitions ?? [])].sort((a, b) => a.partitionIndex - b.partitionIndex)
  return {
    clusterId,
    topicId: topics[0]?.topicId,
    leaders: partitions.map(({ leaderId }) => leaderId),
    epochs: partitions.map(({ leaderEpoch }) => leaderEpoch),
  }
}

test.each(['stop', 'kill'] as const)(
  'compatibility 20, 21: after a %s the cluster and the topic have their ids, and no leader or epoch is lower or -1',
  async (how) => {
    const before = await withClient(async (client) => {
      await createTopic(client)
      return described(client)
    })
    expect(before.clusterId).toMatch(/^[\w-]{22}$/)
    expect(Math.min(...before.leaders, ...before.epochs)).toBeGreaterThanOrEqual(0)
    await broker.restart(how)
    const after = await withClient(described)
    expect(after).toMatchObject({ clusterId: before.clusterId, topicId: before.topicId, leaders: before.leaders })
    expect(after.epochs).toHaveLength(PARTITIONS)
    expect(after.epochs.filter((epoch, index) => epoch < (before.epochs[index] ?? 0))).toEqual([])
  },
)

/** Which partitions each group commits: every mix of few and many, the first and the last. */
function isCommitted(group: number, partition: number): boolean {
  return ((group * 7 + partition * 5) % GROUPS) % 3 === 0 || partition === group
}

async function commit(client: WireClient): Promise<void> {
  for (let group = 0; group < GROUPS; group++) {
    const indexes = Array.from({ length: PARTITIONS }, (_, index) => index).filter((index) => isCommitted(group, index))
    const partitions = indexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: BigInt(100 * group + partitionIndex),
      committedMetadata: `m${partitionIndex}`,
    }))
    const { topics } = await client.call(OffsetCommit, 8, {
      groupId: `g${group}`,
      generationIdOrMemberEpoch: NO_GENERATION,
      memberId: '',
      topics: [{ name: 't', partitions }],
    })
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual(indexes.map(() => 0))
  }
}

test.each(['stop', 'kill'] as const)(
  'compatibility 73: after a %s each group has what it committed, and -1 for the rest alone',
  async (how) => {
    await withClient(createTopic)
    await withClient(commit)
    await broker.restart(how)
    const partitionIndexes = Array.from({ length: PARTITIONS }, (_, index) => index)
    await withClient(async (client) => {
      for (let group = 0; group < GROUPS; group++) {
        const asked = { groupId: `g${group}`, topics: [{ name: 't', partitionIndexes }] }
        const { topics, errorCode } = await client.call(OffsetFetch, 6, asked)
        expect(errorCode).toBe(0)
        expect(
          topics[0]?.partitions.map((row) => [row.partitionIndex, row.committedOffset, row.metadata, row.errorCode]),
        ).toEqual(
          partitionIndexes.map((index) =>
            isCommitted(group, index) ? [index, BigInt(100 * group + index), `m${index}`, 0] : [index, -1n, '', 0],
          ),
        )
      }
    })
  },
)
