import { ManualClock } from '@odradek/core'
import { AddressQuotas } from './address-quotas.ts'
import { ConnectionRates } from './connection-rates.ts'
import { quotaTable } from './quota-table-fixture.ts'

const WINDOW = { samples: 11, sampleMs: 1000 }
const NONE = Number.POSITIVE_INFINITY

function rates(limits: { broker?: number; listener?: number; address?: number }) {
  const clock = new ManualClock()
  const { broker = NONE, listener = NONE, address = NONE } = limits
  const each = {
    broker: () => broker,
    listener: (name: string) => (name === 'SLOW' ? listener : NONE),
    address: (host: string) => (host === '10.0.0.1' ? address : NONE),
  }
  return { clock, rates: new ConnectionRates({ limits: each, window: WINDOW, clock }) }
}

test('no more connections come in than the broker’s rate allows', () => {
  const { clock, rates: broker } = rates({ broker: 20 })
  let count = 0
  for (; clock.monotonicMs() < 100_000; count++) clock.advance(Math.max(1, broker.delayMs('ANY')))
  expect(count).toBeGreaterThan(1900)
  expect(count).toBeLessThan(2100)
})

test('a listener’s own rate holds for it alone, and nobody waits longer than a sample at a time', () => {
  const { rates: both } = rates({ broker: 1000, listener: 1 })
  for (let count = 0; count < 10; count++) expect(both.delayMs('SLOW')).toBe(0)
  expect(both.delayMs('SLOW')).toBe(1000)
  expect(both.delayMs('SLOW')).toBe(1000)
  expect(both.delayMs('FAST')).toBe(0)
})

test('a rate of nothing delays each connection', () => {
  expect(rates({ broker: 0 }).rates.delayMs('ANY')).toBe(1000)
})

test('an address over its rate is refused, and that does not count', () => {
  const { clock, rates: each } = rates({ address: 1 })
  for (let count = 0; count < 10; count++) expect(each.refusalMs('10.0.0.1')).toBe(0)
  for (let count = 0; count < 100; count++) expect(each.refusalMs('10.0.0.1')).toBe(1000)
  expect(each.refusalMs('10.0.0.2')).toBe(0)
  clock.advance(11_000)
  expect(each.refusalMs('10.0.0.1')).toBe(0)
})

test('an address has its own quota, else that of all others; a host’s name stands for its addresses', async () => {
  const quotas = quotaTable()
  const known = new Map([['db.example', ['10.0.0.7', 'fd00::7']]])
  const addresses = new AddressQuotas(quotas.table, {
    addressesOf: (name) => Promise.resolve(known.get(name) ?? [name]),
  })
  expect(addresses.limitOf('10.0.0.1')).toBe(NONE)
  quotas.set({ ip: '10.0.0.1' }, 'connection_creation_rate', 5)
  quotas.set({ ip: 'db.example' }, 'connection_creation_rate', 6)
  await addresses.refresh()
  const limits = () =>
    ['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.7', 'fd00::7', '10.0.0.9'].map((a) => addresses.limitOf(a))
  expect(limits()).toEqual([5, 5, 6, 6, NONE])
  quotas.set({ ip: null }, 'connection_creation_rate', 7)
  quotas.set({ ip: '10.0.0.1' }, 'connection_creation_rate', null)
  await addresses.refresh()
  expect(limits()).toEqual([7, 7, 6, 6, 7])
})
