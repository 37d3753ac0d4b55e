import { DeleteRecords, ErrorCode, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t')
  await fixture.settle(client.send(Produce, 9, produceRequest('t', batchOf(['a', 'b', 'c', 'd']))))
})

async function remove(
  offset: bigint,
  rest: { version?: number; name?: string; partitionIndex?: number; by?: Harness } = {},
) {
  const { version = 2, name = 't', partitionIndex = 0, by = client } = rest
  const topics = [{ name, partitions: [{ partitionIndex, offset }] }]
  const answer = await fixture.settle(by.send(DeleteRecords, version, { topics, timeoutMs: 0 }))
  return answer!.topics[0]!.partitions[0]!
}

const done = (lowWatermark: bigint) => ({ partitionIndex: 0, errorCode: ErrorCode.NONE, lowWatermark })
const failed = (errorCode: number) => ({ errorCode, lowWatermark: -1n })

test.each([0, 1, 2])('v%i: the log begins at the offset from then on', async (version) => {
  expect(await remove(2n, { version })).toEqual(done(2n))
  expect(fixture.partitions.find(fixture.cluster.topic('t')!, 0)!.log.startOffset).toBe(2)
})

test('below the start nothing happens, and that is success', async () => {
  await remove(3n)
  expect(await remove(1n)).toEqual(done(3n))
})

test('-1 is everything that consumers may see', async () => {
  expect(await remove(-1n)).toEqual(done(4n))
})

test.each([5n, -2n, 2n ** 63n - 1n])('%i is out of range', async (offset) => {
  expect(await remove(offset)).toMatchObject(failed(ErrorCode.OFFSET_OUT_OF_RANGE))
})

test('a topic that is only compacted is not cut', async () => {
  const log = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!.settings.log
  await fixture.configureTopic('t', { log: { ...log, cleanupCompact: true, cleanupDelete: false } })
  expect(await remove(1n)).toMatchObject(failed(ErrorCode.POLICY_VIOLATION))
  await fixture.configureTopic('t', { log: { ...log, cleanupCompact: true, cleanupDelete: true } })
  expect(await remove(1n)).toEqual(done(1n))
  await fixture.configureTopic('t', { log: { ...log, cleanupCompact: false, cleanupDelete: false } })
  expect(await remove(2n)).toEqual(done(2n))
})

test('what is refused', async () => {
  await fixture.createTopic('__consumer_offsets')
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await remove(0n, { name: '__consumer_offsets' })).toMatchObject(failed(ErrorCode.INVALID_TOPIC_EXCEPTION))
  expect(await remove(0n, { name: 'none' })).toMatchObject(failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  expect(await remove(0n, { partitionIndex: 1 })).toMatchObject(failed(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
  expect(await remove(0n, { by: fixture.client(2) })).toMatchObject(failed(ErrorCode.NOT_LEADER_OR_FOLLOWER))
  expect(await remove(0n, { by: stranger })).toMatchObject(failed(ErrorCode.TOPIC_AUTHORIZATION_FAILED))
  const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
  jest.spyOn(log, 'deleteRecordsBefore').mockReturnValue(Promise.reject(new Error('EIO')))
  expect(await remove(1n)).toMatchObject(failed(ErrorCode.KAFKA_STORAGE_ERROR))
})

test('a partition that is named twice has one row, the last', async () => {
  const partitions = [3n, 1n].map((offset) => ({ partitionIndex: 0, offset }))
  const topics = [{ name: 't', partitions }]
  const answer = await fixture.settle(client.send(DeleteRecords, 2, { topics, timeoutMs: 1000 }))
  expect(answer?.topics).toMatchObject([{ name: 't', partitions: [done(1n)] }])
})

test('a topic without partitions is left out of the answer, as in Kafka', async () => {
  const answer = await client.send(DeleteRecords, 2, { topics: [{ name: 't', partitions: [] }], timeoutMs: 0 })
  expect(answer?.topics).toEqual([])
})
