import { AssertionError, assert, NO_PRODUCER_ID, type ProducerId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { EndTxnCommand, EndTxnResult } from './commands.ts'
import { endTxnError, fencedCode } from './errors.ts'
import type { MachineState } from './machine-state.ts'
import { askForMarkers } from './markers.ts'
import {
  type ClientTransactionVersion,
  completed,
  fenced,
  isEpochExhausted,
  PRODUCER_EPOCH_MAX,
  prepared,
  type Transaction,
} from './transaction.ts'
import type { Turn } from './turn.ts'
import { writeTransaction } from './write-transaction.ts'

const wantsProducerId: EndTxnResult = {
  ...endTxnError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
  wantsProducerId: true,
}

/** What EndTxn comes to: the end of the transaction, the present producer told again, or a code. */
type Verdict = 'end' | 'repeat' | ErrorCode

export function endTransaction(machine: MachineState, command: EndTxnCommand, turn: Turn): EndTxnResult {
  const { transactionalId, clientTransactionVersion } = command
  if (transactionalId === '') return endTxnError(ErrorCode.INVALID_REQUEST)
  const transaction = machine.store.get(transactionalId)
  if (transaction === undefined) return endTxnError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
  const verdict = clientTransactionVersion === 2 ? judge(transaction, command) : judgePlain(transaction, command)
  if (verdict === 'end') return end(machine, transaction, command, turn)
  if (verdict !== 'repeat') return endTxnError(verdict)
  return clientTransactionVersion === 2 ? answer(transaction) : endTxnError(ErrorCode.NONE)
}

/** Without an epoch for every transaction: the direction is all that tells a repetition from a fault. */
function judgePlain(transaction: Transaction, command: EndTxnCommand): Verdict {
  const { state, producerId, producerEpoch } = transaction
  if (command.producerId !== producerId) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  if (command.producerEpoch !== producerEpoch) return fencedCode(command)
  if (state === 'Ongoing') return 'end'
  if (state === (command.committed ? 'CompleteCommit' : 'CompleteAbort')) return 'repeat'
  if (state === (command.committed ? 'PrepareCommit' : 'PrepareAbort')) return ErrorCode.CONCURRENT_TRANSACTIONS
  return ErrorCode.INVALID_TXN_STATE
}

/** The epoch rises with every end (KIP-890): one less than the present is the transaction before, and nothing else. */
function judge(transaction: Transaction, command: EndTxnCommand): Verdict {
  const { state, producerId, producerEpoch } = transaction
  const { committed } = command
  // Where the last end raised no epoch, the one before is another producer's. Kafka 4.4 does not look at this: it tells
  // that one NONE and the present epoch, and two producers hold it.
  const hasRaised = transaction.clientTransactionVersion === 2
  const isRotated = hasRaised && isRepeatOfLastEpoch(transaction, command)
  if (command.producerId !== producerId && !isRotated) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
  const isRepeat = isRotated || (hasRaised && command.producerEpoch === producerEpoch - 1)
  const isPresent = command.producerEpoch === producerEpoch
  switch (state) {
    case 'Ongoing':
      return isPresent ? 'end' : fencedCode(command)
    case 'Empty':
      if (!isPresent) return fencedCode(command)
      return committed ? ErrorCode.INVALID_TXN_STATE : 'end'
    case 'PrepareCommit':
    case 'PrepareAbort':
      if (!isRepeat) return fencedCode(command)
      return (state === 'PrepareCommit') === committed ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (isRepeat) return (state === 'CompleteCommit') === committed ? 'repeat' : ErrorCode.INVALID_TXN_STATE
      if (!isPresent) return fencedCode(command)
      // Aborting nothing still raises the epoch: the client may have sent records that have yet to arrive.
      return committed ? ErrorCode.INVALID_TXN_STATE : 'end'
    default:
      throw new AssertionError(`a transaction is never ${state}`)
  }
}

/** The last epoch of the producer id before: its successor was in the answer that the client has not seen. */
function isRepeatOfLastEpoch({ previousProducerId, producerEpoch }: Transaction, command: EndTxnCommand): boolean {
  return (
    producerEpoch === 0 && command.producerId === previousProducerId && command.producerEpoch === PRODUCER_EPOCH_MAX - 1
  )
}

function end(machine: MachineState, transaction: Transaction, command: EndTxnCommand, turn: Turn): EndTxnResult {
  const { transactionalId, committed, clientTransactionVersion: version } = command
  const nextProducerId = successor(transaction, version, command.newProducerId)
  if (nextProducerId === null) return wantsProducerId
  const state = committed ? 'PrepareCommit' : 'PrepareAbort'
  const after = prepared(transaction, state, version, nextProducerId, turn.nowMs)
  const hasRoom = prepare(machine, transactionalId, after, turn)
  assert(hasRoom, 'a transaction that could be recorded can be ended')
  return version === 2 ? answer(completed(after, turn.nowMs)) : endTxnError(ErrorCode.NONE)
}

/** Nothing has happened: a producer id is needed first, or the turn has no room left. */
type NotAborted = 'producer id' | 'full'

/** The coordinator itself ends the transaction, and its producer is fenced. */
export function abortOngoing(
  machine: MachineState,
  transactionalId: string,
  transaction: Transaction,
  newProducerId: ProducerId | null,
  turn: Turn,
): 'aborted' | NotAborted {
  assert(transaction.state === 'Ongoing', 'only what goes on is aborted')
  const version = turn.config.transactionVersion >= 2 ? 2 : 0
  const nextProducerId = successor(transaction, version, newProducerId)
  if (nextProducerId === null) return 'producer id'
  const after = fenced(transaction, version, nextProducerId, turn.nowMs)
  return prepare(machine, transactionalId, after, turn) ? 'aborted' : 'full'
}

/** Null: one is needed and there is none. */
function successor(
  { producerEpoch }: Transaction,
  version: ClientTransactionVersion,
  newProducerId: ProducerId | null,
): ProducerId | null {
  return version === 2 && isEpochExhausted(producerEpoch) ? newProducerId : NO_PRODUCER_ID
}

/** Without partitions there is no marker to wait for, and both steps are one. */
function prepare(machine: MachineState, transactionalId: string, after: Transaction, turn: Turn): boolean {
  if (after.partitions.size === 0) {
    return writeTransaction(machine.store, transactionalId, [after, completed(after, turn.nowMs)], turn)
  }
  if (!writeTransaction(machine.store, transactionalId, [after], turn)) return false
  askForMarkers(machine, transactionalId, after, after.partitions, turn)
  return true
}

function answer({ producerId, producerEpoch }: Transaction): EndTxnResult {
  return { kind: 'EndTxn', errorCode: ErrorCode.NONE, producerId, producerEpoch, wantsProducerId: false }
}
