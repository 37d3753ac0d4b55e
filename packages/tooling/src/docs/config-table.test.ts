import { join } from 'node:path'
import { configTables } from './config-table.ts'
import { upToDateConfigs } from './configs.ts'

test('a row for each key, in order, with a mark where something follows it', () => {
  const common = { type: 'INT', importance: 'LOW', documentation: 'Either a | b.' }
  const rows = [
    { ...common, name: 'b', defaultText: '1', update: 'read-only', hasEffect: true },
    { ...common, name: 'a', defaultText: null, hasEffect: false },
  ]
  const text = configTables([{ title: 'Broker', rows }])
  expect(text.split('\n').slice(-5)).toEqual([
    '| key | type | default | changed | here | what it does |',
    '| --- | --- | --- | --- | --- | --- |',
    '| `a` | int |  |  |  | Either a \\| b. |',
    '| `b` | int | `1` | read-only | yes | Either a \\| b. |',
    '',
  ])
})

test('docs/configs.md says what the tables say; `npm run docs` brings it up to date', () => {
  const { present, wanted } = upToDateConfigs(join(__dirname, '../../../..'))
  expect(present).toBe(wanted)
})
