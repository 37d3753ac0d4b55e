import { ErrorCode } from '@odradek/protocol'
import { type Producer, TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture
let producer: Producer

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t')
  producer = await fixture.producer()
})

const none = { producerId: -1n, producerEpoch: -1 }
const code = async (held: Producer, committed: boolean, version: number) =>
  (await fixture.end(held, committed, version)).errorCode

describe.each([0, 1, 2, 3, 4])('v%i', (version) => {
  const fenced = version >= 2 ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH

  test.each([true, false])('ends a transaction, %s, and says so again', async (committed) => {
    expect(await code(producer, committed, version)).toBe(ErrorCode.INVALID_TXN_STATE)
    await fixture.add(producer)
    expect(await fixture.end(producer, committed, version)).toMatchObject({ ...none, errorCode: ErrorCode.NONE })
    expect(await fixture.stateOf()).toBe(committed ? 'CompleteCommit' : 'CompleteAbort')
    expect(await code(producer, committed, version)).toBe(ErrorCode.NONE)
    expect(await code(producer, !committed, version)).toBe(ErrorCode.INVALID_TXN_STATE)
    expect(await fixture.batchesOf()).toMatchObject([{ isControl: true, producerEpoch: 0 }])
  })

  test('while the markers are missing', async () => {
    await fixture.add(producer)
    await fixture.changePartitions('t', -1)
    await code(producer, true, version)
    expect(await code(producer, true, version)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(await code(producer, false, version)).toBe(ErrorCode.INVALID_TXN_STATE)
  })

  test('of another epoch, id or node, or without the right', async () => {
    await fixture.add(await fixture.producer())
    expect(await code(producer, true, version)).toBe(fenced)
    const other = { ...producer, producerId: 1n as never }
    expect(await code(other, true, version)).toBe(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    expect((await fixture.end(producer, true, version, fixture.client(2))).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
    const { errorCode } = await fixture.end(producer, true, version, stranger)
    expect(errorCode).toBe(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  })
})

describe('v5', () => {
  test.each([true, false])('ends a transaction, %s, and gives the next one its epoch', async (committed) => {
    await fixture.produce(producer, 0)
    const next = { producerId: producer.producerId, producerEpoch: 1 }
    expect(await fixture.end(producer, committed)).toMatchObject({ ...next, errorCode: ErrorCode.NONE })
    // Sent again, it is told the same.
    expect(await fixture.end(producer, committed)).toMatchObject({ ...next, errorCode: ErrorCode.NONE })
    expect(await fixture.end(producer, !committed)).toMatchObject({ ...none, errorCode: ErrorCode.INVALID_TXN_STATE })
    expect((await fixture.batchesOf()).map(({ producerEpoch }) => producerEpoch)).toEqual([0, 1])
  })

  test('without a transaction an abort raises the epoch, a commit is refused', async () => {
    expect(await code(producer, true, 5)).toBe(ErrorCode.INVALID_TXN_STATE)
    expect(await fixture.end(producer, false)).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 1 })
    expect(await code(await fixture.producer(), true, 5)).toBe(ErrorCode.INVALID_TXN_STATE)
  })

  test('a late request of the transaction before does not end the next one', async () => {
    await fixture.produce(producer, 0)
    const { producerEpoch } = await fixture.end(producer)
    const next = { ...producer, producerEpoch }
    await fixture.produce(next, 0)
    expect(await fixture.end(producer)).toMatchObject({ ...none, errorCode: ErrorCode.PRODUCER_FENCED })
    expect(await fixture.stateOf()).toBe('Ongoing')
  })

  test('while the markers are missing a repeat waits, anything else is fenced', async () => {
    await fixture.produce(producer, 0)
    await fixture.changePartitions('t', -1)
    const next = { ...producer, producerEpoch: (await fixture.end(producer)).producerEpoch }
    expect(await code(producer, true, 5)).toBe(ErrorCode.CONCURRENT_TRANSACTIONS)
    expect(await code(producer, false, 5)).toBe(ErrorCode.INVALID_TXN_STATE)
    expect(await code(next, true, 5)).toBe(ErrorCode.PRODUCER_FENCED)
  })
})
