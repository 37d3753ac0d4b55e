import type { TransactionCommand } from '@odradek/coordinators'
import { nodeId, present, producerId, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch, buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import type { LocalPartition, Services } from '../services.ts'
import { type Admission, type AdmissionTerms, admitToTransaction } from './admit-to-transaction.ts'

const NODE = nodeId(1)
const producer = { transactionalId: 'a', producerId: producerId(4000n), producerEpoch: 0 }
const verifies: AdmissionTerms = { addsPartitions: false, knowsTransactionAbortable: true }
const adds: AdmissionTerms = { addsPartitions: true, knowsTransactionAbortable: true }

let fixture: DataFixture

beforeEach(async () => {
  fixture = new DataFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('__transaction_state')
  await submit({
    kind: 'InitProducerId',
    transactionalId: 'a',
    transactionTimeoutMs: 60_000,
    producerId: producerId(-1n),
    producerEpoch: -1,
    newProducerId: null,
    knowsProducerFenced: true,
  })
})

const submit = (command: TransactionCommand) => fixture.settle(fixture.transactions.submit(NODE, 'a', command))
const partition = (index: number): LocalPartition =>
  present(fixture.partitions.find(present(fixture.cluster.topic('t'), 't'), index), 'a partition')

function admit(indexes: readonly number[], terms: AdmissionTerms, by = producer) {
  return admitToTransaction(by, indexes.map(partition), terms, fixture.services() as Services)
}

async function codes(indexes: readonly number[], terms: AdmissionTerms, by = producer): Promise<ErrorCode[]> {
  const admissions = await fixture.settle(Promise.resolve(admit(indexes, terms, by)))
  return admissions.map(({ errorCode }) => errorCode)
}

function append(index: number, batch: Uint8Array): void {
  partition(index).log.append({ batch, header: readBatchHeader(batch), durability: 'written' }, () => {})
}

const data = () =>
  buildBatch({
    records: [{ timestamp: timestamp(1n), key: null, value: Buffer.from('v') }],
    ...producer,
    baseSequence: 0,
    isTransactional: true,
  })
const marker = () =>
  buildEndTransactionBatch({ ...producer, outcome: 'commit', coordinatorEpoch: 0, timestamp: timestamp(1n) })

const add = (partitionIndexes: number[]): TransactionCommand => ({
  kind: 'AddPartitionsToTxn',
  ...producer,
  topics: [{ name: 't', partitionIndexes }],
  verifyOnly: false,
  clientTransactionVersion: 0,
  knowsProducerFenced: true,
})
const end: TransactionCommand = {
  kind: 'EndTxn',
  ...producer,
  committed: true,
  newProducerId: null,
  clientTransactionVersion: 0,
  knowsProducerFenced: true,
}

test('before version 2 a partition must have been added, in words that the version knows', async () => {
  expect(await codes([0], verifies)).toEqual([ErrorCode.TRANSACTION_ABORTABLE])
  await submit(add([0, 2]))
  expect(await codes([2, 1, 0], verifies)).toEqual([ErrorCode.NONE, ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.NONE])
  expect(await codes([1], { ...verifies, knowsTransactionAbortable: false })).toEqual([ErrorCode.INVALID_TXN_STATE])
  expect(await codes([0], verifies, { ...producer, producerEpoch: 1 })).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
  expect(await codes([0], verifies, { ...producer, producerId: producerId(7n) })).toEqual([
    ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  ])
})

test('from version 2 on it is added', async () => {
  expect(await codes([1, 0], adds)).toEqual([ErrorCode.NONE, ErrorCode.NONE])
  expect(await codes([2, 1], verifies)).toEqual([ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.NONE])
})

test('without a coordinator nobody is admitted', async () => {
  await fixture.deleteTopic('__transaction_state')
  expect(await codes([0], adds)).toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE])
})

test('where the transaction has batches nobody is asked, as long as it is the same epoch', async () => {
  append(0, data())
  const asked = jest.spyOn(fixture.transactions, 'submit')
  expect(admit([0], adds)).toMatchObject([{ errorCode: ErrorCode.NONE }])
  expect(asked).not.toHaveBeenCalled()
  expect(await codes([0], adds, { ...producer, producerEpoch: 1 })).toEqual([ErrorCode.INVALID_PRODUCER_EPOCH])
})

test('an admission ends with the transaction, also one that ends before the answer has come', async () => {
  await submit(add([0, 1, 2]))
  append(1, data())
  const later = admit([0, 1, 2], verifies)
  append(0, marker())
  const admissions: readonly Admission[] = await fixture.settle(Promise.resolve(later))
  expect(admissions.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0])
  expect(admissions.map((admission) => admission.stillHolds())).toEqual([false, true, true])
  append(1, marker())
  append(2, data())
  expect(admissions.map((admission) => admission.stillHolds())).toEqual([false, false, true])
})

describe('while the transaction before is being ended', () => {
  let release: () => void

  beforeEach(async () => {
    await submit(add([0]))
    const { log } = partition(0)
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const append = log.append.bind(log)
    jest.spyOn(log, 'append').mockImplementation((request, done) => {
      append(request, (result) => void held.then(() => done(result)))
    })
    await submit(end)
  })

  test('who adds by writing waits for a moment', async () => {
    const answer = Promise.resolve(admit([1], adds))
    for (let turn = 0; turn < 3; turn++) {
      await fixture.turn()
      fixture.clock.advance(20)
    }
    release()
    await fixture.turn()
    fixture.clock.advance(20)
    expect(await fixture.settle(answer)).toMatchObject([{ errorCode: ErrorCode.NONE }])
  })

  test('the coordinator is asked again soon, then less and less often, up to the longest wait and for so long in all', async () => {
    const askedMs: number[] = []
    const startMs = fixture.clock.monotonicMs()
    const ask = fixture.transactions.submit.bind(fixture.transactions)
    jest.spyOn(fixture.transactions, 'submit').mockImplementation((...call) => {
      askedMs.push(fixture.clock.monotonicMs() - startMs)
      return ask(...call)
    })
    fixture.settings = {
      ...fixture.settings,
      addPartitionsToTxnRetryBackoffMs: 5,
      addPartitionsToTxnRetryBackoffMaxMs: 18,
    }
    const answer = Promise.resolve(admit([1], adds))
    for (let waitedMs = 0; waitedMs < 30; waitedMs++) {
      await fixture.turn()
      fixture.clock.advance(1)
    }
    expect(await fixture.settle(answer)).toMatchObject([{ errorCode: ErrorCode.CONCURRENT_TRANSACTIONS }])
    expect(askedMs).toEqual([0, 1, 3, 7, 12, 17, 22])
  })

  test('and hears of it when that has not been enough', async () => {
    const answer = Promise.resolve(admit([1], adds))
    for (let turn = 0; turn < 5; turn++) {
      await fixture.turn()
      fixture.clock.advance(20)
    }
    expect(await fixture.settle(answer)).toMatchObject([{ errorCode: ErrorCode.CONCURRENT_TRANSACTIONS }])
  })

  test('others hear of it at once', async () => {
    expect(await codes([0], verifies)).toEqual([ErrorCode.CONCURRENT_TRANSACTIONS])
  })
})
