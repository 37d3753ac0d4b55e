import { assert } from '@odradek/core'

/** As in the log: the index is the number that stands in a record. The last two never do. */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const

export type TransactionState = (typeof TRANSACTION_STATES)[number]

/** Those that ListTransactions knows by name, the transient ones too. */
export function isTransactionState(name: string): boolean {
  return TRANSACTION_STATES.some((state) => state === name)
}

export function numberOfState(state: TransactionState): number {
  return TRANSACTION_STATES.indexOf(state)
}

export function stateOfNumber(number: number): TransactionState {
  const state = TRANSACTION_STATES[number]
  assert(state !== undefined && state !== 'Dead' && state !== 'PrepareEpochFence', `no state of the log: ${number}`)
  return state
}
