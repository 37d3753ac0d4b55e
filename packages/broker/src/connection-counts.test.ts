import { nodeId } from '@odradek/core'
import { AddressOverrides } from './address-overrides.ts'
import { NO_CONFIGS } from './config/layers.ts'
import { buildLimitSettings } from './config/limit-settings.ts'
import { ConnectionCounts } from './connection-counts.ts'

const from = (host: string, listener = 'PLAINTEXT', node = 1) => ({
  node: nodeId(node),
  listener,
  peer: { host, port: 50_000 },
})

function counts(keys: Record<string, string>, overrideOf: (host: string) => number | undefined = () => undefined) {
  const fixed = new Map(Object.entries(keys))
  const settings = buildLimitSettings({ dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed })
  return new ConnectionCounts(settings, overrideOf)
}

/** Lets in `count` of them; what is said of one more. */
function fill(open: ConnectionCounts, connection: ReturnType<typeof from>, count: number): string | null {
  for (let index = 0; index < count; index++) {
    expect(open.refusal(connection)).toBeNull()
    open.add(connection)
  }
  return open.refusal(connection)
}

test('max.connections: so many over all addresses and listeners, and not one more', () => {
  const open = counts({ 'max.connections': '3' })
  expect(fill(open, from('10.0.0.1'), 2)).toBeNull()
  expect(fill(open, from('10.0.0.2', 'OTHER'), 1)).toBe('3 connections are open (max.connections)')
  open.remove(from('10.0.0.1'))
  expect(open.refusal(from('10.0.0.3'))).toBeNull()
})

test('max.connections.per.ip: so many from one address, whatever the listener', () => {
  const open = counts({ 'max.connections.per.ip': '2' })
  expect(fill(open, from('10.0.0.1'), 1)).toBeNull()
  expect(fill(open, from('10.0.0.1', 'OTHER'), 1)).toContain('(max.connections.per.ip)')
  expect(open.refusal(from('10.0.0.2'))).toBeNull()
  open.remove(from('10.0.0.1'))
  expect(open.refusal(from('10.0.0.1'))).toBeNull()
})

test('max.connections.per.ip.overrides: more for one address, none for another', () => {
  const overrides = new Map([
    ['10.0.0.1', 3],
    ['10.0.0.2', 0],
  ])
  const open = counts({ 'max.connections.per.ip': '1' }, (host) => overrides.get(host))
  expect(fill(open, from('10.0.0.1'), 3)).toContain('(max.connections.per.ip.overrides)')
  expect(fill(open, from('10.0.0.2'), 0)).toContain('0 connections of this address')
  expect(fill(open, from('10.0.0.3'), 1)).toContain('(max.connections.per.ip)')
})

test('listener.name.NAME.max.connections: so many on one listener of a node; others have their own', () => {
  const open = counts({ 'listener.name.outside.max.connections': '2' })
  expect(fill(open, from('10.0.0.1', 'OUTSIDE'), 2)).toContain('(listener.name.outside.max.connections)')
  expect(open.refusal(from('10.0.0.1', 'OUTSIDE', 2))).toBeNull()
  expect(fill(open, from('10.0.0.1', 'INSIDE'), 5)).toBeNull()
  open.remove(from('10.0.0.1', 'OUTSIDE'))
  expect(open.refusal(from('10.0.0.1', 'OUTSIDE'))).toBeNull()
})

test('overrides hold for every address that a name stands for, IPv6 in any form', async () => {
  const addresses = new Map([
    ['desk', ['10.0.0.7', '::1']],
    ['::2', ['::2']],
  ])
  const overrides = new AddressOverrides({ addressesOf: async (name) => addresses.get(name) ?? [] })
  await overrides.refresh(
    new Map([
      ['desk', 5],
      ['::2', 6],
      ['nobody', 7],
    ]),
  )
  expect(['10.0.0.7', '0:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:2', '10.0.0.8'].map((host) => overrides.of(host))).toEqual([
    5,
    5,
    6,
    undefined,
  ])
  await overrides.refresh(new Map())
  expect(overrides.of('10.0.0.7')).toBeUndefined()
})

test('of two settings that follow each other the later one holds, however long its names take', async () => {
  const answers: ((addresses: readonly string[]) => void)[] = []
  const overrides = new AddressOverrides({ addressesOf: () => new Promise((resolve) => answers.push(resolve)) })
  const first = overrides.refresh(new Map([['a', 1]]))
  const second = overrides.refresh(new Map([['a', 2]]))
  answers[1]?.(['10.0.0.1'])
  await second
  answers[0]?.(['10.0.0.1'])
  await first
  expect(overrides.of('10.0.0.1')).toBe(2)
})
