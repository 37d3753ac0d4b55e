import { stringBytesMax } from '@odradek/protocol/wire'
import { applyOperations } from './apply-operations.ts'
import { topicConfigs } from './definitions/topic-configs.ts'

const KEY = 'cleanup.policy'
/** Far more than is needed; a text that is looked at again and again takes seconds. */
const HOLD_UP_MS_MAX = 200

function appended(present: string, value: string): string | undefined {
  const operations = [{ name: KEY, operation: 'APPEND' as const, value }]
  const change = { type: 'TOPIC' as const, name: 't', replaceAll: false, operations }
  const before = new Map([[KEY, present]])
  const applied = applyOperations(before, change, (name) => topicConfigs.get(name))
  return 'configs' in applied ? applied.configs.get(KEY) : applied.problem.message
}

test.each([
  ['delete', 'compact', 'delete,compact'],
  ['delete', 'delete', 'delete'],
  ['delete', 'compact,,', 'delete,compact'],
  ['delete', ',,', 'delete'],
  ['delete', '', 'delete,'],
  ['', 'compact', 'compact'],
])('%j with %j behind it is %j', (present, value, list) => {
  expect(appended(present, value)).toBe(list)
})

test('the longest list of nothing is read without holding up anybody', () => {
  const before = process.cpuUsage()
  expect(appended('', `${','.repeat(stringBytesMax - 1)}x`)).toBe(',x')
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(HOLD_UP_MS_MAX)
})

test('a list may grow as large as a value can be, and no larger', () => {
  const half = 'a'.repeat(Math.floor(stringBytesMax / 2))
  const rest = 'b'.repeat(stringBytesMax - half.length - 1)
  expect(appended(half, rest)).toHaveLength(stringBytesMax)
  expect(appended(half, `${rest}b`)).toBe(`${KEY} would be larger than 32767 bytes, which no value may be`)
  expect(appended(half, `${rest.slice(1)}é`)).toContain('would be larger')
})
