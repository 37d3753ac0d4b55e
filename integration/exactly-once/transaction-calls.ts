import type { ProducerId } from '@odradek/core'
import { producerId } from '@odradek/core'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  ErrorCode,
  FindCoordinator,
  InitProducerId,
  OffsetFetch,
  Produce,
  TxnOffsetCommit,
} from '@odradek/protocol'
import type { WireClient } from '../harness/wire-client.ts'
import type { SentOffset } from './history.ts'

const TRANSACTION_KEY = 1
const GROUP_KEY = 0

/** What clients of an age speak. From `endTxn` 5 on it is transaction version 2: nothing is added beforehand. (KIP-890) */
export interface Dialect {
  readonly name: string
  readonly initProducerId: number
  readonly addPartitions: number
  readonly addOffsets: number
  readonly produce: number
  readonly txnOffsetCommit: number
  readonly endTxn: number
}

export const KAFKAJS_AGED: Dialect = {
  name: 'old',
  initProducerId: 1,
  addPartitions: 1,
  addOffsets: 1,
  produce: 7,
  txnOffsetCommit: 2,
  endTxn: 1,
}
export const VERSION_1: Dialect = {
  name: 'v1',
  initProducerId: 4,
  addPartitions: 3,
  addOffsets: 3,
  produce: 11,
  txnOffsetCommit: 4,
  endTxn: 4,
}
export const VERSION_2: Dialect = {
  name: 'v2',
  initProducerId: 5,
  addPartitions: 3,
  addOffsets: 4,
  produce: 12,
  txnOffsetCommit: 5,
  endTxn: 5,
}

export const bumpsAtEveryEnd = ({ endTxn }: Dialect): boolean => endTxn >= 5

export interface Identity {
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

export interface Answer {
  readonly errorCode: number
}

export async function findCoordinators(client: WireClient, transactionalId: string, group: string): Promise<Answer> {
  for (const [keyType, key] of [
    [TRANSACTION_KEY, transactionalId],
    [GROUP_KEY, group],
  ] as const) {
    const { coordinators } = await client.call(FindCoordinator, 4, { keyType, coordinatorKeys: [key] })
    const errorCode = coordinators[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    if (errorCode !== ErrorCode.NONE) return { errorCode }
  }
  return { errorCode: ErrorCode.NONE }
}

export async function initProducerId(
  client: WireClient,
  version: number,
  transactionalId: string | null,
  transactionTimeoutMs: number,
): Promise<Answer & Identity> {
  const answer = await client.call(InitProducerId, version, { transactionalId, transactionTimeoutMs })
  return { ...answer, producerId: producerId(answer.producerId) }
}

export async function addPartitions(
  client: WireClient,
  version: number,
  transactionalId: string,
  identity: Identity,
  topic: string,
  partitions: readonly number[],
): Promise<Answer> {
  const { resultsByTopicV3AndBelow } = await client.call(AddPartitionsToTxn, version, {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: identity.producerId,
    v3AndBelowProducerEpoch: identity.producerEpoch,
    v3AndBelowTopics: [{ name: topic, partitions: [...partitions] }],
    transactions: [],
  })
  const errors = resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
    resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode),
  )
  return { errorCode: errors.find((code) => code !== ErrorCode.NONE) ?? ErrorCode.NONE }
}

export interface ProduceAnswer extends Answer {
  readonly baseOffset: number
}

export async function produceBatch(
  client: WireClient,
  version: number,
  transactionalId: string | null,
  topic: string,
  index: number,
  records: Uint8Array,
): Promise<ProduceAnswer> {
  const { responses } = await client.call(Produce, version, {
    transactionalId,
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  })
  const answer = responses[0]?.partitionResponses[0]
  if (answer === undefined) throw new Error('a produce answer without the partition')
  return { errorCode: answer.errorCode, baseOffset: Number(answer.baseOffset) }
}

export async function addOffsets(
  client: WireClient,
  version: number,
  transactionalId: string,
  identity: Identity,
  groupId: string,
): Promise<Answer> {
  return await client.call(AddOffsetsToTxn, version, {
    transactionalId,
    producerId: identity.producerId,
    producerEpoch: identity.producerEpoch,
    groupId,
  })
}

export async function commitOffset(
  client: WireClient,
  version: number,
  transactionalId: string,
  identity: Identity,
  { group, partition, offset }: SentOffset,
): Promise<Answer> {
  const [name, partitionIndex] = split(partition)
  const committed = { partitionIndex, committedOffset: BigInt(offset), committedMetadata: '' }
  const { topics } = await client.call(TxnOffsetCommit, version, {
    transactionalId,
    groupId: group,
    producerId: identity.producerId,
    producerEpoch: identity.producerEpoch,
    memberId: '',
    topics: [{ name, partitions: [committed] }],
  })
  return { errorCode: topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR }
}

/** With the identity to go on with. */
export async function endTransaction(
  client: WireClient,
  version: number,
  transactionalId: string,
  identity: Identity,
  committed: boolean,
): Promise<Answer & { readonly next: Identity }> {
  const answer = await client.call(EndTxn, version, {
    transactionalId,
    producerId: identity.producerId,
    producerEpoch: identity.producerEpoch,
    committed,
  })
  const bumped = { producerId: producerId(answer.producerId), producerEpoch: answer.producerEpoch }
  return { errorCode: answer.errorCode, next: answer.producerId === -1n ? identity : bumped }
}

/** What no transaction can change any more; UNSTABLE_OFFSET_COMMIT while one may. (KIP-447) */
export async function stableOffset(
  client: WireClient,
  group: string,
  partition: string,
): Promise<Answer & { readonly offset: number }> {
  const [name, partitionIndex] = split(partition)
  const answer = await client.call(OffsetFetch, 7, {
    groupId: group,
    topics: [{ name, partitionIndexes: [partitionIndex] }],
    requireStable: true,
  })
  const found = answer.topics[0]?.partitions[0]
  const errorCode = answer.errorCode === ErrorCode.NONE ? found?.errorCode : answer.errorCode
  return { errorCode: errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR, offset: Number(found?.committedOffset ?? -1) }
}

function split(partition: string): [topic: string, index: number] {
  const at = partition.lastIndexOf('-')
  return [partition.slice(0, at), Number(partition.slice(at + 1))]
}
