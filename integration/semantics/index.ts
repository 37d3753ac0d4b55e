import { configs } from './configs.ts'
import { metadata } from './metadata.ts'
import type { Section } from './row.ts'
import { security } from './security.ts'
import { telemetry } from './telemetry.ts'
import { topicAdministration } from './topic-administration.ts'

/** All that have been gone through row by row. */
export const SECTIONS: readonly Section[] = [metadata, topicAdministration, configs, security, telemetry]
