import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { upToDateReadme } from '../src/docs/readme.ts'

/** `npm run docs`: writes the parts of README.md that follow from the code. */
const { path, present, wanted } = upToDateReadme(join(import.meta.dirname, '../../..'))
if (present !== wanted) writeFileSync(path, wanted)
console.log(present === wanted ? 'README.md is up to date' : 'README.md was brought up to date')
