import type { AccessRow } from './access-row.ts'
import { clusterRows } from './cluster-rows.ts'
import { dataRows } from './data-rows.ts'
import { groupRows, transactionRows } from './group-rows.ts'
import { modernGroupRows } from './modern-group-rows.ts'

/** Every API once or more: what it asks, and which rights it needs. */
export const accessRows: readonly AccessRow[] = [
  ...dataRows,
  ...groupRows,
  ...transactionRows,
  ...clusterRows,
  ...modernGroupRows,
]
