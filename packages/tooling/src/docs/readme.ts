import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { handlers, registry } from '@odradek/broker'
import { apiTable, replaceSection, type SpecApi } from './api-table.ts'

/** README.md as it should be now: the parts that follow from the code are made anew. */
export function upToDateReadme(root: string): {
  readonly path: string
  readonly present: string
  readonly wanted: string
} {
  const path = join(root, 'README.md')
  const present = readFileSync(path, 'utf8')
  const directory = join(root, 'protocol-specs/apis')
  const specs = readdirSync(directory).map((name): SpecApi => JSON.parse(readFileSync(join(directory, name), 'utf8')))
  return { path, present, wanted: replaceSection(present, 'table of APIs', apiTable(specs, registry(handlers).served)) }
}
