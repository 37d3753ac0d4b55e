/** Kafka's settings of the transaction coordinator, in camel case; asked for anew at every decision, so they may change. */
export interface TransactionConfig {
  /** transaction.max.timeout.ms */
  readonly transactionMaxTimeoutMs: number
  /** transactional.id.expiration.ms */
  readonly transactionalIdExpirationMs: number
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly abortTimedOutIntervalMs: number
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  readonly removeExpiredIntervalMs: number
  /** The level at which the feature `transaction.version` is finalized. */
  readonly transactionVersion: number
  /** Before markers that could not be written are tried again. */
  readonly markerRetryDelayMs: number
  /** What the records of one step may come to; must be less than the log takes in one batch. */
  readonly appendBytesMax: number
  /** Transactional ids in all machines that count together. Clients make them by naming them, so there has to be an end. */
  readonly transactionalIdsMax: number
}

export const defaultTransactionConfig: TransactionConfig = {
  transactionMaxTimeoutMs: 900_000,
  transactionalIdExpirationMs: 604_800_000,
  abortTimedOutIntervalMs: 10_000,
  removeExpiredIntervalMs: 3_600_000,
  transactionVersion: 2,
  markerRetryDelayMs: 100,
  appendBytesMax: 16 * 1024 * 1024,
  transactionalIdsMax: 100_000,
}
