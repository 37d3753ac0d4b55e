import { assert, type NodeId, present } from '@odradek/core'

/**
 * Replicas of `count` new partitions: leaders go round the nodes from `start` on, and with each round the followers
 * move on by one, so that no two nodes share all their partitions.
 */
export function placeReplicas(
  nodes: readonly NodeId[],
  count: number,
  replicationFactor: number,
  start: number,
): readonly (readonly NodeId[])[] {
  assert(replicationFactor >= 1 && replicationFactor <= nodes.length, 'there are nodes for all replicas')
  return Array.from({ length: count }, (_, partition) => {
    const round = Math.floor(partition / nodes.length)
    return Array.from({ length: replicationFactor }, (_, replica) => {
      const step = replica === 0 ? 0 : 1 + ((round + replica - 1) % (nodes.length - 1))
      return present(nodes[(start + partition + step) % nodes.length], 'the index is within the nodes')
    })
  })
}
