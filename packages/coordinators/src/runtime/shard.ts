import type { MonotonicMs, WallMs } from '@odradek/core'

/** The time a decision is made at: wall time goes into records, monotonic time into timers and sessions. */
export interface Now {
  readonly wallMs: WallMs
  readonly monotonicMs: MonotonicMs
}

/** Key and value as they stand in the internal topic; a null value is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** `delayMs` from now under `key` (replacing the timer of that key), or null: cancelled. */
export interface TimerChange {
  readonly key: string
  readonly delayMs: number | null
}

/** An answer to a request that was handed in earlier (or just now) under `requestId`. */
export interface Reply<Response> {
  readonly requestId: number
  readonly response: Response
}

/**
 * What a decision comes to. Records are replayed at once and appended together; replies leave when those records, and
 * all before them, are durable. A request without a reply stays parked until a later step answers it.
 */
export interface Step<Response, Effect = never> {
  readonly records: readonly CoordinatorRecord[]
  readonly timers: readonly TimerChange[]
  readonly replies: readonly Reply<Response>[]
  /**
   * Work outside the machine, begun when replies would leave and after them; its outcome comes back as a command. It is
   * lost with the machine: what the log says must be done, `loaded` asks for again.
   */
  readonly effects?: readonly Effect[]
}

/**
 * The state of one partition of an internal topic, as a machine without I/O, clock or promises. Only `replay` changes
 * hard state, so that a restart is a replay; soft state (who waits, what timer runs) may be lost with the machine.
 */
export interface Shard<Command, Response, Effect = never> {
  decide(requestId: number, command: Command, now: Now): Step<Response, Effect>
  expire(timerKey: string, now: Now): Step<Response, Effect>
  replay(record: CoordinatorRecord, recordWallMs: WallMs): void
  /** Called once after the log has been read: sessions restart, timers are set. */
  loaded(now: Now): Step<Response, Effect>
}
