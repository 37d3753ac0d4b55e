import { NO_CONFIGS } from '../config/layers.ts'
import { SUPPORTED_FEATURES } from '../supported-features.ts'
import { ELIGIBLE_REPLICAS_FEATURE, type MinInSyncSource, recordsOfFeatureChange } from './eligible-replicas.ts'
import type { MetadataImage } from './metadata-image.ts'
import {
  featureLevelRecord,
  type MetadataRecord,
  type NodeRegistration,
  registerNodeRecord,
  unregisterNodeRecord,
} from './metadata-records.ts'
import { settlePartitions } from './partition-plan.ts'

export interface StartContext {
  readonly image: MetadataImage
  /** Offset that the first of the records will get: a node's epoch is that of its registration. */
  readonly firstOffset: number
  /** Of the data directories that work. */
  readonly directoryIds: readonly string[]
  /** `min.insync.replicas` as the process was started. */
  readonly minInSyncReplicas: string
  randomId(): string
}

/** Whoever lost the feature with this start remembers nobody in what follows. */
const WITHOUT_FEATURES: MinInSyncSource = {
  configsOf: () => NO_CONFIGS,
  features: () => ({ epoch: 0n, levels: new Map() }),
}

/**
 * What a process has to say when it starts: which nodes it has, with what endpoints, and who leads partitions now. Nodes
 * of an earlier start that are missing are gone for good; their partitions go to other replicas, or have no leader.
 */
export function decideStart(
  nodes: readonly NodeRegistration[],
  features: ReadonlyMap<string, number>,
  context: StartContext,
): readonly MetadataRecord[] {
  const { image } = context
  const records: MetadataRecord[] = []
  const levels = new Map(featureLevels(features, image))
  for (const [name, level] of levels) {
    records.push(featureLevelRecord(name, level))
    if (name === ELIGIBLE_REPLICAS_FEATURE)
      records.push(...recordsOfFeatureChange(level, image, context.minInSyncReplicas))
  }
  for (const node of nodes) {
    records.push(
      registerNodeRecord({
        node,
        incarnationId: context.randomId(),
        epoch: context.firstOffset + records.length,
        directoryIds: context.directoryIds,
        features: SUPPORTED_FEATURES,
      }),
    )
  }
  const living = new Set(nodes.map(({ id }) => id))
  for (const { view, epoch } of image.allRegistered()) {
    if (!living.has(view.id)) records.push(unregisterNodeRecord(view.id, epoch))
  }
  const settled = levels.get(ELIGIBLE_REPLICAS_FEATURE) === 0 ? WITHOUT_FEATURES : image
  records.push(...settlePartitions(settled, image.topics(), (id) => living.has(id), true))
  return records
}

/**
 * A new cluster begins with the highest levels that work; afterwards they only change when somebody says so. What an
 * older version of this broker has made, and did not know, stays at level 0. One that cannot be 0 is raised: an imported
 * Kafka had it at a level that is too old for us.
 */
function featureLevels(
  asked: ReadonlyMap<string, number>,
  image: MetadataImage,
): readonly (readonly [string, number])[] {
  const finalized = image.features().levels
  const isNew = finalized.size === 0
  // What comes from a Kafka without eligible replicas may have brokers with a min.insync.replicas each, which they would lose.
  const isImported = isNew && image.topicsCount > 0
  const begun = SUPPORTED_FEATURES.filter(({ name }) => !(isImported && name === ELIGIBLE_REPLICAS_FEATURE))
  const raised = begun.filter(({ name, min }) => isNew || (min > 0 && !finalized.has(name)))
  const first = raised.map(({ name, max }) => [name, max] as const)
  const wanted = new Map([...first, ...asked])
  return [...wanted].filter(([name, level]) => (finalized.get(name) ?? 0) !== level)
}
