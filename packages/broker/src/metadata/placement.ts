import { assert, type NodeId, present } from '@odradek/core'
import type { NodeView } from '../cluster-view.ts'
import type { MetadataImage } from './metadata-image.ts'

export type PlacedNode = Pick<NodeView, 'id' | 'rack'>

export interface PlacementNodes {
  readonly up: readonly PlacedNode[]
  readonly down: readonly PlacedNode[]
}

/** Why there cannot be so many replicas, in Kafka's words; null when there can. */
export function placementProblem(
  image: MetadataImage,
  replicationFactor: number,
  hasDirectory: boolean,
): string | null {
  const { up, down } = image.placementNodes()
  const registered = up.length + down.length
  // The nodes share their directories: where none takes partitions, no node does.
  if (up.length === 0 || !hasDirectory) {
    return 'All brokers are currently fenced, or have all their log directories cordoned.'
  }
  if (replicationFactor <= registered) return null
  const why = `only ${registered} broker(s) are registered or some brokers have all their log directories cordoned`
  return `The target replication factor of ${replicationFactor} cannot be reached because ${why}.`
}

/**
 * Replicas of `count` new partitions: leaders go round the nodes from `start` on, and with each round the followers
 * move on by one, so that no two nodes share all their partitions. No rack gets a second replica while another has none.
 */
export function placeReplicas(
  nodes: PlacementNodes,
  count: number,
  replicationFactor: number,
  start: number,
): readonly (readonly NodeId[])[] {
  const { up, down } = nodes
  assert(replicationFactor >= 1 && replicationFactor <= up.length + down.length, 'there are nodes for all replicas')
  const hasRacks = new Set([...up, ...down].map(({ rack }) => rack)).size > 1
  return Array.from({ length: count }, (_, partition) => {
    const first = start + partition
    const round = Math.floor(partition / up.length)
    const leader = present(up[first % up.length], 'somebody is up')
    const others = Array.from({ length: up.length - 1 }, (_, step) => {
      const at = first + 1 + ((round + step) % (up.length - 1))
      return present(up[at % up.length], 'the index is within the nodes')
    })
    const candidates = [leader, ...others, ...down]
    const chosen = hasRacks ? spreadOverRacks(candidates, replicationFactor) : candidates.slice(0, replicationFactor)
    return chosen.map(({ id }) => id)
  })
}

/** The first always; then who is of a rack that has the fewest so far, in the order of the candidates. */
function spreadOverRacks(candidates: readonly PlacedNode[], replicationFactor: number): readonly PlacedNode[] {
  const left = [...candidates]
  const chosen: PlacedNode[] = []
  const counts = new Map<string | null, number>()
  while (chosen.length < replicationFactor) {
    const fewest = Math.min(...left.map(({ rack }) => counts.get(rack) ?? 0))
    const at = chosen.length === 0 ? 0 : left.findIndex(({ rack }) => (counts.get(rack) ?? 0) === fewest)
    const [node] = left.splice(at, 1)
    if (node === undefined) break
    chosen.push(node)
    counts.set(node.rack, (counts.get(node.rack) ?? 0) + 1)
  }
  return chosen
}
