import { join } from 'node:path'
import { upToDateReadme } from './readme.ts'

test('README.md says what the code does; `npm run docs` brings it up to date', () => {
  const { present, wanted } = upToDateReadme(join(__dirname, '../../../..'))
  expect(present).toBe(wanted)
})
