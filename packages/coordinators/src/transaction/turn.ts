import { recordsBytes } from '../runtime/records-bytes.ts'
import type { CoordinatorRecord, Now, Reply, Step, TimerChange } from '../runtime/shard.ts'
import type { TransactionEffect, TransactionResponse } from './commands.ts'
import type { TransactionConfig } from './config.ts'

/** One decision being made: what it may look at, and what it comes to. */
export class Turn implements Step<TransactionResponse, TransactionEffect> {
  readonly config: TransactionConfig
  /** Wall time, as records have it. */
  readonly nowMs: bigint
  readonly records: CoordinatorRecord[] = []
  readonly timers: TimerChange[] = []
  readonly replies: Reply<TransactionResponse>[] = []
  readonly effects: TransactionEffect[] = []
  private bytes = 0

  constructor(now: Now, config: TransactionConfig) {
    this.config = config
    this.nowMs = BigInt(Math.trunc(now.wallMs))
  }

  /** False: no room, and nothing is recorded. A turn takes any record that the log can take alone. */
  record(...records: readonly CoordinatorRecord[]): boolean {
    const bytes = this.bytes + recordsBytes(records)
    if (bytes > this.config.appendBytesMax) return false
    this.bytes = bytes
    this.records.push(...records)
    return true
  }

  setTimer(key: string, delayMs: number): void {
    this.timers.push({ key, delayMs })
  }

  cancelTimer(key: string): void {
    this.timers.push({ key, delayMs: null })
  }

  reply(requestId: number, response: TransactionResponse): void {
    this.replies.push({ requestId, response })
  }

  effect(effect: TransactionEffect): void {
    this.effects.push(effect)
  }
}
