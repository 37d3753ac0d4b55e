import { ErrorCode } from '@odradek/protocol'
import type { AbortTimedOutCommand } from './commands.ts'
import { abortOngoing } from './end-transaction.ts'
import type { MachineState } from './machine-state.ts'
import { transactionTombstone } from './records.ts'
import { expiryTimerKey, timeoutTimerKey } from './timer-keys.ts'
import { isAtRest, isTimedOut } from './transaction.ts'
import type { TransactionStore } from './transaction-store.ts'
import type { Turn } from './turn.ts'

/** Of one look at what has timed out or expired; what is left has its turn right after, so that nobody waits long. */
const RECORDS_MAX = 5_000

export function abortTimedOut(machine: MachineState, turn: Turn): void {
  for (const transactionalId of machine.store.unfinished) {
    const transaction = machine.store.get(transactionalId)
    if (transaction === undefined || !isTimedOut(transaction, turn.nowMs)) continue
    const isFull = turn.records.length >= RECORDS_MAX
    const abort = isFull ? 'full' : abortOngoing(machine, transactionalId, transaction, null, turn)
    if (abort === 'full') {
      turn.setTimer(timeoutTimerKey, 0)
      return
    }
    const { producerId, producerEpoch } = transaction
    if (abort === 'producer id') turn.effect({ kind: 'ProducerIdWanted', transactionalId, producerId, producerEpoch })
  }
  turn.setTimer(timeoutTimerKey, turn.config.abortTimedOutIntervalMs)
}

/** The second try of one whose producer had no epoch left. */
export function abortWithProducerId(machine: MachineState, command: AbortTimedOutCommand, turn: Turn): ErrorCode {
  const { transactionalId, producerId, producerEpoch, newProducerId } = command
  const transaction = machine.store.get(transactionalId)
  const isPresent = transaction?.producerId === producerId && transaction.producerEpoch === producerEpoch
  if (!isPresent || !isTimedOut(transaction, turn.nowMs)) return ErrorCode.INVALID_TXN_STATE
  abortOngoing(machine, transactionalId, transaction, newProducerId, turn)
  return ErrorCode.NONE
}

/** Removes transactional ids that nobody has used for `transactional.id.expiration.ms` of wall time. */
export function expireTransactionalIds(store: TransactionStore, turn: Turn): void {
  const lastUsedMs = turn.nowMs - BigInt(turn.config.transactionalIdExpirationMs)
  for (const [transactionalId, { state, lastUpdateTimestampMs }] of store.entries()) {
    if (!isAtRest(state) || lastUpdateTimestampMs > lastUsedMs) continue
    if (turn.records.length >= RECORDS_MAX || !turn.record(transactionTombstone(transactionalId))) {
      turn.setTimer(expiryTimerKey, 0)
      return
    }
  }
  turn.setTimer(expiryTimerKey, turn.config.removeExpiredIntervalMs)
}
