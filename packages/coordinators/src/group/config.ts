/** Kafka's settings of the group coordinator, in camel case; asked for anew at every decision, so they may change. */
export interface GroupConfig {
  /** group.min.session.timeout.ms */
  readonly groupMinSessionTimeoutMs: number
  /** group.max.session.timeout.ms */
  readonly groupMaxSessionTimeoutMs: number
  /** group.max.size */
  readonly groupMaxSize: number
  /** group.initial.rebalance.delay.ms */
  readonly groupInitialRebalanceDelayMs: number
  /** offset.metadata.max.bytes; Kafka counts characters, and so do we. */
  readonly offsetMetadataMaxBytes: number
  /** offsets.retention.minutes */
  readonly offsetsRetentionMs: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number
  /** What the records of one request may come to; must be less than the log takes in one batch. */
  readonly appendBytesMax: number
  /** Groups in all machines that count together. Clients make groups by naming them, so there has to be an end. */
  readonly groupsMax: number
  /** What all groups together may keep of what clients sent about their members. */
  readonly groupBytesMax: number
  /** Committed offsets, and those of open transactions, in all machines that count together. */
  readonly offsetsMax: number
  /** Member ids given out in one group (MEMBER_ID_REQUIRED) that have not come back yet. */
  readonly pendingMembersMax: number
}

export const defaultGroupConfig: GroupConfig = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupMaxSize: 2_147_483_647,
  // Kafka waits three seconds; for local work and tests that is most of the start-up time of a consumer.
  groupInitialRebalanceDelayMs: 0,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 10_080 * 60_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  appendBytesMax: 16 * 1024 * 1024,
  groupsMax: 100_000,
  groupBytesMax: 268_435_456,
  offsetsMax: 1_000_000,
  pendingMembersMax: 10_000,
}

/** A new member's JoinGroup waits this long at most; then the member is dropped, and tries again if it still lives. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000
