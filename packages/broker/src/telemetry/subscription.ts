/** What a subscription may select clients by (KIP-714). */
export interface ClientAttributes {
  readonly client_instance_id: string
  readonly client_id: string
  readonly client_software_name: string
  readonly client_software_version: string
  readonly client_source_address: string
  readonly client_source_port: string
}

/** One CLIENT_METRICS resource. */
export interface Subscription {
  readonly intervalMs: number
  /** Prefixes of names; `*` for all. */
  readonly metrics: readonly string[]
  /** Every one of them must fit. */
  matches(client: ClientAttributes): boolean
}

/** What all subscriptions together ask of one client. */
export interface WantedMetrics {
  readonly pushIntervalMs: number
  readonly metrics: readonly string[]
}

/** Asked of clients that no subscription matches, and the longest that others are asked for. */
const PUSH_INTERVAL_MS_DEFAULT = 300_000

const ALL_METRICS = '*'

export function wantedOf(client: ClientAttributes, subscriptions: readonly Subscription[]): WantedMetrics {
  const matching = subscriptions.filter((subscription) => subscription.matches(client))
  const metrics = new Set(matching.flatMap((subscription) => subscription.metrics))
  return {
    pushIntervalMs: Math.min(PUSH_INTERVAL_MS_DEFAULT, ...matching.map(({ intervalMs }) => intervalMs)),
    metrics: metrics.has(ALL_METRICS) ? [ALL_METRICS] : [...metrics].sort(),
  }
}
