import { DescribeTransactions, ErrorCode } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { eachOnce, mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'
import { askTransaction } from '../transactions/ask-transaction.ts'

/** DescribeTransactions 0, in the order of the request; topics that may not be described are left out. */
export const describeTransactions = handler(
  DescribeTransactions,
  [0, 0],
  async (request, context) => ({
    transactionStates: await mapInTurns(
      context.services.clock,
      request.transactionalIds,
      eachOnce((id) => describe(id, context)),
    ),
  }),
  {
    isAnsweredInTurns: true,
    onBug: (request) => ({
      transactionStates: request.transactionalIds.map((id) => failed(id, ErrorCode.UNKNOWN_SERVER_ERROR)),
    }),
  },
)

async function describe(transactionalId: string, context: RequestContext) {
  if (!context.authorize('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId))
    return failed(transactionalId, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  const { topics, ...found } = await askTransaction<'DescribeTransaction'>(context, transactionalId, {
    kind: 'DescribeTransaction',
    transactionalId,
  })
  return {
    ...found,
    topics: topics
      .filter(({ name }) => context.authorize('DESCRIBE', 'TOPIC', name))
      .map(({ name, partitionIndexes }) => ({ topic: name, partitions: partitionIndexes })),
  }
}

function failed(transactionalId: string, errorCode: ErrorCode) {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0n,
    producerId: 0n,
    producerEpoch: 0,
    topics: [],
  }
}
