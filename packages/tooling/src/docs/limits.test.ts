import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describedConfigs } from '@odradek/broker'

const root = join(__dirname, '../../../..')
const text = readFileSync(join(root, 'docs/limits.md'), 'utf8')
const keys = new Map(describedConfigs()[0]?.rows.map((row) => [row.name, row]))

const rowsOf = (title: string): readonly (readonly string[])[] =>
  (text.split(`## ${title}`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| limit') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`|`$/g, '')),
    )

const settings = rowsOf('Settings').map(([limit = '', setting = '', value = '', , , file = '']) => {
  const base = setting.replace('listener.name.NAME.', '')
  return { limit, setting, base, value, file }
})
const constants = rowsOf('Fixed numbers').map(([limit = '', name = '', , , file = '']) => ({ limit, name, file }))

test('there are rows', () => {
  expect(settings.length).toBeGreaterThan(30)
  expect(constants.length).toBeGreaterThan(10)
})

test.each(settings)(
  '$limit: $setting is a setting that has an effect, with this default',
  ({ setting, base, value }) => {
    const row = keys.get(base)
    expect(row?.hasEffect).toBe(true)
    // A listener has none of its own, and that of memory depends on the machine.
    if (setting === base && base !== 'odradek.memory.log.bytes') expect(value).toBe(row?.defaultText)
  },
)

test.each([...settings.map(({ limit, base, file }) => ({ limit, name: base, file })), ...constants])(
  '$limit: $file is about $name',
  ({ name, file }) => {
    expect(existsSync(join(root, file))).toBe(true)
    expect(readFileSync(join(root, file), 'utf8').includes(name)).toBe(true)
  },
)

test('every setting of ours that is a bound stands in the page', () => {
  const bounds = [...keys.keys()].filter((key) => /^odradek\..*\b(max|timeout)\b/.test(key))
  const listed = new Set(settings.map(({ setting }) => setting))
  expect(bounds.filter((key) => !listed.has(key))).toEqual([])
})
