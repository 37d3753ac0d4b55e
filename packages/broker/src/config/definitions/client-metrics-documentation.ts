import type { Documentation } from '../definition.ts'

/** What each config of a subscription to client metrics does. */
export const clientMetricsDocumentation: Documentation = {
  'interval.ms': 'How often matching clients push their metrics.',
  match: 'Which clients are meant, as ATTRIBUTE=PATTERN, all of which must match; everybody when empty.',
  metrics: 'Prefixes of the names of metrics that are asked for; `*` is all of them.',
}
