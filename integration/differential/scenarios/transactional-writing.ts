import { producerId } from '@odradek/core'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  OffsetCommit,
  OffsetFetch,
  Produce,
  TxnOffsetCommit,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'
import { batch, RECORD_BATCHES } from './producing.ts'
import { producerOf } from './transactions.ts'

const TOPIC_IDS_VERSION = 13
const FETCH_TOPIC_IDS_VERSION = 10
const SEVERAL_GROUPS_VERSION = 8
const STABLE_OFFSETS_VERSION = 7

const produces = eachVersion(Produce, RECORD_BATCHES, 'in and out of a transaction', async (world, version) => {
  const producer = await producerOf(world)
  const name = await world.topic('t', 2)
  const topic = version >= TOPIC_IDS_VERSION ? { topicId: await world.topicId(name) } : { name }
  const send = (
    sequence: number,
    rest: { readonly id?: bigint; readonly epoch?: number; readonly to?: string | null } = {},
  ) => {
    const { id = producer.producerId, epoch = producer.producerEpoch, to = producer.transactionalId } = rest
    const records = batch(['a'], {
      ...{ producerId: producerId(id), producerEpoch: epoch, baseSequence: sequence },
      isTransactional: true,
    })
    const topicData = [{ ...topic, partitionData: [{ index: 0, records }] }]
    return world.ask(Produce, version, { transactionalId: to, acks: -1, timeoutMs: 10_000, topicData })
  }
  await send(0, { to: world.name('nobody') })
  await send(0, { to: null })
  await send(0, { id: producer.producerId + 1_000_000n })
  await send(0, { epoch: producer.producerEpoch + 1 })
  // From version 12 on the broker adds the partition itself.
  await send(0)
  await world.quietly(AddPartitionsToTxn, 3, {
    v3AndBelowTransactionalId: producer.transactionalId,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: [{ name, partitions: [0] }],
  })
  await send(0)
  await send(1)
  await send(9)
  // A plain batch of a producer that has a transaction open there.
  const plain = batch(['a'], {
    producerId: producerId(producer.producerId),
    producerEpoch: producer.producerEpoch,
    baseSequence: 2,
  })
  const topicData = [{ ...topic, partitionData: [{ index: 0, records: plain }] }]
  await world.ask(Produce, version, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
})

/** An offset committed, and another one, and that of a second partition, in a transaction that is open. */
async function heldOffsets(world: World) {
  const producer = await producerOf(world)
  const groupId = await world.coordinator('g')
  const name = await world.topic('t', 3)
  const at = (partitionIndex: number, committedOffset: bigint) => ({
    ...{ partitionIndex, committedOffset, committedMetadata: 'note' },
  })
  const topics = [{ name, partitions: [at(0, 3n), at(2, 4n)] }]
  await world.quietly(OffsetCommit, 8, { groupId, generationIdOrMemberEpoch: -1, memberId: '', topics })
  await world.quietly(AddOffsetsToTxn, 3, { ...producer, groupId })
  const pending = [{ name, partitions: [at(0, 7n), at(1, 8n)] }]
  await world.quietly(TxnOffsetCommit, 3, { ...producer, groupId, topics: pending })
  return { producer, groupId, name }
}

const fetches = eachVersion(
  OffsetFetch,
  { first: STABLE_OFFSETS_VERSION },
  'offsets that a transaction holds',
  async (world, version) => {
    const { producer, groupId, name } = await heldOffsets(world)
    const topic = version >= FETCH_TOPIC_IDS_VERSION ? { topicId: await world.topicId(name) } : { name }
    const named = [{ ...topic, partitionIndexes: [0, 1, 2] }]
    const fetch = (topics: typeof named | null, requireStable: boolean) =>
      world.ask(
        OffsetFetch,
        version,
        version >= SEVERAL_GROUPS_VERSION
          ? { groups: [{ groupId, topics }], requireStable }
          : { groupId, topics: topics === null ? null : [{ name, partitionIndexes: [0, 1, 2] }], requireStable },
      )
    for (const topics of [named, null]) for (const isStable of [false, true]) await fetch(topics, isStable)
    await world.quietly(EndTxn, 3, { ...producer, committed: false })
  },
)

/** Of what belongs to a transaction, and what does not. */
export const transactionalWriting: readonly Scenario[] = [...produces, ...fetches]
