import { assert, NO_PRODUCER_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { InitProducerIdCommand, InitProducerIdResult } from './commands.ts'
import { abortOngoing } from './end-transaction.ts'
import { fencedCode, initProducerIdError } from './errors.ts'
import type { MachineState } from './machine-state.ts'
import {
  initialized,
  isAtRest,
  isEpochExhausted,
  isPrepared,
  NO_PRODUCER_EPOCH,
  newTransaction,
  type Transaction,
} from './transaction.ts'
import type { Turn } from './turn.ts'
import { writeTransaction } from './write-transaction.ts'

const wantsProducerId: InitProducerIdResult = {
  ...initProducerIdError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
  wantsProducerId: true,
}

/** What the producer holds and wants to go on with (KIP-360). */
interface Held {
  readonly producerId: bigint
  readonly producerEpoch: number
}

export function initProducerId(
  machine: MachineState,
  command: InitProducerIdCommand,
  turn: Turn,
): InitProducerIdResult {
  const errorCode = checkInit(machine, command, turn)
  if (errorCode !== ErrorCode.NONE) return initProducerIdError(errorCode)
  const held = command.producerId === NO_PRODUCER_ID ? null : command
  const known = machine.store.get(command.transactionalId)
  if (known === undefined) {
    if (command.newProducerId === null) return wantsProducerId
    return begin(machine, newTransaction(command.newProducerId), held, command, turn)
  }
  if (held !== null && !mayHold(known, held)) return initProducerIdError(fencedCode(command))
  if (isPrepared(known.state)) return initProducerIdError(ErrorCode.CONCURRENT_TRANSACTIONS)
  if (isAtRest(known.state)) return begin(machine, known, held, command, turn)
  // The epoch of the abort is told nobody: the client comes again, and is given one of its own.
  const abort = abortOngoing(machine, command.transactionalId, known, command.newProducerId, turn)
  assert(abort !== 'full', 'a transaction that could be recorded can be aborted')
  return abort === 'aborted' ? initProducerIdError(ErrorCode.CONCURRENT_TRANSACTIONS) : wantsProducerId
}

function checkInit(machine: MachineState, command: InitProducerIdCommand, turn: Turn): ErrorCode {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = command
  if ((producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_PRODUCER_EPOCH)) return ErrorCode.INVALID_REQUEST
  if (transactionalId === '') return ErrorCode.INVALID_REQUEST
  if (transactionTimeoutMs <= 0 || transactionTimeoutMs > turn.config.transactionMaxTimeoutMs) {
    return ErrorCode.INVALID_TRANSACTION_TIMEOUT
  }
  const { store } = machine
  const isOneTooMany = store.get(transactionalId) === undefined && machine.countAll() >= turn.config.transactionalIdsMax
  return isOneTooMany ? ErrorCode.POLICY_VIOLATION : ErrorCode.NONE
}

/** The id it was given, or the one before when its epochs were used up and it has not heard of the new one. */
function mayHold({ producerId, previousProducerId }: Transaction, held: Held): boolean {
  return (
    held.producerId === producerId || (held.producerId === previousProducerId && isEpochExhausted(held.producerEpoch))
  )
}

function begin(
  machine: MachineState,
  before: Transaction,
  held: Held | null,
  command: InitProducerIdCommand,
  turn: Turn,
): InitProducerIdResult {
  const { newProducerId, transactionalId, transactionTimeoutMs: timeoutMs } = command
  let next: Pick<Transaction, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'> | null
  if (isEpochExhausted(before.producerEpoch) && (held === null || held.producerEpoch === before.producerEpoch)) {
    if (newProducerId === null) return wantsProducerId
    const lastProducerEpoch = held === null ? NO_PRODUCER_EPOCH : before.producerEpoch
    next = { producerId: newProducerId, producerEpoch: 0, lastProducerEpoch }
  } else {
    next = nextEpoch(before, held)
  }
  if (next === null) return initProducerIdError(fencedCode(command))
  const after = initialized(before, { ...next, timeoutMs }, turn.nowMs)
  const hasRoom = writeTransaction(machine.store, transactionalId, [after], turn)
  assert(hasRoom, 'one record without partitions has room')
  return {
    kind: 'InitProducerId',
    errorCode: ErrorCode.NONE,
    producerId: after.producerId,
    producerEpoch: after.producerEpoch,
    wantsProducerId: false,
  }
}

/** Null: another producer has taken over. */
function nextEpoch(
  { producerId, producerEpoch, lastProducerEpoch }: Transaction,
  held: Held | null,
): Pick<Transaction, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'> | null {
  if (held === null) return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: NO_PRODUCER_EPOCH }
  if (producerEpoch === NO_PRODUCER_EPOCH || held.producerEpoch === producerEpoch) {
    return { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch }
  }
  // The answer was lost: had another producer come meanwhile, the last epoch would be none.
  if (held.producerEpoch === lastProducerEpoch) return { producerId, producerEpoch, lastProducerEpoch }
  return null
}
