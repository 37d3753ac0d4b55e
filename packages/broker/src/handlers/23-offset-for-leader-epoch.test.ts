import { ErrorCode, OffsetForLeaderEpoch, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { replicas: [1, 2] })
})

async function produce() {
  await fixture.settle(client.send(Produce, 9, produceRequest('t', batchOf(['a', 'b']))))
}

/** The leader goes to node 2 and comes back: two epochs later. */
async function moveAndBack() {
  await fixture.changePartitions('t', 2)
  await fixture.changePartitions('t', 1)
}

async function ask(
  leaderEpoch: number,
  rest: { version?: number; currentLeaderEpoch?: number; topic?: string; partition?: number; by?: Harness } = {},
) {
  const { version = 4, currentLeaderEpoch, topic = 't', partition = 0, by = client } = rest
  const row = { partition, leaderEpoch, ...(currentLeaderEpoch !== undefined && { currentLeaderEpoch }) }
  const answer = await by.send(OffsetForLeaderEpoch, version, {
    replicaId: version >= 3 ? -1 : -2,
    topics: [{ topic, partitions: [row] }],
  })
  return answer!.topics[0]!.partitions[0]!
}

const end = (leaderEpoch: number, endOffset: number) => ({
  errorCode: ErrorCode.NONE,
  leaderEpoch,
  endOffset: BigInt(endOffset),
})

test.each([0, 1, 2, 3, 4])('v%i: where an epoch ends', async (version) => {
  await produce()
  await moveAndBack()
  await produce()
  const seen = await ask(0, { version })
  expect(seen).toMatchObject({ errorCode: 0, endOffset: 2n, leaderEpoch: version >= 1 ? 0 : -1 })
})

test('the largest epoch that is not above the one asked for', async () => {
  await produce()
  await moveAndBack()
  await produce()
  expect(await ask(2)).toMatchObject(end(2, 4))
  expect(await ask(1)).toMatchObject(end(0, 2))
  expect(await ask(0)).toMatchObject(end(0, 2))
  expect(await ask(3)).toMatchObject(end(-1, -1))
  expect(await ask(-1)).toMatchObject(end(-1, -1))
  expect(await ask(-2)).toMatchObject(end(-2, 0))
})

test("the leader's own epoch ends where the log does, records or not", async () => {
  expect(await ask(0)).toMatchObject(end(0, 0))
  await produce()
  await moveAndBack()
  expect(await ask(2)).toMatchObject(end(2, 2))
})

test('the epoch that the client believes in is compared', async () => {
  await moveAndBack()
  expect(await ask(0, { currentLeaderEpoch: 1 })).toMatchObject({
    errorCode: ErrorCode.FENCED_LEADER_EPOCH,
    leaderEpoch: -1,
    endOffset: -1n,
  })
  expect(await ask(0, { currentLeaderEpoch: -2 })).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
  expect(await ask(0, { currentLeaderEpoch: 3 })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH })
  expect(await ask(0, { currentLeaderEpoch: 2 })).toMatchObject({ errorCode: ErrorCode.NONE })
})

test.each(['DESCRIBE', 'CLUSTER_ACTION'])('with the right %s alone', async (right) => {
  await produce()
  const by = fixture.client(1, { authorizer: { authorize: (_p, _h, operation) => operation === right } })
  expect(await ask(0, { by })).toMatchObject(end(0, 2))
})

test('what is refused', async () => {
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await ask(0, { by: fixture.client(2) })).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
  expect(await ask(0, { topic: 'none' })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
  expect(await ask(0, { partition: 1 })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
  expect(await ask(0, { by: stranger })).toMatchObject({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
  const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
  jest.spyOn(log, 'failure', 'get').mockReturnValue('bad bytes')
  expect(await ask(0)).toMatchObject({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR })
})
