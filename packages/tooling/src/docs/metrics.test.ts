import { join } from 'node:path'
import { brokerOwnFamilies } from '@odradek/broker'
import { upToDateMetrics } from './metrics.ts'

test('docs/metrics.md lists the metrics that there are; `npm run docs` brings it up to date', () => {
  const { present, wanted } = upToDateMetrics(join(__dirname, '../../../..'))
  expect(present).toBe(wanted)
})

test('names are of one form, none comes twice, and counters end in _total', () => {
  const names = brokerOwnFamilies.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { name, type } of brokerOwnFamilies) {
    expect(name).toMatch(/^(kafka|odradek)_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
  }
})
