import { ErrorCode, Fetch, ListOffsets, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, type FetchOptions, fetchRequest, produceRequest } from '../data-requests.ts'

const LEADER = 1
let fixture: DataFixture

/** Nodes 1, 2 and 3 stand in racks a, b and b; node 1 leads. */
beforeEach(async () => {
  fixture = new DataFixture()
  const racks = ['a', 'b', 'b']
  fixture.cluster.views = fixture.cluster.views.map((view, index) => ({ ...view, rack: racks[index] ?? null }))
  fixture.settings = { ...fixture.settings, isRackAware: true }
  await fixture.createTopic('t', { replicas: [1, 2, 3] })
  await fixture.settle(fixture.client().send(Produce, 9, produceRequest('t', batchOf(['a', 'b']))))
})

async function fetch(rackId: string | undefined, version = 11, node = LEADER, options: FetchOptions = {}) {
  const client = fixture.client(node)
  const request = fetchRequest('t', { ...options, ...(rackId === undefined ? {} : { rackId }) })
  const response = await fixture.settle(client.send(Fetch, version, request))
  const [row] = response?.responses[0]?.partitions ?? []
  return { ...row, bytes: row?.records?.length ?? 0 }
}

test.each([11, 12])(
  'v%i: a consumer is sent to a replica in its rack, at once and without records',
  async (version) => {
    expect(await fetch('b', version, LEADER, { maxWaitMs: 60_000, offset: 2 })).toMatchObject({
      ...{ errorCode: ErrorCode.NONE, preferredReadReplica: 3, bytes: 0 },
      ...{ highWatermark: 2n, lastStableOffset: 2n, logStartOffset: 0n },
    })
    const followed = await fetch('b', version, 3)
    expect(followed).toMatchObject({ errorCode: ErrorCode.NONE, preferredReadReplica: -1, highWatermark: 2n })
    expect(followed.bytes).toBeGreaterThan(0)
  },
)

test.each([
  ['the leader’s rack', 'a'],
  ['a rack of nobody', 'c'],
  ['no rack', ''],
])('%s: the leader answers', async (_, rackId) => {
  const row = await fetch(rackId)
  expect(row.preferredReadReplica).toBe(-1)
  expect(row.bytes).toBeGreaterThan(0)
})

test('versions before 11 know no rack, and followers do not serve them', async () => {
  expect((await fetch(undefined, 10)).bytes).toBeGreaterThan(0)
  expect((await fetch(undefined, 10, 3)).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
})

test('without the selector everybody reads from the leader', async () => {
  fixture.settings = { ...fixture.settings, isRackAware: false }
  expect(await fetch('b')).toMatchObject({ preferredReadReplica: -1 })
})

test('only replicas that are up and in sync are preferred', async () => {
  await fixture.createTopic('t', { replicas: [1, 2, 3], inSyncReplicas: [1, 2] })
  expect((await fetch('b')).preferredReadReplica).toBe(2)
  await fixture.createTopic('t', { replicas: [1, 2, 3], inSyncReplicas: [1] })
  expect((await fetch('b')).preferredReadReplica).toBe(-1)
})

test('what is wrong with the request is said by the leader itself', async () => {
  expect((await fetch('b', 11, LEADER, { offset: 7 })).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE)
  expect((await fetch('b', 11, LEADER, { currentLeaderEpoch: 7 })).errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
})

test('a session tells it again although nothing has changed', async () => {
  const client = fixture.client()
  const send = async (options: FetchOptions) => {
    const response = await fixture.settle(client.send(Fetch, 11, fetchRequest('t', { rackId: 'b', ...options })))
    return { sessionId: response!.sessionId, row: response!.responses[0]?.partitions[0] }
  }
  const { sessionId } = await send({ sessionEpoch: 0 })
  const { row } = await send({ sessionId, sessionEpoch: 1, partitions: [] })
  expect(row).toMatchObject({ preferredReadReplica: 3 })
})

test('offsets are told by the leader alone', async () => {
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1n }] }]
  const response = await fixture.settle(fixture.client(3).send(ListOffsets, 5, { replicaId: -1, topics }))
  expect(response?.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
})
