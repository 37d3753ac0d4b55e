import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../../../..')
const text = readFileSync(join(root, 'docs/security.md'), 'utf8')
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| CVE-'))
  .map((line) => ({
    cve: /CVE-\d+-\d+/.exec(line)?.[0] ?? '',
    files: [...line.matchAll(/`(packages\/[^`]+)`/g)].map(([, file = '']) => file),
  }))

test('there is a row for each class', () => {
  expect(rows.length).toBeGreaterThanOrEqual(16)
})

test.each(rows)('$cve has a test with its number in each of $files', ({ cve, files }) => {
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect([file, readFileSync(join(root, file), 'utf8').includes(cve)]).toEqual([file, true])
})
