import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describedConfigs } from '@odradek/broker'
import { configTables } from './config-table.ts'

/** docs/configs.md as it should be now. */
export function upToDateConfigs(root: string): {
  readonly path: string
  readonly present: string
  readonly wanted: string
} {
  const path = join(root, 'docs/configs.md')
  const present = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return { path, present, wanted: configTables(describedConfigs()) }
}
