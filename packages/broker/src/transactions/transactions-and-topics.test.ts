import { producerId } from '@odradek/core'
import { DeleteRecords, ErrorCode, Fetch, ListOffsets } from '@odradek/protocol'
import { fetchRequest } from '../data-requests.ts'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 2 })
  producer = await fixture.producer()
})

async function fetched(isolationLevel: number, offset = 0) {
  const request = fetchRequest('t', { offset, isolationLevel })
  const answer = await fixture.settle(fixture.by.send(Fetch, 12, request))
  return answer!.responses[0]!.partitions[0]!
}

async function latest(isolationLevel: number): Promise<bigint> {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }]
  const request = { replicaId: -1, isolationLevel, timeoutMs: 0, topics: [{ name: 't', partitions }] }
  const answer = await fixture.settle(fixture.by.send(ListOffsets, 10, request))
  return answer!.topics[0]!.partitions[0]!.offset
}

test('readers of committed records see the end of a transaction, not its middle', async () => {
  await fixture.produce(producer, 0)
  expect([await latest(0), await latest(1)]).toEqual([1n, 0n])
  expect(await fetched(1)).toMatchObject({ lastStableOffset: 0n, abortedTransactions: [] })
  await fixture.end(producer, false)
  expect([await latest(0), await latest(1)]).toEqual([2n, 2n])
  const { producerId } = producer
  const abortedTransactions = [{ producerId, firstOffset: 0n }]
  expect(await fetched(1)).toMatchObject({ lastStableOffset: 2n, abortedTransactions })
  expect(await fetched(0)).toMatchObject({ lastStableOffset: 2n, abortedTransactions: null })
})

test('DeleteRecords over an open transaction leaves it open, and its end holds nothing up', async () => {
  await fixture.produce(producer, 0)
  await fixture.produce(producer, 1)
  const partitions = [{ partitionIndex: 0, offset: 2n }]
  const request = { topics: [{ name: 't', partitions }], timeoutMs: 1000 }
  const answer = await fixture.settle(fixture.by.send(DeleteRecords, 2, request))
  expect(answer?.topics[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.NONE, lowWatermark: 2n }])
  // Where a reader that begins with the latest is sent must not be out of the log's range.
  expect(await latest(1)).toBe(2n)
  expect(await fetched(1, 2)).toMatchObject({ errorCode: 0, lastStableOffset: 2n, logStartOffset: 2n })
  expect(await fixture.produce(producer, 2)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 2n })
  await fixture.end(producer, false)
  expect(await latest(1)).toBe(4n)
  expect(await fetched(1, 2)).toMatchObject({ errorCode: 0, abortedTransactions: [{ firstOffset: 0n }] })
})

test('a topic that is deleted and made again in a transaction has its own', async () => {
  await fixture.produce(producer, 0)
  await fixture.produce(producer, 0, { partition: 1 })
  await fixture.deleteTopic('t')
  await fixture.createTopic('t')
  // The new log knows nothing of the producer, which goes on where it was.
  expect(await fixture.produce(producer, 1)).toMatchObject({ errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER })
  expect(await fixture.produce(producer, 0)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
  expect((await fixture.end(producer)).errorCode).toBe(ErrorCode.NONE)
  expect(await fixture.batchesOf()).toMatchObject([{ isControl: false }, { isControl: true }])
  expect(await fixture.stateOf()).toBe('CompleteCommit')
})

test('a topic that is gone for good holds no transaction up', async () => {
  await fixture.produce(producer, 0)
  await fixture.deleteTopic('t')
  expect((await fixture.end(producer)).errorCode).toBe(ErrorCode.NONE)
  expect(await fixture.stateOf()).toBe('CompleteCommit')
})

test('partitions on several nodes, a coordinator on yet another', async () => {
  await fixture.createTopic('u', { leader: 2 })
  await fixture.changePartitions('__transaction_state', 3)
  const second = fixture.client(2)
  const third = fixture.client(3)
  expect(await fixture.produce(producer, 0)).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(await fixture.produce(producer, 0, { topic: 'u', by: second })).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(await fixture.end(producer, true, 5, third)).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 1 })
  for (const topic of ['t', 'u']) expect(await fixture.batchesOf(topic)).toMatchObject([{}, { isControl: true }])
})

test('too few replicas in sync: no batch, no marker; the end comes when there are enough', async () => {
  await fixture.createTopic('u', { replicas: [1, 2], settings: { minInsyncReplicas: 2 } })
  expect(await fixture.produce(producer, 0, { topic: 'u', acks: -1 })).toMatchObject({ errorCode: ErrorCode.NONE })
  await fixture.changePartitions('u', 1, [1])
  expect(await fixture.produce(producer, 1, { topic: 'u', acks: -1 })).toMatchObject({ errorCode: 19 })
  expect((await fixture.end(producer)).errorCode).toBe(ErrorCode.NONE)
  expect(await fixture.stateOf()).toBe('PrepareCommit')
  await fixture.changePartitions('u', 1, [1, 2])
  fixture.clock.advance(1000)
  await fixture.turn()
  expect(await fixture.stateOf()).toBe('CompleteCommit')
  expect(fixture.logOf('u').lastStableOffset).toBe(2)
})

test('the marker that the next transaction waits for may come into the very partition that it writes to', async () => {
  await fixture.createTopic('u', { replicas: [1, 2], settings: { minInsyncReplicas: 2 } })
  await fixture.produce(producer, 0, { topic: 'u' })
  await fixture.changePartitions('u', 1, [1])
  const { producerId: id, producerEpoch } = await fixture.end(producer)
  expect(await fixture.stateOf()).toBe('PrepareCommit')
  // Its marker is tried again before the next one has waited for as long as it may.
  fixture.clock.advance(50)
  const answer = fixture.produceSoon({ producerId: producerId(id), producerEpoch }, 0, { topic: 'u' })
  await fixture.turn()
  await fixture.changePartitions('u', 1, [1, 2])
  for (let waitedMs = 0; waitedMs < 90; waitedMs++) {
    fixture.clock.advance(1)
    await fixture.turn()
  }
  expect(await fixture.settle(answer)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 2n })
})

test('after a restart what was prepared is ended, what was open goes on', async () => {
  await fixture.createTopic('u')
  await fixture.produce(producer, 0, { acks: -1 })
  await fixture.changePartitions('t', -1)
  await fixture.end(producer)
  const other = await fixture.producer('other')
  await fixture.produce(other, 0, { topic: 'u', transactionalId: 'other', acks: -1 })
  await fixture.changePartitions('t', 1)
  await fixture.restart()
  await fixture.turn()
  expect([await fixture.stateOf(), await fixture.stateOf('other')]).toEqual(['CompleteCommit', 'Ongoing'])
  expect(fixture.logOf().lastStableOffset).toBe(2)
  expect(await fixture.produce(other, 1, { topic: 'u', transactionalId: 'other' })).toMatchObject({ errorCode: 0 })
  expect(fixture.logOf('u').lastStableOffset).toBe(0)
})

test('a batch of the transaction before that comes twice is refused, and the next transaction goes on in sequence', async () => {
  const old = { version: 11 }
  await fixture.add(producer)
  expect(await fixture.produce(producer, 0, old)).toMatchObject({ errorCode: ErrorCode.NONE })
  await fixture.end(producer, true, 4)
  await fixture.turn()
  expect(await fixture.produce(producer, 0, old)).toMatchObject({ errorCode: ErrorCode.TRANSACTION_ABORTABLE })
  await fixture.add(producer)
  expect(await fixture.produce(producer, 1, old)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 2n })
})
