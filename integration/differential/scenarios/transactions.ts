import { producerId } from '@odradek/core'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DeleteTopics,
  DescribeProducers,
  DescribeTransactions,
  EndTxn,
  ErrorCode,
  Fetch,
  InitProducerId,
  ListTransactions,
  Produce,
  TxnOffsetCommit,
  WriteTxnMarkers,
} from '@odradek/protocol'
import { until } from '../../harness/until.ts'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'
import { batch } from './producing.ts'

/** Client forms of what is asked with the first version of transactions. */
const ADD_VERSION = 3
const END_VERSION = 3
/** Before the second version of transactions, in which partitions come in by being written to. */
const PRODUCE_VERSION = 11

interface Producer {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
}

export async function producerOf(world: World, suffix = 'tx'): Promise<Producer> {
  const transactionalId = await world.coordinator(suffix, 1)
  const asked = { transactionalId, transactionTimeoutMs: 60_000 }
  let answer = await world.quietly(InitProducerId, 4, asked)
  // A Kafka that has just started has a coordinator before it has producer ids.
  await until(`${transactionalId} has a producer`, async () => {
    if (answer.errorCode !== ErrorCode.NONE) answer = await world.quietly(InitProducerId, 4, asked)
    return answer.errorCode === ErrorCode.NONE
  })
  return { transactionalId, producerId: answer.producerId, producerEpoch: answer.producerEpoch }
}

/** Fields that only some versions of InitProducerId have. */
const knownIdentity = (version: number, id: bigint, epoch: number) =>
  version >= 3 ? { producerId: id, producerEpoch: epoch } : {}

async function isComplete(world: World, transactionalId: string): Promise<boolean> {
  const { transactionStates } = await world.quietly(DescribeTransactions, 0, { transactionalIds: [transactionalId] })
  return transactionStates[0]?.transactionState.startsWith('Complete') ?? false
}

const identities: readonly Scenario[] = [
  ...eachVersion(InitProducerId, {}, 'without transactions', async (world, version) => {
    const anybody = { transactionalId: null, transactionTimeoutMs: 60_000 }
    await until('there are producer ids', async () => {
      const { errorCode } = await world.quietly(InitProducerId, 4, anybody)
      return errorCode === ErrorCode.NONE
    })
    await world.ask(InitProducerId, version, anybody)
    await world.ask(InitProducerId, version, { transactionalId: null, transactionTimeoutMs: -1 })
  }),
  ...eachVersion(InitProducerId, {}, 'of one transactional id', async (world, version) => {
    const transactionalId = await world.coordinator('tx', 1)
    for (const transactionTimeoutMs of [60_000, 60_000, 0, -1, 900_000, 900_001])
      await world.ask(InitProducerId, version, { transactionalId, transactionTimeoutMs })
    await world.ask(InitProducerId, version, { transactionalId: '', transactionTimeoutMs: 60_000 })
  }),
  ...eachVersion(InitProducerId, { first: 3 }, 'that knows its id and epoch', async (world, version) => {
    const { transactionalId, producerId: id, producerEpoch } = await producerOf(world)
    const ask = (known: readonly [bigint, number]) =>
      world.ask(InitProducerId, version, {
        transactionalId,
        transactionTimeoutMs: 60_000,
        ...knownIdentity(version, ...known),
      })
    await ask([id, producerEpoch])
    await ask([id, producerEpoch])
    await ask([id, producerEpoch + 7])
    await ask([id + 1_000_000n, producerEpoch])
    await ask([id, -1])
    await ask([-1n, 0])
  }),
]

const enrolments: readonly Scenario[] = [
  ...eachVersion(AddPartitionsToTxn, { last: ADD_VERSION }, 'of producers and strangers', async (world, version) => {
    const { transactionalId, producerId: id, producerEpoch } = await producerOf(world)
    const name = await world.topic('t', 2)
    const add = (
      rest: { readonly id?: bigint; readonly epoch?: number; readonly transactionalId?: string },
      topics = [{ name, partitions: [0] }],
    ) =>
      world.ask(AddPartitionsToTxn, version, {
        v3AndBelowTransactionalId: rest.transactionalId ?? transactionalId,
        v3AndBelowProducerId: rest.id ?? id,
        v3AndBelowProducerEpoch: rest.epoch ?? producerEpoch,
        v3AndBelowTopics: topics,
      })
    await add({})
    await add({})
    await add({}, [{ name, partitions: [1, 7] }])
    await add({}, [{ name: world.name('not-there'), partitions: [0] }])
    await add({ epoch: producerEpoch + 1 })
    await add({ epoch: producerEpoch - 1 })
    await add({ id: id + 1_000_000n })
    await add({ transactionalId: world.name('nobody') })
    await add({ transactionalId: '' })
  }),
  ...eachVersion(AddPartitionsToTxn, { first: ADD_VERSION + 1 }, 'of several transactions', async (world, version) => {
    const [one, two] = [await producerOf(world, 'one'), await producerOf(world, 'two')]
    const name = await world.topic('t', 2)
    const of = ({ transactionalId, producerId, producerEpoch }: Producer, rest: object = {}) => {
      return { transactionalId, producerId, producerEpoch, topics: [{ name, partitions: [0] }], ...rest }
    }
    const add = (...transactions: readonly ReturnType<typeof of>[]) =>
      world.ask(AddPartitionsToTxn, version, { transactions })
    await add(of(one, { verifyOnly: true }))
    await add(of(one), of(two, { topics: [{ name, partitions: [1] }] }))
    await add(of(one, { verifyOnly: true }), of(two, { verifyOnly: true }))
    await add(of(one, { topics: [{ name, partitions: [7] }] }))
    await add(of(one, { topics: [{ name: world.name('not-there'), partitions: [0] }] }))
    await add(of(one, { producerEpoch: one.producerEpoch - 1 }), of(two))
    await add(of(one, { producerId: two.producerId }))
    await add(of({ ...one, transactionalId: world.name('nobody') }))
    await add(of({ ...one, transactionalId: '' }))
  }),
  ...eachVersion(AddOffsetsToTxn, {}, 'of producers and strangers', async (world, version) => {
    const producer = await producerOf(world)
    const groupId = await world.coordinator('g')
    const add = (rest: object) => world.ask(AddOffsetsToTxn, version, { ...producer, groupId, ...rest })
    await add({})
    await add({})
    await add({ groupId: '' })
    await add({ producerEpoch: producer.producerEpoch + 1 })
    await add({ producerEpoch: producer.producerEpoch - 1 })
    await add({ producerId: producer.producerId + 1_000_000n })
    await add({ transactionalId: world.name('nobody') })
    await add({ transactionalId: '' })
  }),
]

/** One record in a transaction of the first version, in versions that do not matter. */
async function produced(world: World, producer: Producer, name: string, sequence = 0): Promise<void> {
  await world.quietly(AddPartitionsToTxn, ADD_VERSION, {
    v3AndBelowTransactionalId: producer.transactionalId,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: [{ name, partitions: [0] }],
  })
  const records = batch(['a'], {
    producerId: producerId(producer.producerId),
    producerEpoch: producer.producerEpoch,
    baseSequence: sequence,
    isTransactional: true,
  })
  await world.quietly(Produce, PRODUCE_VERSION, {
    transactionalId: producer.transactionalId,
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name, partitionData: [{ index: 0, records }] }],
  })
}

const ends: readonly Scenario[] = [
  ...eachVersion(EndTxn, {}, 'when there is nothing to end', async (world, version) => {
    const producer = await producerOf(world)
    const end = (rest: object) => world.ask(EndTxn, version, { ...producer, committed: true, ...rest })
    await end({ committed: false })
    // From version 5 on there is an empty transaction now, which has an end.
    if (version >= 5) await until('it has ended', () => isComplete(world, producer.transactionalId))
    await end({ producerEpoch: producer.producerEpoch + 9 })
    await end({ producerEpoch: producer.producerEpoch - 1 })
    await end({ producerId: producer.producerId + 1_000_000n })
    await end({ transactionalId: world.name('nobody') })
    await end({ transactionalId: '' })
  }),
  ...[true, false].flatMap((committed) =>
    eachVersion(EndTxn, { last: END_VERSION + 1 }, committed ? 'commits' : 'aborts', async (world, version) => {
      const producer = await producerOf(world)
      const name = await world.topic()
      await produced(world, producer, name)
      await world.ask(EndTxn, version, { ...producer, committed })
      await until('the transaction is complete', () => isComplete(world, producer.transactionalId))
      await world.ask(EndTxn, version, { ...producer, committed })
      await world.ask(EndTxn, version, { ...producer, committed: !committed })
      const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
      for (const isolationLevel of [0, 1])
        await world.ask(Fetch, 11, {
          replicaId: -1,
          maxWaitMs: 0,
          minBytes: 0,
          maxBytes: 1_000_000,
          isolationLevel,
          topics: [{ topic: name, partitions }],
          forgottenTopicsData: [],
        })
    }),
  ),
  ...eachVersion(
    EndTxn,
    { first: 2, last: END_VERSION + 1 },
    'over a topic that was made anew',
    async (world, version) => {
      const producer = await producerOf(world)
      const name = await world.topic()
      await produced(world, producer, name)
      await world.quietly(DeleteTopics, 5, { topicNames: [name], timeoutMs: 10_000 })
      await until('the topic is gone', () => world.isUnknown(name))
      await world.topic()
      await world.ask(EndTxn, version, { ...producer, committed: true })
      await until('the transaction is complete', () => isComplete(world, producer.transactionalId))
      const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
      await world.ask(Fetch, 11, {
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1_000_000,
        isolationLevel: 1,
        topics: [{ topic: name, partitions }],
        forgottenTopicsData: [],
      })
    },
  ),
]

const offsets: readonly Scenario[] = [
  ...eachVersion(TxnOffsetCommit, {}, 'with and without being added', async (world, version) => {
    const producer = await producerOf(world)
    const groupId = await world.coordinator('g')
    const name = await world.topic()
    const commit = (rest: object) => {
      const partitions = [{ partitionIndex: 0, committedOffset: 7n, committedMetadata: 'note' }]
      return world.ask(TxnOffsetCommit, version, { ...producer, groupId, topics: [{ name, partitions }], ...rest })
    }
    await commit({})
    await world.quietly(AddOffsetsToTxn, 3, { ...producer, groupId })
    await commit({})
    await commit({ topics: [] })
    await commit({ producerEpoch: producer.producerEpoch - 1 })
    await commit({ groupId: '' })
    if (version >= 3) {
      await commit({ generationIdOrMemberEpoch: 4, memberId: 'stranger' })
      await commit({ memberId: 'stranger' })
    }
    const partition = { partitionIndex: 0, committedOffset: 7n, committedMetadata: 'x'.repeat(4097) }
    await commit({ topics: [{ name, partitions: [partition, { ...partition, partitionIndex: 5 }] }] })
    await commit({ topics: [{ name: world.name('not-there'), partitions: [partition] }] })
  }),
]

interface Marker {
  readonly name: string
  readonly partitionIndexes?: readonly number[]
  readonly epochAhead?: number
  readonly coordinatorEpoch?: number
  readonly transactionVersion?: number
}

const markers: readonly Scenario[] = eachVersion(
  WriteTxnMarkers,
  { first: 1 },
  'of what is open and what is not',
  async (world, version) => {
    const producer = await producerOf(world)
    const name = await world.topic('t', 2)
    await produced(world, producer, name)
    const write = (...rows: readonly Marker[]) => {
      const asked = rows.map(({ partitionIndexes = [0], epochAhead = 0, coordinatorEpoch = 3, ...row }) => ({
        producerId: producer.producerId,
        producerEpoch: producer.producerEpoch + epochAhead,
        transactionResult: false,
        topics: [{ name: row.name, partitionIndexes }],
        coordinatorEpoch,
        ...(version >= 2 && { transactionVersion: row.transactionVersion ?? 1 }),
      }))
      return world.ask(WriteTxnMarkers, version, { markers: asked })
    }
    await write({ name: world.name('not-there') })
    await write({ name, partitionIndexes: [7] })
    if (version >= 2) await write({ name, transactionVersion: 2 })
    await write({ name, partitionIndexes: [0, 1, 7] })
    await write({ name, coordinatorEpoch: 2 })
    await write({ name, epochAhead: 2 })
    await write({ name, epochAhead: 1 })
    await write({ name, epochAhead: 2, coordinatorEpoch: 4 })
    await write()
    await write({ name, epochAhead: 2, coordinatorEpoch: 4 }, { name, epochAhead: 2, coordinatorEpoch: 3 })
    // The other way round Kafka never answers.
    await write({ name: world.name('not-there') }, { name, epochAhead: 2, coordinatorEpoch: 4 })
    await write({ name, epochAhead: 2, coordinatorEpoch: 4 }, { name, partitionIndexes: [1, 7], coordinatorEpoch: 4 })
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
    const terms = { replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 1 }
    await world.ask(Fetch, 11, { ...terms, topics: [{ topic: name, partitions }], forgottenTopicsData: [] })
  },
)

const described: readonly Scenario[] = [
  ...eachVersion(DescribeTransactions, {}, 'open, complete and unknown ones', async (world, version) => {
    const open = await producerOf(world, 'open')
    const ended = await producerOf(world, 'ended')
    const fresh = await producerOf(world, 'fresh')
    const name = await world.topic()
    await produced(world, open, name)
    await produced(world, ended, name)
    await world.quietly(EndTxn, END_VERSION, { ...ended, committed: true })
    await until('the transaction is complete', () => isComplete(world, ended.transactionalId))
    const transactionalIds = [open, ended, fresh].map((producer) => producer.transactionalId)
    for (const id of [...transactionalIds, world.name('nobody'), ''])
      await world.ask(DescribeTransactions, version, { transactionalIds: [id] })
    await world.ask(DescribeTransactions, version, { transactionalIds: [] })
  }),
  ...eachVersion(ListTransactions, {}, 'by state, by producer, by age, by pattern', async (world, version) => {
    const open = await producerOf(world, 'open')
    await producerOf(world, 'fresh')
    await produced(world, open, await world.topic())
    const list = (rest: object) =>
      world.ask(ListTransactions, version, { stateFilters: [], producerIdFilters: [], ...rest })
    await list({})
    await list({ stateFilters: ['Ongoing'] })
    await list({ stateFilters: ['ongoing', 'Nonsense'] })
    await list({ producerIdFilters: [open.producerId] })
    if (version >= 1) await list({ durationFilter: 86_400_000n })
    if (version < 2) return
    for (const transactionalIdPattern of [`${world.prefix}o.*`, 'open', '', null, '('])
      await list({ transactionalIdPattern })
  }),
  ...eachVersion(DescribeProducers, {}, 'of partitions there and not', async (world, version) => {
    const open = await producerOf(world)
    const name = await world.topic()
    await produced(world, open, name)
    const topics = [
      { name, partitionIndexes: [0, 7] },
      { name: world.name('not-there'), partitionIndexes: [0] },
      { name: '..', partitionIndexes: [0] },
    ]
    await world.ask(DescribeProducers, version, { topics })
    await world.ask(DescribeProducers, version, { topics: [] })
  }),
]

export const transactions: readonly Scenario[] = [
  ...identities,
  ...enrolments,
  ...ends,
  ...markers,
  ...offsets,
  ...described,
]
