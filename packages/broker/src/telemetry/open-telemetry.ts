import { type Logger, type NodeId, type Prng, present } from '@odradek/core'
import type { Configs } from '../config/configs.ts'
import { ClientTelemetry } from './client-telemetry.ts'
import { PushedSeries } from './pushed-series.ts'
import { SubscriptionTable } from './subscription-table.ts'

export interface TelemetryOptions {
  readonly nodeIds: readonly NodeId[]
  readonly configs: Configs
  readonly prng: Prng
  readonly logger: Logger
}

/** The receivers of client metrics of all nodes. */
export interface OpenTelemetry {
  readonly series: PushedSeries
  of(node: NodeId): ClientTelemetry
  /** Subscriptions may be others now. */
  metadataChanged(): void
}

/** Every node knows its own clients, as separate brokers do; subscriptions and what was pushed are for all. */
export function openTelemetry({ nodeIds, configs, prng, logger }: TelemetryOptions): OpenTelemetry {
  const [node] = nodeIds
  const anyNode = present(node, 'there is at least one node')
  const source = {
    names: () => configs.configured('CLIENT_METRICS'),
    entriesOf: (name: string) => configs.describe(anyNode, 'CLIENT_METRICS', name).entries,
  }
  const subscriptions = new SubscriptionTable(source, logger)
  const series = new PushedSeries(() => configs.brokerSettings(anyNode).metricsClientSeriesMax)
  const receivers = new Map(nodeIds.map((id) => [id, new ClientTelemetry({ subscriptions, series, prng })]))
  return {
    series,
    of: (id) => present(receivers.get(id), `node ${id} is one of this process`),
    metadataChanged: () => subscriptions.metadataChanged(),
  }
}
