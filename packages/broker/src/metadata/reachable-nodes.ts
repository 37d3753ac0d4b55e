import type { ClusterView, NodeView } from '../cluster-view.ts'

/** Where a client of one listener finds a node. */
export interface ReachableNode {
  readonly id: NodeView['id']
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** The nodes that are up and have an endpoint on the listener. */
export function reachableNodes(cluster: ClusterView, listener: string): readonly ReachableNode[] {
  return cluster.nodes().flatMap(({ id, rack, endpoints }) => {
    const endpoint = endpoints.get(listener)
    return endpoint === undefined ? [] : [{ id, rack, ...endpoint }]
  })
}

/**
 * Whom clients take for the controller. Every node does a controller's work, so this is simply the first one, always the
 * same; -1 when there is none.
 */
export function controllerOf(nodes: readonly ReachableNode[]): number {
  return nodes[0]?.id ?? -1
}
