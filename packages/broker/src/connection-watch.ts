import type { MonotonicMs } from '@odradek/core'
import type { LimitSettings } from './config/limit-settings.ts'
import { CLOSE_LINGER_MS } from './limits.ts'

type TimeSettings = Pick<LimitSettings, 'frameTimeoutMs' | 'connectionsMaxIdleMs'>

/** Why a connection's time is up. */
export type TimeUp = 'frame' | 'linger' | 'idle'

/** The times of one connection that somebody must look at, about once a second: no timer of its own. */
export class ConnectionWatch {
  private active = true
  private activeMs: number
  private frameBegunMs: number | null = null
  private endingMs: number | null = null
  private unsentBytes = 0
  private unsentMs: number

  constructor(nowMs: MonotonicMs) {
    this.activeMs = nowMs
    this.unsentMs = nowMs
  }

  /** The peer has sent or taken something; noted without asking for the time, since it happens at every read. */
  activity(): void {
    this.active = true
  }

  frameBegun(nowMs: MonotonicMs): void {
    this.frameBegunMs = nowMs
  }

  frameEnded(): void {
    this.frameBegunMs = null
  }

  /** The last answers are on their way, then the connection ends. */
  ending(nowMs: MonotonicMs): void {
    this.endingMs ??= nowMs
  }

  /** `unanswered`: a request is under way, so the peer waits for us. `unsentBytes`: answers that it has not taken. */
  check(nowMs: MonotonicMs, settings: TimeSettings, unanswered: boolean, unsentBytes: number): TimeUp | null {
    if (this.active || unanswered) this.activeMs = nowMs
    this.active = false
    if (unsentBytes === 0 || unsentBytes < this.unsentBytes) this.unsentMs = nowMs
    this.unsentBytes = unsentBytes
    if (this.endingMs !== null && nowMs - Math.max(this.endingMs, this.unsentMs) >= CLOSE_LINGER_MS) return 'linger'
    if (this.frameBegunMs !== null && nowMs - this.frameBegunMs >= settings.frameTimeoutMs) return 'frame'
    return nowMs - this.activeMs >= settings.connectionsMaxIdleMs ? 'idle' : null
  }

  /** For how long the peer has taken none of the answers that wait for it, as of the last check. */
  stalledMs(nowMs: MonotonicMs): number {
    return nowMs - this.unsentMs
  }
}
