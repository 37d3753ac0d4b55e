import { ErrorCode, InitProducerId } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { type Harness, harness } from '../harness.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import { TransactionFixture } from '../transaction-fixture.ts'
import { initProducerId } from './22-init-producer-id.ts'

const fixture = new DataFixture()

async function ask(transactionalId: string | null, version = 5, by: Harness = fixture.client(), rest = {}) {
  return by.send(InitProducerId, version, { transactionalId, transactionTimeoutMs: 60_000, ...rest })
}

test.each([0, 1, 2, 3, 4, 5])('v%i: a new id each time, epoch 0', async (version) => {
  const first = await ask(null, version)
  const second = await ask(null, version)
  expect(first).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 0 })
  expect(second!.producerId).toBe(first!.producerId + 1n)
})

test('time-out, id and epoch of the request do not matter', async () => {
  const answer = await ask(null, 4, fixture.client(), { transactionTimeoutMs: -1, producerId: 7n, producerEpoch: 3 })
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 0 })
  expect(answer?.producerId).not.toBe(7n)
})

test.each([[{ producerId: 7n, producerEpoch: -1 }], [{ producerId: -1n, producerEpoch: 3 }]])(
  '%j: an id and an epoch go together',
  async (rest) => {
    expect(await ask(null, 3, fixture.client(), rest)).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST })
  },
)

test('the right to write one topic is enough', async () => {
  const writer = (type: string) =>
    fixture.client(1, {
      authorizer: {
        authorize: () => false,
        authorizeByResourceType: (_p, _h, operation, resource) => operation === 'WRITE' && resource === type,
      },
    })
  expect(await ask(null, 5, writer('TOPIC'))).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(await ask(null, 5, writer('GROUP'))).toMatchObject({
    errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    producerId: -1n,
  })
})

test('while no ids can be recorded as given away, the client is to try again', async () => {
  const producerIds = { next: () => Promise.reject(new NoProducerIdError('the disk is full')) }
  const client = harness([initProducerId], { producerIds })
  expect(await ask(null, 5, client)).toMatchObject({
    errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    producerId: -1n,
  })
})

test('version 6 is not final in Kafka 4.4, and not served', async () => {
  await expect(ask(null, 6)).rejects.toThrow('version 6 is not served')
})

describe('with a transactional id', () => {
  const none = { producerId: -1n, producerEpoch: -1 }
  let transactions: TransactionFixture

  beforeEach(async () => {
    transactions = new TransactionFixture()
    await transactions.createTopic('t')
  })

  test.each([0, 1, 2, 3, 4, 5])('v%i: an id of its own, and one epoch more each time', async (version) => {
    const first = await transactions.init({}, version)
    expect(first).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 0 })
    expect(await transactions.init({}, version)).toMatchObject({ producerId: first.producerId, producerEpoch: 1 })
    expect(transactions.autoCreated).toEqual(['__transaction_state'])
  })

  test('what is refused before anything happens, transaction.max.timeout.ms included', async () => {
    expect(await transactions.init({ transactionalId: '' })).toMatchObject({ ...none, errorCode: 42 })
    for (const transactionTimeoutMs of [0, -1, 900_001])
      expect(await transactions.init({ transactionTimeoutMs })).toMatchObject({ ...none, errorCode: 50 })
    expect(await transactions.init({ transactionTimeoutMs: 900_000 })).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(await transactions.init({ producerId: 3n })).toMatchObject({ ...none, errorCode: 42 })
    expect(await transactions.init({ producerEpoch: 3 })).toMatchObject({ ...none, errorCode: 42 })
    const stranger = transactions.client(1, { authorizer: { authorize: () => false } })
    expect(await transactions.init({}, 5, stranger)).toMatchObject({
      ...none,
      errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    })
  })

  test('with what the producer holds its epoch rises; a repeat does not raise it again (KIP-360)', async () => {
    const held = await transactions.producer()
    expect(await transactions.init(held)).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 1 })
    expect(await transactions.init(held)).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 1 })
  })

  test.each([
    [3, ErrorCode.INVALID_PRODUCER_EPOCH],
    [4, ErrorCode.PRODUCER_FENCED],
    [5, ErrorCode.PRODUCER_FENCED],
  ])('v%i: whoever holds what is gone hears %i', async (version, errorCode) => {
    const held = await transactions.producer()
    await transactions.producer()
    await transactions.producer()
    expect(await transactions.init(held, version)).toMatchObject({ ...none, errorCode })
    expect(await transactions.init({ ...held, producerId: 77n }, version)).toMatchObject({ ...none, errorCode })
  })

  test('an open transaction is aborted first, and the one after gets its epoch', async () => {
    const producer = await transactions.producer()
    await transactions.add(producer)
    await transactions.produce(producer, 0, { version: 11 })
    expect(await transactions.init()).toMatchObject({ ...none, errorCode: ErrorCode.CONCURRENT_TRANSACTIONS })
    expect(await transactions.stateOf()).toBe('CompleteAbort')
    expect(await transactions.init()).toMatchObject({ producerId: producer.producerId, producerEpoch: 2 })
    expect((await transactions.batchesOf()).map(({ isControl, producerEpoch }) => [isControl, producerEpoch])).toEqual([
      [false, 0],
      [true, 1],
    ])
  })

  test('another node is not the coordinator', async () => {
    await transactions.producer()
    const other = transactions.client(2)
    expect(await transactions.init({}, 5, other)).toMatchObject({ ...none, errorCode: ErrorCode.NOT_COORDINATOR })
  })
})
