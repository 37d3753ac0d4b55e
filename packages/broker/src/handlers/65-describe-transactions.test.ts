import { DescribeTransactions, ErrorCode } from '@odradek/protocol'
import { TransactionFixture } from '../transaction-fixture.ts'

let fixture: TransactionFixture

beforeEach(async () => {
  fixture = new TransactionFixture()
  await fixture.createTopic('t', { partitions: 2 })
})

async function describe(transactionalIds: string[], by = fixture.by) {
  return (await fixture.settle(by.send(DescribeTransactions, 0, { transactionalIds })))!.transactionStates
}

const missing = {
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0n,
  producerId: 0n,
  producerEpoch: 0,
  topics: [],
}

test('a transaction from its beginning to its end', async () => {
  const producer = await fixture.producer()
  const base = { ...producer, errorCode: 0, transactionalId: 'tx', transactionTimeoutMs: 60_000, topics: [] }
  expect(await describe(['tx'])).toEqual([{ ...base, transactionState: 'Empty', transactionStartTimeMs: -1n }])
  await fixture.add(producer, [1, 0])
  const transactionStartTimeMs = BigInt(fixture.clock.wallMs())
  const open = { ...base, transactionStartTimeMs, topics: [{ topic: 't', partitions: [1, 0] }] }
  expect(await describe(['tx'])).toEqual([{ ...open, transactionState: 'Ongoing' }])
  fixture.clock.advance(5)
  await fixture.end(producer, true, 4)
  expect(await describe(['tx'])).toEqual([{ ...open, transactionState: 'CompleteCommit', topics: [] }])
})

test('in order, one that is named twice twice; what is not there is said', async () => {
  await fixture.producer()
  expect(await describe(['none', 'tx', '', 'tx'])).toMatchObject([
    { ...missing, transactionalId: 'none', errorCode: ErrorCode.TRANSACTIONAL_ID_NOT_FOUND },
    { transactionalId: 'tx', transactionState: 'Empty' },
    { ...missing, transactionalId: '', errorCode: ErrorCode.INVALID_REQUEST },
    { transactionalId: 'tx', transactionState: 'Empty' },
  ])
  expect(await describe([])).toEqual([])
})

test('rights to the id, and to the topics in it; another node is not the coordinator', async () => {
  await fixture.add(await fixture.producer(), [0])
  const without = (hidden: string) =>
    fixture.client(1, { authorizer: { authorize: (_p, _h, _o, _r, name) => name !== hidden } })
  expect(await describe(['tx'], without('t'))).toMatchObject([{ errorCode: ErrorCode.NONE, topics: [] }])
  expect(await describe(['tx'], without('tx'))).toEqual([
    { ...missing, errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, transactionalId: 'tx' },
  ])
  expect(await describe(['tx'], fixture.client(2))).toMatchObject([
    { ...missing, errorCode: ErrorCode.NOT_COORDINATOR },
  ])
})
