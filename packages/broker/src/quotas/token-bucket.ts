import type { QuotaWindow } from './sampled-rate.ts'

/**
 * Tokens come at the rate of the quota, and a window's worth of them is kept. What is taken may exceed what is there: the
 * bucket then owes, and gives nothing more until it is refilled (KIP-599).
 */
export class TokenBucket {
  private readonly windowSeconds: number
  /** Null until it is first asked: then it is full. */
  private tokens: number | null = null
  private refilledMs = 0

  constructor({ samples, sampleMs }: QuotaWindow) {
    this.windowSeconds = (samples * sampleMs) / 1000
  }

  take(count: number, ratePerSecond: number, nowMs: number): void {
    this.tokens = this.refill(ratePerSecond, nowMs) - count
  }

  /** Until it owes nothing any more; 0 when it does not. */
  throttleMs(ratePerSecond: number, nowMs: number): number {
    const tokens = this.refill(ratePerSecond, nowMs)
    return tokens < 0 ? Math.round((-tokens / ratePerSecond) * 1000) : 0
  }

  private refill(ratePerSecond: number, nowMs: number): number {
    const full = this.windowSeconds * ratePerSecond
    const before = this.tokens ?? full
    this.tokens = Math.min(full, before + (ratePerSecond * (nowMs - this.refilledMs)) / 1000)
    this.refilledMs = nowMs
    return this.tokens
  }
}
