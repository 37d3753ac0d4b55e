import type { Clock, Logger } from '@odradek/core'
import { COMPLAINTS_PER_SECOND_MAX, LOGGED_TEXT_CHARS_MAX } from './limits.ts'
import type { Peer } from './request-context.ts'

const WINDOW_MS = 1000

/** Names peers that were turned away and why; a flood of them is cut short and counted, so that it cannot fill the log. */
export class Complaints {
  private readonly clock: Clock
  private readonly logger: Logger
  private windowEndMs = 0
  private written = 0
  private suppressed = 0

  constructor(clock: Clock, logger: Logger) {
    this.clock = clock
    this.logger = logger
  }

  add(peer: Peer, listener: string, reason: string): void {
    const nowMs = this.clock.monotonicMs()
    if (nowMs >= this.windowEndMs) {
      if (this.suppressed > 0) this.logger.warn('more connections were closed', { count: this.suppressed })
      this.windowEndMs = nowMs + WINDOW_MS
      this.written = 0
      this.suppressed = 0
    }
    if (this.written === COMPLAINTS_PER_SECOND_MAX) {
      this.suppressed += 1
      return
    }
    this.written += 1
    const text = reason.slice(0, LOGGED_TEXT_CHARS_MAX)
    this.logger.warn('connection closed', { peer: `${peer.host}:${peer.port}`, listener, reason: text })
  }
}
