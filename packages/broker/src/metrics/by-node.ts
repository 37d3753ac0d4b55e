import type { NodeId } from '@odradek/core'
import type { NodeMetrics } from './broker-metrics.ts'
import type { Labels } from './family.ts'
import type { Scrape } from './scrape.ts'

/** The label that tells the nodes of a process apart. */
export const NODE = 'node'

export interface NodeOfScrape {
  readonly node: NodeId
  /** None where the node is alone: its metrics are then those of the process, as of a broker of Kafka's. */
  readonly labels: Labels
  readonly metrics: NodeMetrics
}

/** What is of one node, for each. */
export function* eachNode({ sources: { nodeIds, services } }: Scrape): Iterable<NodeOfScrape> {
  for (const node of nodeIds) {
    const labels = nodeIds.length > 1 ? { [NODE]: node } : {}
    yield { node, labels, metrics: services.metrics.of(node) }
  }
}
