import { ErrorCode } from '@odradek/protocol'
import type { MarkersWrittenCommand } from './commands.ts'
import type { MachineState } from './machine-state.ts'
import { topicsOf } from './partitions.ts'
import { markersTimerKey, resumeTimerKey } from './timer-keys.ts'
import { completed, isPrepared, type Transaction, type TransactionPartitions } from './transaction.ts'
import type { Turn } from './turn.ts'
import { writeTransaction } from './write-transaction.ts'

/** Asks for markers in `partitions`, all that are missing; the answer is MarkersWritten. */
export function askForMarkers(
  { missingMarkers, coordinatorEpoch }: MachineState,
  transactionalId: string,
  { producerId, producerEpoch, state, clientTransactionVersion }: Transaction,
  partitions: TransactionPartitions,
  turn: Turn,
): void {
  missingMarkers.set(transactionalId, partitions)
  turn.effect({
    kind: 'WriteMarkers',
    transactionalId,
    producerId,
    producerEpoch,
    committed: state === 'PrepareCommit',
    coordinatorEpoch,
    transactionVersion: clientTransactionVersion,
    topics: topicsOf(partitions),
  })
}

/** Ends the transaction with the last marker; what could not be written is tried again a little later. */
export function markersWritten(machine: MachineState, command: MarkersWrittenCommand, turn: Turn): ErrorCode {
  const { transactionalId, topics } = command
  const transaction = preparedOf(machine, transactionalId)
  const isPresent =
    transaction?.producerId === command.producerId && transaction.producerEpoch === command.producerEpoch
  if (!isPresent) return ErrorCode.INVALID_TXN_STATE
  const missing = new Map(machine.missingMarkers.get(transactionalId))
  let isFenced = false
  for (const { name, partitions } of topics) {
    const left = new Set(missing.get(name))
    for (const { partitionIndex, errorCode } of partitions) {
      if (isDone(errorCode)) left.delete(partitionIndex)
      isFenced ||= errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED
    }
    if (left.size === 0) missing.delete(name)
    else missing.set(name, left)
  }
  machine.missingMarkers.set(transactionalId, missing)
  // Another machine leads, with a higher epoch, and has the rest in hand.
  if (isFenced) return ErrorCode.TRANSACTION_COORDINATOR_FENCED
  const isComplete = missing.size === 0 && complete(machine, transactionalId, transaction, turn)
  if (!isComplete) turn.setTimer(markersTimerKey(transactionalId), turn.config.markerRetryDelayMs)
  return ErrorCode.NONE
}

export function retryMarkers(machine: MachineState, transactionalId: string, turn: Turn): void {
  const transaction = preparedOf(machine, transactionalId)
  const missing = machine.missingMarkers.get(transactionalId)
  if (transaction !== null && missing !== undefined) {
    askForMarkers(machine, transactionalId, transaction, missing, turn)
  }
}

/** After a restart: what was prepared is seen through to its end. */
export function resumePrepared(machine: MachineState, turn: Turn): void {
  for (const transactionalId of machine.store.unfinished) {
    const transaction = preparedOf(machine, transactionalId)
    if (transaction === null || machine.missingMarkers.has(transactionalId)) continue
    if (transaction.partitions.size > 0) {
      askForMarkers(machine, transactionalId, transaction, transaction.partitions, turn)
    } else if (!complete(machine, transactionalId, transaction, turn)) {
      turn.setTimer(resumeTimerKey, 0)
      return
    }
  }
}

/** A partition needs no marker any more: it has one, or is gone, or a later epoch of the producer has ended all before it. */
function isDone(errorCode: ErrorCode): boolean {
  return (
    errorCode === ErrorCode.NONE ||
    errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ||
    errorCode === ErrorCode.INVALID_PRODUCER_EPOCH
  )
}

function preparedOf({ store }: MachineState, transactionalId: string): Transaction | null {
  const transaction = store.get(transactionalId)
  return transaction !== undefined && isPrepared(transaction.state) ? transaction : null
}

function complete(
  { store, missingMarkers }: MachineState,
  transactionalId: string,
  transaction: Transaction,
  turn: Turn,
): boolean {
  const hasRoom = writeTransaction(store, transactionalId, [completed(transaction, turn.nowMs)], turn)
  if (!hasRoom) return false
  missingMarkers.delete(transactionalId)
  turn.cancelTimer(markersTimerKey(transactionalId))
  return true
}
