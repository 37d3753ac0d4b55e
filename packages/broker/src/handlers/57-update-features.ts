import { ErrorCode, type ResponseOf, UpdateFeatures, type UpdateFeaturesRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import type { FeatureUpdate } from '../metadata/controller.ts'

type Response = ResponseOf<typeof UpdateFeatures>

const UPGRADE_TYPES: ReadonlyMap<number, FeatureUpdate['type']> = new Map([
  [1, 'upgrade'],
  [2, 'safe-downgrade'],
  [3, 'unsafe-downgrade'],
])

/**
 * UpdateFeatures 0-2 (KIP-584): finalizes other levels of features, all of them or none. Version 0 can only
 * raise them; from 1 on the request may be a rehearsal; in 2 there is one answer for all.
 */
export const updateFeatures = handler(
  UpdateFeatures,
  [0, 2],
  async (request, context): Promise<Response> => {
    const { version } = context
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.')
    const updates = request.featureUpdates.map((update) => ({
      name: update.feature,
      level: update.maxVersionLevel,
      type: typeOf(update, version),
    }))
    const { error, message } = await context.services.controller.updateFeatures(updates, request.validateOnly)
    if (error !== 'NONE') return failed(ErrorCode[error], message)
    const results =
      version >= 2 ? [] : updates.map(({ name }) => ({ feature: name, errorCode: 0, errorMessage: 'NONE' }))
    return { ...failed(ErrorCode.NONE, null), results }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function typeOf(update: UpdateFeaturesRequest['featureUpdates'][number], version: number): FeatureUpdate['type'] {
  // Kafka's controller does not look at the flag of the first version.
  if (version === 0) return 'upgrade'
  return UPGRADE_TYPES.get(update.upgradeType) ?? null
}

function failed(errorCode: ErrorCode, errorMessage: string | null): Response {
  return { errorCode, errorMessage, results: [] }
}
