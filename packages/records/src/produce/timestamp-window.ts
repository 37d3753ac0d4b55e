import { NO_TIMESTAMP } from '@odradek/core'
import type { ProduceRules } from './produce-rules.ts'

/**
 * The timestamps that a topic of create time takes at one moment. Nearly all are compared as numbers; those that one does
 * not hold exactly take the way of 64-bit arithmetic that wraps around, as Kafka's does.
 */
export class TimestampWindow {
  readonly nowMs: number
  readonly rules: ProduceRules
  private readonly earliest: number
  private readonly latest: number

  constructor(rules: ProduceRules, nowMs: number) {
    this.nowMs = nowMs
    this.rules = rules
    this.earliest = nowMs - Number(rules.timestampBeforeMaxMs)
    this.latest = nowMs + Number(rules.timestampAfterMaxMs)
  }

  /** -1 stands for no timestamp, and passes. */
  admits(timestamp: number | bigint): boolean {
    if (typeof timestamp === 'bigint') return timestamp === NO_TIMESTAMP || this.admitsWide(timestamp)
    return timestamp === -1 || (timestamp >= this.earliest && timestamp <= this.latest)
  }

  toString(): string {
    const now = BigInt(this.nowMs)
    return `${now - this.rules.timestampBeforeMaxMs} to ${now + this.rules.timestampAfterMaxMs}`
  }

  private admitsWide(timestamp: bigint): boolean {
    const age = BigInt.asIntN(64, BigInt(this.nowMs) - timestamp)
    return age <= this.rules.timestampBeforeMaxMs && BigInt.asIntN(64, -age) <= this.rules.timestampAfterMaxMs
  }
}

let last: TimestampWindow | null = null

/** That of `rules` at `nowMs`: batches of one topic that come in the same millisecond share it. */
export function timestampWindow(rules: ProduceRules, nowMs: number): TimestampWindow {
  if (last === null || last.nowMs !== nowMs || last.rules !== rules) last = new TimestampWindow(rules, nowMs)
  return last
}
