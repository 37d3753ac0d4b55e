import { AlterPartitionReassignments, ErrorCode, errorName, ListPartitionReassignments } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

/** Target by partition; null takes the move back. */
type Moves = Record<string, Record<number, number[] | null>>

async function start(): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  const assigned = (replicas: number[]) => ({
    partitions: -1,
    replicationFactor: -1,
    assignments: [{ partition: 0, replicas }],
  })
  await fixture.create(topicCommand('a', assigned([1, 2, 3])), topicCommand('b', assigned([1])))
  return fixture
}

async function alter(
  fixture: MetadataFixture,
  version: number,
  moves: Moves,
  more: { allowReplicationFactorChange?: boolean; timeoutMs?: number; authorizer?: Authorizer } = {},
) {
  const { authorizer, timeoutMs = 1000, ...rest } = more
  const topics = Object.entries(moves).map(([name, partitions]) => ({
    name,
    partitions: Object.entries(partitions).map(([index, replicas]) => ({ partitionIndex: Number(index), replicas })),
  }))
  const options = authorizer === undefined ? {} : { authorizer }
  const response = await fixture.send(AlterPartitionReassignments, version, { topics, timeoutMs, ...rest }, options)
  await fixture.idle()
  const rows = response.responses.flatMap(({ name, partitions }) =>
    partitions.map((row) => `${name} ${row.partitionIndex} ${errorName(row.errorCode)}`),
  )
  return [errorName(response.errorCode), ...rows]
}

async function moving(fixture: MetadataFixture, topics: { name: string; partitionIndexes: number[] }[] | null = null) {
  const response = await fixture.send(ListPartitionReassignments, 0, { topics })
  expect(response).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null })
  return response.topics.flatMap(({ name, partitions }) =>
    partitions.map((row) => {
      return `${name} ${row.partitionIndex} ${row.replicas} +${row.addingReplicas} -${row.removingReplicas}`
    }),
  )
}

describe.each([0, 1])('v%i', (version) => {
  test('moves end by themselves, with the epochs and leaders of Kafka', async () => {
    const fixture = await start()
    expect(await alter(fixture, version, { b: { 0: [2] } })).toEqual(['NONE', 'b 0 NONE'])
    // The move, then its end.
    expect(fixture.changes.slice(-2).map(({ topicsChanged }) => topicsChanged[0]?.after.partitions[0])).toMatchObject([
      { leader: 1, leaderEpoch: 0, partitionEpoch: 1, replicas: [2, 1], inSyncReplicas: [1] },
      { leader: 2, leaderEpoch: 1, partitionEpoch: 2, replicas: [2], inSyncReplicas: [2] },
    ])
    expect(await moving(fixture)).toEqual([])
    await alter(fixture, version, { b: { 0: [2, 3, 1] } })
    expect(fixture.partitions('b')).toEqual(['2/1 2,3,1|1,2,3'])
    await alter(fixture, version, { b: { 0: [3, 1] } })
    expect(fixture.partitions('b')).toEqual(['3/2 3,1|1,3'])
    // Whoever loses a replica begins a new epoch, even under the same leader.
    await alter(fixture, version, { b: { 0: [3] } })
    expect(fixture.partitions('b')).toEqual(['3/3 3|3'])
  })

  test('another order is no move, and elects nobody', async () => {
    const fixture = await start()
    expect(await alter(fixture, version, { a: { 0: [3, 2, 1] } })).toEqual(['NONE', 'a 0 NONE'])
    expect(fixture.partitions('a')).toEqual(['1/0 3,2,1|1,2,3'])
    const before = fixture.metadata.cluster.features().epoch
    expect(await alter(fixture, version, { a: { 0: [3, 2, 1] } })).toEqual(['NONE', 'a 0 NONE'])
    expect(fixture.metadata.cluster.features().epoch).toBe(before)
  })

  test('to a node that is down a move goes on until it is up', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    await alter(fixture, version, { b: { 0: [3] } })
    expect(fixture.partitions('b')).toEqual(['1/0 3,1|1 [+3 -1]'])
    expect(await moving(fixture)).toEqual(['b 0 3,1 +3 -1'])
    await fixture.startNode(3)
    expect(fixture.partitions('b')).toEqual(['3/1 3|3'])
    expect(await moving(fixture)).toEqual([])
  })

  test('and can be turned elsewhere, or taken back', async () => {
    const fixture = await start()
    await fixture.stopNode(3)
    expect(await alter(fixture, version, { b: { 0: null }, a: { 0: null } })).toEqual([
      'NONE',
      'b 0 NO_REASSIGNMENT_IN_PROGRESS',
      'a 0 NO_REASSIGNMENT_IN_PROGRESS',
    ])
    await alter(fixture, version, { b: { 0: [3] } })
    await alter(fixture, version, { b: { 0: null } })
    expect(fixture.partitions('b')).toEqual(['1/1 1|1'])
    await alter(fixture, version, { b: { 0: [3] } })
    await alter(fixture, version, { b: { 0: [2] } })
    // As in Kafka, who was being added already counts as a replica that has to go.
    expect(fixture.partitions('b')).toEqual(['2/2 2|2'])
  })

  test('what cannot be done, each with its own error', async () => {
    const fixture = await start()
    expect(
      await alter(fixture, version, {
        a: { 0: [1, 9], 5: [1], [-1]: [1] },
        b: { 0: [] },
        nope: { 0: [1], 1: null },
        '': { 0: null },
      }),
    ).toEqual([
      'NONE',
      'a 0 INVALID_REPLICA_ASSIGNMENT',
      'a 5 UNKNOWN_TOPIC_OR_PARTITION',
      'a -1 UNKNOWN_TOPIC_OR_PARTITION',
      'b 0 INVALID_REPLICA_ASSIGNMENT',
      'nope 0 UNKNOWN_TOPIC_OR_PARTITION',
      'nope 1 UNKNOWN_TOPIC_OR_PARTITION',
      ' 0 UNKNOWN_TOPIC_OR_PARTITION',
    ])
    expect(await alter(fixture, version, { a: { 0: [-1] }, b: { 0: [1, 1] } })).toEqual([
      'NONE',
      'a 0 INVALID_REPLICA_ASSIGNMENT',
      'b 0 INVALID_REPLICA_ASSIGNMENT',
    ])
    expect(fixture.partitions('a')).toEqual(['1/0 1,2,3|1,2,3'])
  })

  test('no topics, no time, no right', async () => {
    const fixture = await start()
    expect(await alter(fixture, version, {})).toEqual(['NONE'])
    const timeout = await alter(fixture, version, { b: { 0: [2] } }, { timeoutMs: 0 })
    expect(timeout).toEqual(['REQUEST_TIMED_OUT', 'b 0 REQUEST_TIMED_OUT'])
    const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation !== 'ALTER' }
    const denied = await alter(fixture, version, { b: { 0: [2] } }, { authorizer })
    expect(denied).toEqual(['CLUSTER_AUTHORIZATION_FAILED', 'b 0 CLUSTER_AUTHORIZATION_FAILED'])
    expect(fixture.partitions('b')).toEqual(['1/0 1|1'])
  })

  test('a partition named twice is moved twice', async () => {
    const fixture = await start()
    const partitions = [
      { partitionIndex: 0, replicas: [2, 1] },
      { partitionIndex: 0, replicas: [3] },
    ]
    await fixture.send(AlterPartitionReassignments, version, { topics: [{ name: 'b', partitions }] })
    await fixture.idle()
    expect(fixture.partitions('b')).toEqual(['3/1 3|3'])
  })
})

test('a change of the replication factor can be ruled out; who is being added does not count', async () => {
  const fixture = await start()
  await fixture.stopNode(3)
  const no = { allowReplicationFactorChange: false }
  expect(await alter(fixture, 1, { a: { 0: [1, 2] }, b: { 0: [1, 2] } }, no)).toEqual([
    'NONE',
    'a 0 INVALID_REPLICATION_FACTOR',
    'b 0 INVALID_REPLICATION_FACTOR',
  ])
  expect(await alter(fixture, 1, { b: { 0: [3] } }, no)).toEqual(['NONE', 'b 0 NONE'])
  expect(await alter(fixture, 1, { b: { 0: [2] } }, no)).toEqual(['NONE', 'b 0 NONE'])
})

test('a list names what was asked for, as often, and leaves out what does not move', async () => {
  const fixture = await start()
  await fixture.stopNode(3)
  await alter(fixture, 1, { b: { 0: [3] } })
  const topics = [
    { name: 'b', partitionIndexes: [0, 0, 17] },
    { name: 'a', partitionIndexes: [0] },
    { name: 'nope', partitionIndexes: [0] },
    { name: 'b', partitionIndexes: [] },
  ]
  expect(await moving(fixture, topics)).toEqual(['b 0 3,1 +3 -1', 'b 0 3,1 +3 -1'])
  expect(await moving(fixture, [])).toEqual([])
  const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation !== 'DESCRIBE' }
  const denied = await fixture.send(ListPartitionReassignments, 0, { topics: null }, { authorizer })
  expect(denied).toMatchObject({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, topics: [] })
})
