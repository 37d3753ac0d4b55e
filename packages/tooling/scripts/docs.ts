import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { upToDateConfigs } from '../src/docs/configs.ts'
import { upToDateMetrics } from '../src/docs/metrics.ts'
import { upToDateReadme } from '../src/docs/readme.ts'

/** `npm run docs`: writes what of README.md and docs/ follows from the code. */
const root = join(import.meta.dirname, '../../..')
for (const { path, present, wanted } of [upToDateReadme(root), upToDateConfigs(root), upToDateMetrics(root)]) {
  if (present !== wanted) writeFileSync(path, wanted)
  console.log(`${basename(path)} ${present === wanted ? 'is up to date' : 'was brought up to date'}`)
}
