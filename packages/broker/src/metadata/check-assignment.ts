import { type NodeId, nodeId } from '@odradek/core'
import type { Outcome } from './controller.ts'
import { failed } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'

/** Why replicas that a client named for a new partition cannot be its; null when they can. */
export function assignmentProblem(
  image: MetadataImage,
  replicas: readonly number[],
  partition: number,
  hasDirectory: boolean,
): Outcome | null {
  const problem = replicasProblem(image, replicas, hasDirectory)
  if (problem !== null || inSyncReplicasOf(image, replicas).length > 0) return problem
  const message = `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`
  return failed('INVALID_REPLICA_ASSIGNMENT', message)
}

/** Why these are no replicas of any partition; null when they are. In Kafka's order, which is that of the ids. */
export function replicasProblem(
  image: MetadataImage,
  replicas: readonly number[],
  hasDirectory: boolean,
): Outcome | null {
  if (replicas.length === 0) return refused('an empty replica list')
  let before: number | null = null
  for (const id of [...replicas].sort((a, b) => a - b)) {
    if (image.registered(nodeId(id)) === undefined) return refused(`broker ${id}, but no such broker is registered`)
    if (!hasDirectory) return refused(`broker ${id}, but all its log directories are cordoned`)
    if (id === before) return refused(`the broker ${id} more than once`)
    before = id
  }
  return null
}

/** The replicas that are up: all of them have the partition's log, since the nodes of a process share it. */
export function inSyncReplicasOf(image: MetadataImage, replicas: readonly number[]): readonly NodeId[] {
  return replicas.map(nodeId).filter((id) => image.node(id) !== undefined)
}

export function inconsistent(replicas: number, previous: number): Outcome {
  const found = `a partition with ${replicas} replica(s), but this is not consistent with previous partitions`
  return refused(`${found}, which have ${previous} replica(s)`)
}

function refused(what: string): Outcome {
  return failed('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment includes ${what}.`)
}
