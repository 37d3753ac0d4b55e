/** What a client may still change in the metadata: counts partitions that are made or deleted (KIP-599). */
export interface MutationQuota {
  /** Counts them; false when they must not be made or deleted now. */
  admits(partitions: number): boolean
  /** How long the client should now wait. */
  throttleMs(): number
}

export const unlimitedMutations: MutationQuota = { admits: () => true, throttleMs: () => 0 }

/** A request that is to be answered now, as far as quotas look at it. */
export interface CountedRequest {
  readonly apiKey: number
  /** Null counts as empty, as in Kafka. */
  readonly clientId: string | null
  readonly frameBytes: number
  /** For how long the event loop was busy with it. */
  readonly busyMs: number
  /** False for Produce with acks 0, which request quotas do not hold up. */
  readonly hasResponse: boolean
  /** What quotas of requests do not count: what brokers ask each other for. */
  readonly isExempt: boolean
  /** Decided before the answer was made (Fetch): all is counted already. Null otherwise. */
  readonly decidedThrottleMs: number | null
  readonly mutations: MutationQuota | null
}

/**
 * Policy for slowing the clients of one node down. A principal is a whole one, `User:alice`.
 * An answer goes out at once and says how long its connection is then not served (KIP-219), whatever the version.
 */
export interface Quotas {
  /** False: nothing is limited that requests count for, and nothing else here need be called. */
  readonly isActive: boolean
  /** Whether time spent on requests counts: only then need it be measured. */
  readonly timesRequests: boolean
  /** Counts a request. For how many milliseconds its connection is then not served. */
  throttleMs(principal: string, request: CountedRequest): number
  /** Counts time spent after `throttleMs` was asked. */
  addTime(principal: string, clientId: string | null, busyMs: number): void
  /** Most that a fetch may bring without being throttled for its size alone. */
  fetchBytesMax(principal: string, clientId: string | null): number
  /** Counts an answer to Fetch, unless it must be given empty: that is so when the result is above 0. */
  fetchThrottleMs(principal: string, clientId: string | null, answerBytes: number, busyMs: number): number
  mutationQuota(principal: string, clientId: string | null, isStrict: boolean): MutationQuota
}

export const noQuotas: Quotas = {
  isActive: false,
  timesRequests: false,
  throttleMs: () => 0,
  addTime: () => {},
  fetchBytesMax: () => Number.POSITIVE_INFINITY,
  fetchThrottleMs: () => 0,
  mutationQuota: () => unlimitedMutations,
}
