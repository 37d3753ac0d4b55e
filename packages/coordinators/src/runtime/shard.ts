import type { MonotonicMs, ProducerId, WallMs } from '@odradek/core'

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

/** Whose transaction records belong to. */
export interface TransactionalProducer {
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

/** Ends the producer's transaction in this partition: what it has written counts from here on, or never. */
export interface EndMarker extends TransactionalProducer {
  readonly committed: boolean
  readonly coordinatorEpoch: number
  /** Of the transaction: with 2 the epoch is one that no record has. (KIP-890) */
  readonly transactionVersion: number
}

/** What a step writes, in one batch: records, or a marker alone. */
export interface Append {
  readonly records: readonly CoordinatorRecord[]
  /** Of the records, where they belong to a transaction. */
  readonly producer?: TransactionalProducer
  readonly marker?: EndMarker
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
export interface Step<Response, Effect = never> extends Append {
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
  /** `producer` is set for records that count once its marker says so. */
  replay(record: CoordinatorRecord, recordWallMs: WallMs, producer: TransactionalProducer | null): void
  /** Only a machine whose records may belong to transactions has it. */
  replayMarker?(marker: Pick<EndMarker, 'producerId' | 'committed'>): void
  /** Called once after the log has been read: sessions restart, timers are set. */
  loaded(now: Now): Step<Response, Effect>
}
