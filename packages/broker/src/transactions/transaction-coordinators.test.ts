import {
  type AddPartitionsToTxnTopic,
  defaultTransactionConfig,
  type MarkersWrittenCommand,
  type TransactionCommand,
  type WriteMarkersEffect,
} from '@odradek/coordinators'
import { nodeId, producerId, silentLogger, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { encodeRecordKey, encodeRecordValue, TransactionLogKey, TransactionLogValue } from '@odradek/protocol/records'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import { TransactionMachines } from './transaction-coordinators.ts'

const TOPIC = '__transaction_state'

let fixture: DataFixture
/** What to answer about markers that are asked for. */
let asked: { readonly effect: WriteMarkersEffect; readonly answer: (errorCode: ErrorCode) => void }[]
let hasProducerIds: boolean
/** Instead of an id, where the controller does not come to it. */
let laterProducerId: Promise<bigint> | null

beforeEach(async () => {
  fixture = new DataFixture()
  asked = []
  hasProducerIds = true
  laterProducerId = null
  await fixture.createTopic(TOPIC, { partitions: 1 })
})

const partition = () => fixture.partitions.find(fixture.cluster.topic(TOPIC)!, 0)!

async function machines(): Promise<TransactionMachines> {
  const services = fixture.services()
  let nextProducerId = 1000n
  const made = new TransactionMachines({
    cluster: fixture.cluster,
    controller: services.controller!,
    partitions: fixture.partitions,
    clock: fixture.clock,
    logger: silentLogger,
    settings: fixture.settings,
    producerIds: {
      next: () => {
        if (!hasProducerIds) throw new NoProducerIdError('none')
        return laterProducerId ?? nextProducerId++
      },
    },
    markers: {
      write: (effect) =>
        new Promise((resolve) => asked.push({ effect, answer: (errorCode) => resolve(written(effect, errorCode)) })),
    },
  })
  await fixture.settle(made.start())
  return made
}

function written(effect: WriteMarkersEffect, errorCode: ErrorCode): MarkersWrittenCommand {
  return { ...effect, kind: 'MarkersWritten', topics: rows(effect, errorCode) }
}

const NODE = nodeId(1)
const submit = (to: TransactionMachines, command: TransactionCommand) =>
  fixture.settle(to.submit(NODE, 'transactionalId' in command ? command.transactionalId : '', command))

function rows({ topics }: WriteMarkersEffect, errorCode: ErrorCode): readonly AddPartitionsToTxnTopic[] {
  return topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
  }))
}

const init: TransactionCommand = {
  kind: 'InitProducerId',
  transactionalId: 'a',
  transactionTimeoutMs: 60_000,
  producerId: producerId(-1n),
  producerEpoch: -1,
  newProducerId: null,
  knowsProducerFenced: true,
}
const producer = { transactionalId: 'a', producerId: producerId(1000n), producerEpoch: 0, knowsProducerFenced: true }
const versions = { clientTransactionVersion: 2 } as const
const topics = [{ name: 't', partitionIndexes: [0, 2] }]
const add: TransactionCommand = { kind: 'AddPartitionsToTxn', ...producer, ...versions, topics, verifyOnly: false }
const commit: TransactionCommand = { kind: 'EndTxn', ...producer, ...versions, committed: true, newProducerId: null }

const stateOf = (of: TransactionMachines) => submit(of, { kind: 'DescribeTransaction', transactionalId: 'a' })

test('a transaction from its producer id to its markers, and what the next machine finds of it', async () => {
  const first = await machines()
  expect(await submit(first, init)).toMatchObject({ errorCode: 0, producerId: 1000n, producerEpoch: 0 })
  await submit(first, add)
  expect(await submit(first, commit)).toMatchObject({ errorCode: ErrorCode.NONE, producerEpoch: 1 })
  expect(asked).toHaveLength(1)
  expect(asked[0]!.effect).toMatchObject({ committed: true, producerEpoch: 1, coordinatorEpoch: 0, topics })
  const stopping = first.stop()
  asked[0]!.answer(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await fixture.settle(stopping)

  const second = await machines()
  expect(await stateOf(second)).toMatchObject({ transactionState: 'PrepareCommit' })
  expect(asked).toHaveLength(2)
  asked[1]!.answer(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await fixture.turn()
  fixture.clock.advance(defaultTransactionConfig.markerRetryDelayMs)
  await fixture.turn()
  asked[2]!.answer(ErrorCode.NONE)
  await fixture.turn()
  expect(await stateOf(second)).toMatchObject({ transactionState: 'CompleteCommit' })
})

test('without a producer id the client is told to come again', async () => {
  hasProducerIds = false
  const made = await machines()
  const expected = { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, producerId: -1n }
  expect(await submit(made, init)).toMatchObject(expected)
})

test('a machine that failed reads its log again only when no marker of its earlier life is under way', async () => {
  const made = await machines()
  for (const command of [init, add, commit]) await submit(made, command)
  const { log } = partition()
  const append = jest.spyOn(log, 'append').mockImplementation((_request, done) => {
    queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: log.startOffset }))
  })
  const other = await submit(made, { ...init, transactionalId: 'b' })
  expect(other).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
  append.mockRestore()
  fixture.clock.advance(1000)
  await fixture.turn()
  expect(await stateOf(made)).toMatchObject({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS })
  asked[0]!.answer(ErrorCode.NONE)
  await fixture.turn()
  expect(await stateOf(made)).toMatchObject({ errorCode: ErrorCode.NONE, transactionState: 'PrepareCommit' })
  expect(asked).toHaveLength(2)
})

/** A transaction that goes on, of a producer whose epochs are used up. */
async function recordExhausted(): Promise<void> {
  const value = encodeRecordValue(TransactionLogValue, 1, {
    producerId: 7n,
    previousProducerId: 7n,
    nextProducerId: -1n,
    producerEpoch: 32_766,
    transactionTimeoutMs: 1000,
    transactionStatus: 1,
    transactionPartitions: [{ topic: 't', partitionIds: [0] }],
    transactionLastUpdateTimestampMs: 0n,
    transactionStartTimestampMs: 0n,
    clientTransactionVersion: 2,
  })
  const key = encodeRecordKey(TransactionLogKey, { transactionalId: 'a' })
  const batch = buildBatch({ records: [{ timestamp: timestamp(0n), key, value }] })
  const request = { batch, header: readBatchHeader(batch), durability: 'flushed' } as const
  await fixture.settle(new Promise((resolve) => partition().log.append(request, resolve)))
}

test('a new leader does not wait for a producer id, which the controller allots only once there is one', async () => {
  await recordExhausted()
  jest.spyOn(fixture.cluster, 'features').mockReturnValue({ epoch: 0n, levels: new Map([['transaction.version', 2]]) })
  const made = await machines()
  let allot = (_id: bigint): void => {}
  laterProducerId = new Promise((resolve) => {
    allot = resolve
  })
  fixture.clock.advance(20_000)
  await fixture.turn()
  await fixture.changePartitions(TOPIC, 2)
  await fixture.settle(made.start())
  expect(made.coordinatorOf('a')).toBe(2)
  const describe: TransactionCommand = { kind: 'DescribeTransaction', transactionalId: 'a' }
  expect(await fixture.settle(made.submit(nodeId(2), 'a', describe))).toMatchObject({ transactionState: 'Ongoing' })
  allot(1000n)
  await fixture.turn()
  fixture.clock.advance(10_000)
  await fixture.turn()
  expect(asked).toMatchObject([{ effect: { committed: false, producerId: 7n, producerEpoch: 32_767 } }])
})
