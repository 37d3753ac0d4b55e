import type { NodeId } from '@odradek/core'
import type { BrokerSettings } from '../config/settings.ts'
import type { Services } from '../services.ts'

/** Figures of the connections. */
export interface ConnectionFigures {
  readonly refusedCount: number
  readonly heldBytes: number
  acceptedCount(node: NodeId): number
  countByListener(node: NodeId): ReadonlyMap<string, number>
}

/** What the broker's metrics are made of. */
export interface MetricSources {
  readonly services: Services
  readonly connections: ConnectionFigures
  readonly nodeIds: readonly NodeId[]
  readonly softwareVersion: string
  /** Where everything is kept in memory, nothing is durable. */
  readonly durability: BrokerSettings['flush'] | 'memory'
}
