import { NO_TIMESTAMP } from '@odradek/core'
import type { ProduceRules } from './produce-rules.ts'

/**
 * The timestamps that a topic of create time takes at one moment. Nearly all are compared as numbers; those that one does
 * not hold exactly take the way of 64-bit arithmetic that wraps around, as Kafka's does.
 */
export class TimestampWindow {
  private readonly now: bigint
  private readonly beforeMaxMs: bigint
  private readonly afterMaxMs: bigint
  private readonly earliest: number
  private readonly latest: number

  constructor(rules: ProduceRules, nowMs: number) {
    this.now = BigInt(nowMs)
    this.beforeMaxMs = rules.timestampBeforeMaxMs
    this.afterMaxMs = rules.timestampAfterMaxMs
    this.earliest = nowMs - Number(rules.timestampBeforeMaxMs)
    this.latest = nowMs + Number(rules.timestampAfterMaxMs)
  }

  /** -1 stands for no timestamp, and passes. */
  admits(timestamp: number | bigint): boolean {
    if (typeof timestamp === 'bigint') return timestamp === NO_TIMESTAMP || this.admitsWide(timestamp)
    return timestamp === -1 || (timestamp >= this.earliest && timestamp <= this.latest)
  }

  toString(): string {
    return `${this.now - this.beforeMaxMs} to ${this.now + this.afterMaxMs}`
  }

  private admitsWide(timestamp: bigint): boolean {
    const age = BigInt.asIntN(64, this.now - timestamp)
    return age <= this.beforeMaxMs && BigInt.asIntN(64, -age) <= this.afterMaxMs
  }
}
