import { plainTable } from '../definition.ts'
import { noEmptyElements } from '../value-rules.ts'
import { clientMetricsDocumentation } from './client-metrics-documentation.ts'

/** What a client metrics subscription says (KIP-714). Checks beyond the type are in validate-resource.ts. */
export const clientMetricsConfigs = plainTable(
  [
    ['interval.ms', 'INT', '300000', null, 'MEDIUM'],
    ['match', 'LIST', '', null, 'MEDIUM'],
    ['metrics', 'LIST', '', noEmptyElements, 'MEDIUM'],
  ],
  clientMetricsDocumentation,
)
