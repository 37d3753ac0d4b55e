import type { MonotonicMs, WallMs } from './ids.ts'

/** Takes back a scheduled call; harmless once it has run. */
export type Cancel = () => void

/** All time that the broker knows. Wall time is for records, retention and offsets' expiry; monotonic time for timers and sessions. */
export interface Clock {
  wallMs(): WallMs
  monotonicMs(): MonotonicMs
  /** Runs `run` once, `delayMs` of monotonic time from now. Does not keep the process alive. */
  after(delayMs: number, run: () => void): Cancel
  /** Runs `run` at the end of this turn of the event loop, after the sockets that are ready have been read. */
  soon(run: () => void): void
}
