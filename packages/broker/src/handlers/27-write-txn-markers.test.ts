import { ErrorCode, WriteTxnMarkers } from '@odradek/protocol'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 2 })
  producer = await fixture.producer()
})

interface Marker {
  readonly producerEpoch?: number
  readonly committed?: boolean
  readonly coordinatorEpoch?: number
  readonly transactionVersion?: number
  readonly topic?: string
  readonly partitions?: readonly number[]
}

async function write(marker: Marker = {}, version = 1, by = fixture.by): Promise<number[]> {
  const { producerEpoch = producer.producerEpoch, committed = false, coordinatorEpoch = 0, partitions = [0] } = marker
  const topics = [{ name: marker.topic ?? 't', partitionIndexes: partitions }]
  const { producerId } = producer
  const row = { producerId, producerEpoch, transactionResult: committed, topics, coordinatorEpoch }
  const transactionVersion = version >= 2 ? { transactionVersion: marker.transactionVersion ?? 2 } : {}
  const answer = await fixture.settle(
    by.send(WriteTxnMarkers, version, { markers: [{ ...row, ...transactionVersion }] }),
  )
  expect(answer!.markers).toMatchObject([{ producerId, topics: [{ name: marker.topic ?? 't' }] }])
  return answer!.markers[0]!.topics[0]!.partitions.map(({ errorCode }) => errorCode)
}

test.each([1, 2])('v%i: ends what a producer left open', async (version) => {
  await fixture.produce(producer, 0)
  expect(fixture.logOf().lastStableOffset).toBe(0)
  expect(await write({ producerEpoch: producer.producerEpoch + (version >= 2 ? 1 : 0) }, version)).toEqual([0])
  expect(fixture.logOf().lastStableOffset).toBe(2)
})

test('v1: the same epoch appends a further marker, open transaction or not', async () => {
  for (let index = 0; index < 3; index++) expect(await write()).toEqual([ErrorCode.NONE])
  expect(await fixture.batchesOf()).toHaveLength(3)
})

test('v2: the epoch of an open transaction is refused under version 2, and only there', async () => {
  await fixture.produce(producer, 0)
  expect(await write({}, 2)).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
  expect(await write({ transactionVersion: 1 }, 2)).toEqual([ErrorCode.NONE])
})

test('what is refused, partition by partition', async () => {
  await fixture.createTopic('elsewhere', { leader: 2 })
  expect(await write({ partitions: [0, 2, 1] })).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 0])
  expect(await write({ topic: 'none' })).toEqual([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
  expect(await write({ topic: 'elsewhere' })).toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER])
  await write({ producerEpoch: 3, coordinatorEpoch: 5 })
  expect(await write({ producerEpoch: 3, coordinatorEpoch: 4 })).toEqual([ErrorCode.TRANSACTION_COORDINATOR_FENCED])
  expect(await write({ producerEpoch: 2, coordinatorEpoch: 5 })).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
})

test('several markers of a producer have one row, and each partition one; of what they came to in it the last counts', async () => {
  const asked = (partitionIndexes: readonly number[], coordinatorEpoch: number, name = 't') => ({
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
    transactionResult: false,
    topics: [{ name, partitionIndexes: [...partitionIndexes] }],
    coordinatorEpoch,
  })
  const markers = [asked([0, 0], 5), asked([1], 5), asked([0], 4), asked([0], 5, 'none')]
  const partitions = [
    { partitionIndex: 0, errorCode: ErrorCode.TRANSACTION_COORDINATOR_FENCED },
    { partitionIndex: 1, errorCode: ErrorCode.NONE },
  ]
  const none = { name: 'none', partitions: [{ partitionIndex: 0, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }] }
  expect(await fixture.settle(fixture.by.send(WriteTxnMarkers, 1, { markers }))).toMatchObject({
    markers: [{ producerId: producer.producerId, topics: [{ name: 't', partitions }, none] }],
  })
  expect([await fixture.batchesOf('t', 0), await fixture.batchesOf('t', 1)].map(({ length }) => length)).toEqual([1, 1])
})

test('very many partitions of one topic have their rows in order, each once, and hold up nobody', async () => {
  const COUNT = 4 * ROWS_PER_TURN
  const indexes = Array.from({ length: COUNT }, (_, index) => index)
  const { producerId, producerEpoch } = producer
  const marker = { producerId, producerEpoch, transactionResult: false, coordinatorEpoch: 5 }
  const topics = [
    { name: 't', partitionIndexes: [...indexes, 0, 7] },
    { name: 'none', partitionIndexes: [0] },
    { name: 't', partitionIndexes: [COUNT - 1, COUNT] },
  ]
  const asked = fixture.client(1).send(WriteTxnMarkers, 1, { markers: [{ ...marker, topics }] })
  const other = fixture.client(1).send(WriteTxnMarkers, 1, { markers: [] })
  expect(await fixture.settle(Promise.race([asked, other]))).toEqual({ markers: [] })
  const [row] = (await fixture.settle(asked))?.markers ?? []
  expect(row?.topics.map(({ name }) => name)).toEqual(['t', 'none'])
  expect(row?.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([...indexes, COUNT])
  expect(row?.topics[0]?.partitions.filter(({ errorCode }) => errorCode === ErrorCode.NONE)).toHaveLength(2)
})

test('many topics with many partitions each are no more rows a turn than one topic is', async () => {
  const soon = jest.spyOn(fixture.clock, 'soon')
  const looks = jest.spyOn(fixture.cluster, 'topic')
  const rowsByTurn = new Map<number, number>()
  looks.mockImplementation(() => {
    const turn = soon.mock.calls.length
    rowsByTurn.set(turn, (rowsByTurn.get(turn) ?? 0) + 1)
    return undefined
  })
  const { producerId, producerEpoch } = producer
  const topicsOf = (first: number) =>
    Array.from({ length: ROWS_PER_TURN - 1 }, (_, index) => ({ name: `t${first + index}`, partitionIndexes: [1, 0] }))
  const markers = [0, ROWS_PER_TURN].map((first) => ({
    ...{ producerId, producerEpoch, transactionResult: false, coordinatorEpoch: 5 },
    topics: topicsOf(first),
  }))
  const answer = await fixture.settle(fixture.by.send(WriteTxnMarkers, 1, { markers }))
  expect(Math.max(...rowsByTurn.values())).toBeLessThanOrEqual(ROWS_PER_TURN)
  const errorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const partitions = [1, 0].map((partitionIndex) => ({ partitionIndex, errorCode }))
  const topics = markers.flatMap((marker) => marker.topics.map(({ name }) => ({ name, partitions })))
  expect(answer).toMatchObject({ markers: [{ producerId, topics }] })
})

test('markers that name the same partitions again are taken in turns as well, and the last ones count', async () => {
  const soon = jest.spyOn(fixture.clock, 'soon')
  const { producerId, producerEpoch } = producer
  const partitionIndexes = Array.from({ length: 2 * ROWS_PER_TURN }, (_, index) => index)
  const marker = (coordinatorEpoch: number) => ({
    ...{ producerId, producerEpoch, transactionResult: false, coordinatorEpoch },
    topics: [{ name: 't', partitionIndexes }],
  })
  const asked = fixture.by.send(WriteTxnMarkers, 1, { markers: [marker(6), marker(5)] })
  const [row] = (await fixture.settle(asked))?.markers ?? []
  expect(row?.topics.map(({ partitions }) => partitions.length)).toEqual([partitionIndexes.length])
  expect(row?.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.TRANSACTION_COORDINATOR_FENCED)
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual((2 * partitionIndexes.length) / ROWS_PER_TURN)
})

test('no markers, no rows', async () => {
  expect(await fixture.settle(fixture.by.send(WriteTxnMarkers, 2, { markers: [] }))).toEqual({ markers: [] })
})

test.each(['ALTER', 'CLUSTER_ACTION', 'DESCRIBE'])('with the right %s alone', async (right) => {
  const authorize = (_p: string, _h: string, operation: string, resource: string) =>
    resource === 'CLUSTER' && operation === right
  const expected = right === 'DESCRIBE' ? ErrorCode.CLUSTER_AUTHORIZATION_FAILED : ErrorCode.NONE
  expect(await write({ partitions: [0, 1] }, 1, fixture.client(1, { authorizer: { authorize } }))).toEqual([
    expected,
    expected,
  ])
})
