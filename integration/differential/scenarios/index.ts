import type { Scenario } from '../scenario.ts'
import { classicGroups } from './classic-groups.ts'
import { clusterAdministration } from './cluster-administration.ts'
import { committedOffsets } from './committed-offsets.ts'
import { configs } from './configs.ts'
import { fetching } from './fetching.ts'
import { logins } from './logins.ts'
import { metadataScenarios } from './metadata.ts'
import { modernGroups } from './modern-groups.ts'
import { oldFormats } from './old-formats.ts'
import { producing } from './producing.ts'
import { refusedBatches } from './refused-batches.ts'
import { telemetry } from './telemetry.ts'
import { tokens } from './tokens.ts'
import { topicAdministration } from './topic-administration.ts'
import { transactionalWriting } from './transactional-writing.ts'
import { transactions } from './transactions.ts'
import { users } from './users.ts'

/** All scenarios; each group has a file of what was recorded. */
export const GROUPS: Readonly<Record<string, readonly Scenario[]>> = {
  metadata: metadataScenarios,
  producing,
  'refused-batches': refusedBatches,
  fetching,
  'old-formats': oldFormats,
  'classic-groups': classicGroups,
  'modern-groups': modernGroups,
  'committed-offsets': committedOffsets,
  transactions,
  'transactional-writing': transactionalWriting,
  configs,
  users,
  tokens,
  logins,
  telemetry,
  'topic-administration': topicAdministration,
  'cluster-administration': clusterAdministration,
}
