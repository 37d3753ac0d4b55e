import type { LeaderEpoch, WallMs } from '@odradek/core'
import { decodeTransactionStateRecord } from '@odradek/protocol/records'
import type { CoordinatorRecord, Now, Shard, Step } from '../runtime/shard.ts'
import { addOffsets, addPartitions } from './add-partitions.ts'
import { describeTransaction, listTransactions } from './admin.ts'
import type { TransactionCommand, TransactionEffect, TransactionResponse } from './commands.ts'
import type { TransactionConfig } from './config.ts'
import { endTransaction } from './end-transaction.ts'
import { abortTimedOut, abortWithProducerId, expireTransactionalIds } from './expiry.ts'
import { initProducerId } from './init-producer-id.ts'
import type { MachineState } from './machine-state.ts'
import { markersWritten, resumePrepared, retryMarkers } from './markers.ts'
import { transactionOf } from './records.ts'
import { expiryTimerKey, resumeTimerKey, timeoutTimerKey, transactionalIdOf } from './timer-keys.ts'
import { TransactionStore } from './transaction-store.ts'
import { Turn } from './turn.ts'

type TransactionStep = Step<TransactionResponse, TransactionEffect>

/**
 * All transactional ids of one partition of `__transaction_state`. Hard state is what the log says: the last record of
 * each id. Markers are written outside, asked for by effects; SPEC.md beside this file has the whole.
 */
export class TransactionShard implements Shard<TransactionCommand, TransactionResponse, TransactionEffect> {
  private readonly config: () => TransactionConfig
  private readonly state: MachineState

  /** `countAll`: ids of this machine and of all others that count together; its own unless given. */
  constructor(config: () => TransactionConfig, coordinatorEpoch: LeaderEpoch, countAll?: () => number) {
    this.config = config
    this.state = {
      store: new TransactionStore(),
      missingMarkers: new Map(),
      coordinatorEpoch,
      countAll: countAll ?? (() => this.size),
    }
  }

  /** How many transactional ids there are. */
  get size(): number {
    return this.state.store.size
  }

  decide(requestId: number, command: TransactionCommand, now: Now): TransactionStep {
    const turn = new Turn(now, this.config())
    turn.reply(requestId, this.answer(command, turn))
    return turn
  }

  private answer(command: TransactionCommand, turn: Turn): TransactionResponse {
    const { store } = this.state
    const { kind } = command
    switch (kind) {
      case 'InitProducerId':
        return initProducerId(this.state, command, turn)
      case 'AddPartitionsToTxn':
        return addPartitions(store, command, turn)
      case 'AddOffsetsToTxn':
        return addOffsets(store, command, turn)
      case 'EndTxn':
        return endTransaction(this.state, command, turn)
      case 'DescribeTransaction':
        return describeTransaction(store, command)
      case 'ListTransactions':
        return listTransactions(store, command, turn.nowMs)
      case 'MarkersWritten':
        return { kind, errorCode: markersWritten(this.state, command, turn) }
      case 'AbortTimedOut':
        return { kind, errorCode: abortWithProducerId(this.state, command, turn) }
    }
  }

  expire(timerKey: string, now: Now): TransactionStep {
    const turn = new Turn(now, this.config())
    if (timerKey === timeoutTimerKey) abortTimedOut(this.state, turn)
    else if (timerKey === expiryTimerKey) expireTransactionalIds(this.state.store, turn)
    else if (timerKey === resumeTimerKey) resumePrepared(this.state, turn)
    else retryMarkers(this.state, transactionalIdOf(timerKey), turn)
    return turn
  }

  replay(record: CoordinatorRecord, _recordWallMs: WallMs): void {
    const decoded = decodeTransactionStateRecord(record.key, record.value)
    if (decoded === null) return
    const { transactionalId } = decoded.key
    if (decoded.value === null) this.state.store.remove(transactionalId)
    else this.state.store.put(transactionalId, transactionOf(decoded.value))
  }

  loaded(now: Now): TransactionStep {
    const turn = new Turn(now, this.config())
    resumePrepared(this.state, turn)
    turn.setTimer(timeoutTimerKey, turn.config.abortTimedOutIntervalMs)
    turn.setTimer(expiryTimerKey, turn.config.removeExpiredIntervalMs)
    return turn
  }
}
