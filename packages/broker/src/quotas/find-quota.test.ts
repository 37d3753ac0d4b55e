import { type QuotaEntity, quotaEntityKey } from '../metadata/client-quota.ts'
import { findQuota } from './find-quota.ts'
import { quotaTable } from './quota-table-fixture.ts'

const KEY = 'producer_byte_rate'

/** Nearest first; each has its place in the list as its limit. */
const ENTITIES: readonly Record<string, string | null>[] = [
  { user: 'u', 'client-id': 'c' },
  { user: 'u', 'client-id': null },
  { user: 'u' },
  { user: null, 'client-id': 'c' },
  { user: null, 'client-id': null },
  { user: null },
  { 'client-id': 'c' },
  { 'client-id': null },
]

test.each(ENTITIES.map((_, index) => [index]))('without the %i nearest, the next one counts', (index) => {
  const quotas = quotaTable()
  for (const [at, entity] of ENTITIES.entries()) if (at >= index) quotas.set(entity, KEY, at + 1)
  const together = [
    ['u', 'c'],
    ['u', 'c'],
    ['u', null],
    ['u', 'c'],
    ['u', 'c'],
    ['u', null],
    [null, 'c'],
    [null, 'c'],
  ][index]
  expect(findQuota(quotas.table, KEY, 'u', 'c')).toEqual({
    limit: index + 1,
    user: together?.[0],
    clientId: together?.[1],
  })
})

test('another key, user or client finds nothing', () => {
  const quotas = quotaTable()
  quotas.set({ user: 'u', 'client-id': 'c' }, KEY, 1)
  expect(findQuota(quotas.table, 'consumer_byte_rate', 'u', 'c')).toBeNull()
  expect(findQuota(quotas.table, KEY, 'v', 'c')).toBeNull()
  expect(findQuota(quotas.table, KEY, 'u', 'd')).toBeNull()
})

test('an empty client id has only the quotas of its user', () => {
  const quotas = quotaTable()
  quotas.set({ 'client-id': null }, KEY, 1)
  quotas.set({ user: 'u', 'client-id': null }, KEY, 2)
  expect(findQuota(quotas.table, KEY, 'u', '')).toBeNull()
  quotas.set({ user: null }, KEY, 3)
  expect(findQuota(quotas.table, KEY, 'u', '')?.limit).toBe(3)
})

test('no two entities share a key, whatever their names contain', () => {
  const entities: QuotaEntity[] = [
    [{ type: 'user', name: 'a' }],
    [{ type: 'user', name: null }],
    [{ type: 'user', name: '' }],
    [{ type: 'user', name: 'a" client-id="b' }],
    [
      { type: 'user', name: 'a' },
      { type: 'client-id', name: 'b' },
    ],
    [{ type: 'client-id', name: 'a' }],
    [{ type: 'ip', name: 'a' }],
  ]
  expect(new Set(entities.map(quotaEntityKey)).size).toBe(entities.length)
  const [client, user] = [
    { type: 'client-id', name: 'b' },
    { type: 'user', name: 'a' },
  ] as const
  expect(quotaEntityKey([client, user])).toBe(quotaEntityKey([user, client]))
})
