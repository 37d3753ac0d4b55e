import type { NodeId } from '@odradek/core'
import { SUPPORTED_FEATURES } from '../supported-features.ts'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'
import {
  fenceNodeRecord,
  type MetadataRecord,
  type NodeRegistration,
  registerNodeRecord,
  unregisterNodeRecord,
} from './metadata-records.ts'
import { settlePartitions } from './partition-plan.ts'

/** A node goes down: it is fenced, leads nothing any more, and is in sync only where it is the last. */
export function decideNodeStop(id: NodeId, image: MetadataImage): readonly MetadataRecord[] {
  const node = image.registered(id)
  if (node === undefined || node.isFenced) return []
  const isUp = (other: NodeId) => other !== id && image.node(other) !== undefined
  return [fenceNodeRecord(id, node.epoch), ...settlePartitions(image, image.topics(), isUp)]
}

export interface NodeStartContext {
  readonly image: MetadataImage
  readonly directoryIds: readonly string[]
  randomId(): string
}

/** A node comes back, under a new registration: it is in sync at once, and leads what nobody else could. */
export function decideNodeStart(node: NodeRegistration, context: NodeStartContext): readonly MetadataRecord[] {
  const { image, directoryIds } = context
  const isUp = (id: NodeId) => id === node.id || image.node(id) !== undefined
  return [
    registerNodeRecord({
      node,
      incarnationId: context.randomId(),
      epoch: image.endOffset,
      directoryIds,
      features: SUPPORTED_FEATURES,
    }),
    ...settlePartitions(image, image.topics(), isUp),
  ]
}

/**
 * Takes the registration away from a node that is down. One that is up would register again at once, as a broker of
 * Kafka's does that hears of it, so nothing is changed then.
 */
export function decideUnregister(id: number, image: MetadataImage): Decision<Outcome> {
  const node = Array.from(image.allRegistered()).find(({ view }) => view.id === id)
  if (node === undefined) {
    return { records: [], result: failed('BROKER_ID_NOT_REGISTERED', `Broker ID ${id} is not currently registered`) }
  }
  const records = node.isFenced ? [unregisterNodeRecord(node.view.id, node.epoch)] : []
  return { records, result: DONE }
}
