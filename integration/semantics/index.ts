import { authorization } from './authorization.ts'
import { classicGroups } from './classic-groups.ts'
import { committedOffsets } from './committed-offsets.ts'
import { configs } from './configs.ts'
import { connections } from './connections.ts'
import { fetching } from './fetching.ts'
import { logins } from './logins.ts'
import { metadata } from './metadata.ts'
import { modernGroups } from './modern-groups.ts'
import { producing } from './producing.ts'
import type { Section } from './row.ts'
import { security } from './security.ts'
import { telemetry } from './telemetry.ts'
import { topicAdministration } from './topic-administration.ts'
import { transactions } from './transactions.ts'

/** All that have been gone through row by row. */
export const SECTIONS: readonly Section[] = [
  connections,
  logins,
  authorization,
  metadata,
  producing,
  fetching,
  classicGroups,
  committedOffsets,
  modernGroups,
  transactions,
  topicAdministration,
  configs,
  security,
  telemetry,
]
