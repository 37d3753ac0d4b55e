import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPTIONS } from './options.ts'

const readme = readFileSync(join(__dirname, '../../../../README.md'), 'utf8')

test.each(OPTIONS.map(({ flag, variable, key }) => [flag.split(' ')[0] ?? '', variable, key]))(
  'README.md has %s in its table of settings, with variable and key',
  (flag, variable, key) => {
    const row = readme.split('\n').find((line) => new RegExp(`^\\| \`${flag}[ \`]`).test(line))
    expect(row).toContain(`\`${variable}\``)
    if (key !== null && !key?.startsWith('odradek.')) expect(row).toContain(`\`${key}\``)
  },
)

test('README.md has no flag that is not there', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `--'))
  expect(rows).toHaveLength(OPTIONS.length)
})
