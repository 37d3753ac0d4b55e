import {
  DeleteRecords,
  DescribeProducers,
  ErrorCode,
  Fetch,
  FindCoordinator,
  ListOffsets,
  OffsetForLeaderEpoch,
  Produce,
} from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest } from '../data-requests.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'

// More rows than one turn of the event loop is for: answered as few are, in the order of the request.

const COUNT = 4 * ROWS_PER_TURN + 1
/** So long that the requests are large ones. */
const names = Array.from({ length: COUNT }, (_, index) => `${'n'.repeat(80)}-${index}`)
const LAST = names.length - 1

let fixture: DataFixture

beforeEach(async () => {
  fixture = new DataFixture()
  for (const index of [0, LAST]) await fixture.createTopic(names[index] ?? '', { partitions: 1 })
})

const send: DataFixture['settle'] = (answer) => fixture.settle(answer)
const isThere = (index: number) => index === 0 || index === LAST
const expected = names.map((name, index) => [
  name,
  isThere(index) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
])

test('Produce: each batch is stored, and what follows on the connection comes after all of them', async () => {
  const client = fixture.client()
  const request = (value: string) => ({
    ...produceRequest('', null),
    topicData: names.map((name) => ({ name, partitionData: [{ index: 0, records: batchOf([value]) }] })),
  })
  const response = await send(client.send(Produce, 9, request('a')))
  expect(response?.responses.map(({ name, partitionResponses: [row] }) => [name, row?.errorCode])).toEqual(expected)
  const again = await send(client.send(Produce, 9, request('b')))
  expect(again?.responses.at(-1)?.partitionResponses[0]?.baseOffset).toBe(1n)
  expect(
    await send(client.send(Produce, 9, { ...request('c'), acks: 0, topicData: request('c').topicData.slice(0, 1) })),
  ).toBeNull()
})

test('Fetch', async () => {
  const topics = names.map((topic) => ({
    topic,
    partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }],
  }))
  const response = await send(fixture.client().send(Fetch, 4, { maxWaitMs: 0, minBytes: 0, topics }))
  const codes = new Map(response?.responses.map(({ topic, partitions: [row] }) => [topic, row?.errorCode]))
  expect(names.map((name) => [name, codes.get(name)])).toEqual(expected)
})

test('ListOffsets: a partition that is repeated far behind is refused as one that is repeated at once', async () => {
  const row = (name: string) => ({ name, partitions: [{ partitionIndex: 0, timestamp: -1n }] })
  const once = await send(
    fixture.client().send(ListOffsets, 5, { replicaId: -1, isolationLevel: 0, topics: names.map(row) }),
  )
  expect(once?.topics.map(({ name, partitions: [answer] }) => [name, answer?.errorCode])).toEqual(expected)
  const topics = [...names, names[0] ?? ''].map(row)
  const twice = await send(fixture.client().send(ListOffsets, 5, { replicaId: -1, isolationLevel: 0, topics }))
  expect(twice?.topics.find(({ name }) => name === names[0])?.partitions[0]?.errorCode).toBe(ErrorCode.INVALID_REQUEST)
})

test('ListOffsets: very many partitions of one topic, some of them again, are answered in order and in turns', async () => {
  const name = names[0] ?? ''
  const indexes = Array.from({ length: COUNT }, (_, index) => index)
  const partitions = [...indexes, LAST, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
  const client = fixture.client()
  const asked = client.send(ListOffsets, 5, { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] })
  const other = fixture.client().send(ListOffsets, 5, { replicaId: -1, isolationLevel: 0, topics: [] })
  const first = await send(Promise.race([asked, other]))
  expect(first?.topics).toEqual([])
  const [topic] = (await send(asked))?.topics ?? []
  expect(topic?.partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode])).toEqual(
    indexes.map((index) => [
      index,
      index === 0 || index === LAST ? ErrorCode.INVALID_REQUEST : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]),
  )
})

test('OffsetForLeaderEpoch', async () => {
  const topics = names.map((topic) => ({ topic, partitions: [{ partition: 0, leaderEpoch: 0 }] }))
  const response = await send(fixture.client().send(OffsetForLeaderEpoch, 2, { topics }))
  expect(response?.topics.map(({ topic, partitions: [row] }) => [topic, row?.errorCode])).toEqual(expected)
})

test('DeleteRecords', async () => {
  const topics = names.map((name) => ({ name, partitions: [{ partitionIndex: 0, offset: -1n }] }))
  const response = await send(fixture.client().send(DeleteRecords, 1, { topics, timeoutMs: 1000 }))
  expect(response?.topics.map(({ name, partitions: [row] }) => [name, row?.errorCode])).toEqual(expected)
})

test('DescribeProducers', async () => {
  const topics = names.map((name) => ({ name, partitionIndexes: [0] }))
  const response = await send(fixture.client().send(DescribeProducers, 0, { topics }))
  expect(response?.topics.map(({ name, partitions: [row] }) => [name, row?.errorCode])).toEqual(expected)
})

test('FindCoordinator: a key that is repeated has a row for each time', async () => {
  const coordinatorKeys = [...names, names[0] ?? '']
  const response = await send(fixture.client().send(FindCoordinator, 4, { keyType: 0, coordinatorKeys }))
  expect(response?.coordinators.map(({ key }) => key).toSorted()).toEqual(coordinatorKeys.toSorted())
  expect(response?.coordinators.every(({ errorCode }) => errorCode === ErrorCode.NONE)).toBe(true)
})
