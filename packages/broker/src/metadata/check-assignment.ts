import { type NodeId, nodeId } from '@odradek/core'
import type { Outcome } from './controller.ts'
import { failed } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'

/** Why replicas that a client named cannot be a partition's; null when they can. */
export function assignmentProblem(image: MetadataImage, replicas: readonly number[]): Outcome | null {
  if (replicas.length === 0) return refused('a partition is assigned to no broker')
  const unknown = replicas.find((id) => image.registered(nodeId(id)) === undefined)
  if (unknown !== undefined) return refused(`broker ${unknown} is not registered`)
  if (new Set(replicas).size < replicas.length) return refused(`broker ${repeated(replicas)} is named twice`)
  if (inSyncReplicasOf(image, replicas).length === 0) {
    return refused(`none of the brokers ${replicas.join(', ')} is up`)
  }
  return null
}

/** The replicas that are up: all of them have the partition's log, since the nodes of a process share it. */
export function inSyncReplicasOf(image: MetadataImage, replicas: readonly number[]): readonly NodeId[] {
  return replicas.map(nodeId).filter((id) => image.node(id) !== undefined)
}

export function refused(reason: string): Outcome {
  return failed('INVALID_REPLICA_ASSIGNMENT', `The manual partition assignment is invalid: ${reason}`)
}

function repeated(replicas: readonly number[]): number | undefined {
  return replicas.find((id, index) => replicas.indexOf(id) !== index)
}
