import type { NodeId } from '@odradek/core'
import type { EligibleReplicas, PartitionView, TopicView } from '../cluster-view.ts'
import type { BrokerLayers } from '../config/layers.ts'
import type { DraftBase } from './image-draft.ts'
import type { MetadataImage } from './metadata-image.ts'
import { configRecord, type MetadataRecord, partitionChangeRecord } from './metadata-records.ts'

export const ELIGIBLE_REPLICAS_FEATURE = 'eligible.leader.replicas.version'
export const MIN_IN_SYNC_KEY = 'min.insync.replicas'

const DEFAULT_MIN_IN_SYNC = '1'
const NOBODY: EligibleReplicas = { replicas: [], lastKnown: [] }

/** Where it stands how many replicas in sync a topic wants. */
export type MinInSyncSource = Pick<DraftBase, 'configsOf'> & Pick<MetadataImage, 'features'>

/** What the process was started with, or the default. */
export function startedMinInSync({ fixed }: BrokerLayers): string {
  return fixed.get(MIN_IN_SYNC_KEY) ?? DEFAULT_MIN_IN_SYNC
}

export function remembersEligible(image: Pick<MetadataImage, 'features'>): boolean {
  return (image.features().levels.get(ELIGIBLE_REPLICAS_FEATURE) ?? 0) > 0
}

/** How many replicas in sync a topic wants; null while partitions remember nobody. The cluster as a whole always has a value then. */
export function minInSyncOf(image: MinInSyncSource, topicName: string): number | null {
  if (!remembersEligible(image)) return null
  const text =
    image.configsOf('TOPIC', topicName).get(MIN_IN_SYNC_KEY) ?? image.configsOf('BROKER', '').get(MIN_IN_SYNC_KEY)
  return Number(text ?? DEFAULT_MIN_IN_SYNC)
}

/** What a change of the replicas in sync leaves of a partition. */
export interface ReplicasAfter {
  readonly replicas: readonly NodeId[]
  readonly inSyncReplicas: readonly NodeId[]
  readonly minInSync: number
}

/**
 * Who is eligible afterwards, as Kafka's controller says: nobody as long as enough are in sync; else whoever was in sync,
 * or eligible, and is not now. When nobody is in sync any more the last leader is known by itself.
 */
export function eligibleAfter(before: PartitionView, after: ReplicasAfter): EligibleReplicas {
  const { replicas, inSyncReplicas, minInSync } = after
  if (inSyncReplicas.length >= Math.min(minInSync, replicas.length)) return NOBODY
  const known = before.eligible ?? NOBODY
  const isOut = (id: NodeId) => replicas.includes(id) && !inSyncReplicas.includes(id)
  const eligible = sorted([...known.replicas, ...before.inSyncReplicas]).filter(isOut)
  const wasLed = inSyncReplicas.length === 0 && before.leader >= 0
  const lastKnown = wasLed
    ? [before.leader]
    : sorted(known.lastKnown).filter((id) => isOut(id) && !eligible.includes(id))
  return {
    replicas: eligible,
    lastKnown: inSyncReplicas.length === 0 && !wasLed ? known.lastKnown : lastKnown,
  }
}

function sorted(ids: readonly NodeId[]): readonly NodeId[] {
  return [...new Set(ids)].sort((a, b) => a - b)
}

/** Where another `min.insync.replicas` may change who is eligible. */
export function topicsWithEligible(image: MetadataImage): readonly TopicView[] {
  return Array.from(image.topics()).filter(({ partitions }) =>
    partitions.some(({ eligible }) => eligible !== undefined),
  )
}

/**
 * What comes with the feature: the cluster as a whole has a value for `min.insync.replicas` from then on, the one that
 * the brokers were started with where none was set, and no broker has its own. Without it nobody is eligible any more.
 */
export function recordsOfFeatureChange(level: number, image: MetadataImage, startedWith: string): MetadataRecord[] {
  if (level === 0) return forgetEligible(image)
  const records: MetadataRecord[] = []
  if (!image.configsOf('BROKER', '').has(MIN_IN_SYNC_KEY))
    records.push(configRecord('BROKER', '', MIN_IN_SYNC_KEY, startedWith))
  for (const name of image.configured('BROKER'))
    if (name !== '' && image.configsOf('BROKER', name).has(MIN_IN_SYNC_KEY))
      records.push(configRecord('BROKER', name, MIN_IN_SYNC_KEY, null))
  return records
}

function forgetEligible(image: MetadataImage): MetadataRecord[] {
  const records: MetadataRecord[] = []
  for (const { id: topicId, partitions } of image.topics())
    for (const { index, eligible } of partitions)
      if (eligible !== undefined)
        records.push(partitionChangeRecord({ topicId, index, eligibleReplicas: [], lastKnownEligible: [] }))
  return records
}
