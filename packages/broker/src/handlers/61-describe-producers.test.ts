import { DescribeProducers, ErrorCode } from '@odradek/protocol'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 2 })
  producer = await fixture.producer()
})

async function describe(name = 't', index = 0, by = fixture.by) {
  const answer = await fixture.settle(by.send(DescribeProducers, 0, { topics: [{ name, partitionIndexes: [index] }] }))
  return answer!.topics[0]!.partitions[0]!
}

test('a producer before, in and after a transaction', async () => {
  expect(await describe()).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null, activeProducers: [] })
  await fixture.produce(producer, 0)
  await fixture.produce(producer, 1)
  const { producerId } = producer
  const before = { producerId, producerEpoch: 0, lastSequence: 1, lastTimestamp: 1000n, coordinatorEpoch: -1 }
  expect((await describe()).activeProducers).toEqual([{ ...before, currentTxnStartOffset: 0n }])
  await fixture.end(producer)
  expect((await describe()).activeProducers).toMatchObject([
    { producerId, producerEpoch: 1, lastSequence: -1, coordinatorEpoch: 0, currentTxnStartOffset: -1n },
  ])
  expect((await describe('t', 1)).activeProducers).toEqual([])
})

test('what is refused', async () => {
  await fixture.createTopic('elsewhere', { leader: 2 })
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await describe('none')).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
  expect(await describe('t', 2)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
  expect(await describe('no name!')).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION })
  expect(await describe('elsewhere')).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
  expect(await describe('t', 0, stranger)).toMatchObject({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
})

test('a partition that is named very often is looked for once', async () => {
  await fixture.produce(producer, 0)
  let asked = 0
  const authorize = () => {
    asked += 1
    return true
  }
  const by = fixture.client(1, { authorizer: { authorize } })
  const topics = [
    { name: 't', partitionIndexes: [0, 0] },
    { name: 't', partitionIndexes: [0] },
  ]
  const answer = await fixture.settle(by.send(DescribeProducers, 0, { topics }))
  const found = answer!.topics.map(({ partitions }) => partitions.map((row) => row.activeProducers.length))
  expect(found).toEqual([[1, 1], [1]])
  expect(asked).toBe(1)
})
