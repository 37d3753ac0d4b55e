import { SUPPORTED_FEATURES } from '../supported-features.ts'
import type { FeatureUpdate, Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import { ELIGIBLE_REPLICAS_FEATURE, recordsOfFeatureChange } from './eligible-replicas.ts'
import type { MetadataImage } from './metadata-image.ts'
import { featureLevelRecord, type MetadataRecord } from './metadata-records.ts'

/** All updates or none: the first that cannot be made says why. `controllerId` is whom the message names, `minInSyncReplicas` what the process was started with. */
export function decideUpdateFeatures(
  updates: readonly FeatureUpdate[],
  image: MetadataImage,
  controllerId: number,
  minInSyncReplicas: string,
): Decision<Outcome> {
  const { levels } = image.features()
  const records: MetadataRecord[] = []
  // As in Kafka the last that is said of a feature counts.
  for (const update of new Map(updates.map((each) => [each.name, each])).values()) {
    const { name, level } = update
    const current = levels.get(name) ?? 0
    const problem = updateProblem(update, current, controllerId)
    if (problem !== null) {
      const what = `Invalid update version ${level} for feature ${name}. ${problem}`
      const message = `The update failed for all features since the following feature had an error: ${what}`
      return { records: [], result: failed('INVALID_UPDATE_VERSION', message) }
    }
    if (level === current) continue
    records.push(featureLevelRecord(name, level))
    if (name === ELIGIBLE_REPLICAS_FEATURE) records.push(...recordsOfFeatureChange(level, image, minInSyncReplicas))
  }
  return { records, result: DONE }
}

/** In Kafka's order. */
function updateProblem({ name, level, type }: FeatureUpdate, current: number, controllerId: number): string | null {
  if (type === null) return 'The controller does not support the given upgrade type.'
  if (level < 0) return 'A feature version cannot be less than 0.'
  const supported = SUPPORTED_FEATURES.find((feature) => feature.name === name)
  if (supported === undefined) {
    return level === 0
      ? `Feature ${name} not found.`
      : `Local controller ${controllerId} does not support this feature.`
  }
  const { min, max } = supported
  if (level < min || level > max) return `Local controller ${controllerId} only supports versions ${min}-${max}`
  if (level < current && type === 'upgrade') {
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
  }
  return level > current && type !== 'upgrade' ? "Can't downgrade to a newer version." : null
}
