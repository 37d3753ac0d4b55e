import { isTransactionState } from '@odradek/coordinators'
import { ErrorCode, ListTransactions } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { askAllTransactions } from '../transactions/ask-transaction.ts'
import { fitting, wholeTextPattern } from '../transactions/whole-text-pattern.ts'

/**
 * ListTransactions 0-2: those that this node coordinates, as far as the principal may describe them. Filters by duration
 * from version 1, by a pattern of the id from 2.
 */
export const listTransactions = handler(
  ListTransactions,
  [0, 2],
  async ({ stateFilters, producerIdFilters, durationFilter, transactionalIdPattern }, context) => {
    const pattern = await wholeTextPattern(transactionalIdPattern)
    if (pattern === 'bad') return failed(ErrorCode.INVALID_REGULAR_EXPRESSION)
    // One that nobody knows stands for all of its kind: every machine looks at what it is given.
    const states = stateFilters.filter(isTransactionState)
    const results = await askAllTransactions<'ListTransactions'>(context, {
      kind: 'ListTransactions',
      stateFilters: new Set(states.length === 0 ? stateFilters.slice(0, 1) : states),
      producerIdFilters: new Set(producerIdFilters),
      durationFilterMs: durationFilter,
    })
    const refused = results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (refused !== undefined) return failed(refused.errorCode)
    const known = results
      .flatMap((result) => result.transactionStates)
      .filter(({ transactionalId }) => context.authorize('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId))
    const { clock } = context.services
    const listed = pattern === null ? known : await fitting(clock, known, pattern, (row) => row.transactionalId)
    if (listed === null) return failed(ErrorCode.INVALID_REGULAR_EXPRESSION)
    return {
      errorCode: ErrorCode.NONE,
      unknownStateFilters: stateFilters.filter((state) => !isTransactionState(state)),
      transactionStates: listed,
    }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function failed(errorCode: ErrorCode) {
  return { errorCode, unknownStateFilters: [], transactionStates: [] }
}
