import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokerOwnFamilies } from '@odradek/broker'
import { replaceSection } from './api-table.ts'

/** docs/metrics.md as it should be now: its table follows from the metrics that there are. */
export function upToDateMetrics(root: string): {
  readonly path: string
  readonly present: string
  readonly wanted: string
} {
  const path = join(root, 'docs/metrics.md')
  const present = readFileSync(path, 'utf8')
  const rows = brokerOwnFamilies.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  )
  const table = ['| metric | type | labels | what |', '| --- | --- | --- | --- |', ...rows].join('\n')
  return { path, present, wanted: replaceSection(present, 'table of metrics', table) }
}
