import type { AddPartitionsToTxnTopic, TransactionTopic } from '@odradek/coordinators'
import { present, producerId } from '@odradek/core'
import {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponseInput,
  ErrorCode,
} from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { INTERNAL_TOPICS } from '../cluster-view.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import type { RequestContext } from '../request-context.ts'
import { askTransaction } from '../transactions/ask-transaction.ts'

/** From this version on the request is one of brokers, with many transactions (KIP-890). */
const BATCHED_VERSION_MIN = 4
/** From this version on whoever asks has an epoch for each transaction. */
const EPOCH_PER_TRANSACTION_VERSION_MIN = 5
/** Fenced producers hear INVALID_PRODUCER_EPOCH below this version. */
const PRODUCER_FENCED_VERSION_MIN = 2

type Response = AddPartitionsToTxnResponseInput

/** What one transaction is asked for, in whatever version. */
interface Wanted {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly verifyOnly: boolean
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[]
}

/**
 * AddPartitionsToTxn 0-5. Up to version 3 of clients, for one transaction; from 4 on of brokers, for many, which may ask
 * to be told only. Where one partition cannot be added, none is. Kafka never answers a list without transactions.
 */
export const addPartitionsToTxn = handler(
  AddPartitionsToTxn,
  [0, 5],
  (request, context) =>
    context.version >= BATCHED_VERSION_MIN ? addForBrokers(request, context) : addForClient(request, context),
  {
    slices: inSlices({
      rows: ({ transactions }) => transactions,
      only: (request, transactions) => ({ ...request, transactions: [...transactions] }),
      join: (responses) => ({
        ...present(responses[0], 'there is a slice'),
        resultsByTransaction: responses.flatMap(({ resultsByTransaction = [] }) => resultsByTransaction),
      }),
    }),
    onBug: (request, version) =>
      version >= BATCHED_VERSION_MIN
        ? forBrokers(ErrorCode.UNKNOWN_SERVER_ERROR)
        : forClient(resultsOf(ofClient(request), () => ErrorCode.UNKNOWN_SERVER_ERROR)),
  },
)

async function addForBrokers({ transactions }: AddPartitionsToTxnRequest, context: RequestContext): Promise<Response> {
  context.exemptFromQuotas()
  if (!context.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_RESOURCE))
    return forBrokers(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  if (transactions.length === 0) return forBrokers(ErrorCode.INVALID_REQUEST)
  const resultsByTransaction = transactions.map(async (wanted) => ({
    transactionalId: wanted.transactionalId,
    topicResults: await add(
      wanted,
      wanted.topics.map(({ name }) => name),
      context,
    ),
  }))
  return forBrokers(ErrorCode.NONE, await Promise.all(resultsByTransaction))
}

async function addForClient(request: AddPartitionsToTxnRequest, context: RequestContext): Promise<Response> {
  const wanted = ofClient(request)
  const { transactionalId, topics } = wanted
  if (!context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
    return forClient(resultsOf(wanted, () => ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED))
  const permitted = topics
    .map(({ name }) => name)
    .filter((name) => !INTERNAL_TOPICS.has(name) && context.authorize('WRITE', 'TOPIC', name))
  return forClient(await add(wanted, permitted, context))
}

function forBrokers(errorCode: ErrorCode, resultsByTransaction: Response['resultsByTransaction'] = []): Response {
  return { errorCode, resultsByTransaction, resultsByTopicV3AndBelow: [] }
}

function forClient(resultsByTopicV3AndBelow: Response['resultsByTopicV3AndBelow']): Response {
  return { errorCode: ErrorCode.NONE, resultsByTransaction: [], resultsByTopicV3AndBelow }
}

function ofClient(request: AddPartitionsToTxnRequest): Wanted {
  return {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  }
}

async function add(wanted: Wanted, permittedTopics: readonly string[], context: RequestContext) {
  const { cluster } = context.services
  const permitted = new Set(permittedTopics)
  const refusalOf = (name: string, index: number): ErrorCode => {
    if (!permitted.has(name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
    const exists = cluster.topic(name)?.partitions[index] !== undefined
    return exists ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
  const isRefused = wanted.topics.some(({ name, partitions }) =>
    partitions.some((index) => refusalOf(name, index) !== ErrorCode.NONE),
  )
  if (isRefused) return resultsOf(wanted, (name, index) => refusalOf(name, index) || ErrorCode.OPERATION_NOT_ATTEMPTED)

  const { transactionalId, producerEpoch, verifyOnly } = wanted
  const answer = await askTransaction<'AddPartitionsToTxn'>(context, transactionalId, {
    kind: 'AddPartitionsToTxn',
    transactionalId,
    producerId: producerId(wanted.producerId),
    producerEpoch,
    topics: wanted.topics.map(({ name, partitions }): TransactionTopic => ({ name, partitionIndexes: partitions })),
    verifyOnly,
    clientTransactionVersion: context.version >= EPOCH_PER_TRANSACTION_VERSION_MIN ? 2 : 0,
    knowsProducerFenced: context.version >= PRODUCER_FENCED_VERSION_MIN,
  })
  return answer.topics.map(resultOf)
}

function resultsOf({ topics }: Wanted, codeOf: (name: string, index: number) => ErrorCode) {
  return topics.map(({ name, partitions }) =>
    resultOf({
      name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: codeOf(name, partitionIndex) })),
    }),
  )
}

function resultOf({ name, partitions }: AddPartitionsToTxnTopic) {
  return {
    name,
    resultsByPartition: partitions.map(({ partitionIndex, errorCode }) => ({
      partitionIndex,
      partitionErrorCode: errorCode,
    })),
  }
}
