import { ManualClock } from '@odradek/core'
import { Heartbeat } from '@odradek/protocol'
import { pending, produced, seen, start, stopAll, turns, until } from './connection-fixture.ts'
import { requestFrame } from './harness.ts'
import { MutationQuotas } from './quotas/mutation-quotas.ts'
import { NodeQuotas } from './quotas/node-quotas.ts'
import { quotaTable } from './quotas/quota-table-fixture.ts'
import { type CountedRequest, noQuotas, type Quotas } from './quotas.ts'

afterEach(stopAll)

const WINDOW = { samples: 11, sampleMs: 1000 }

function limited(clock: ManualClock) {
  const { table, set } = quotaTable()
  const mutations = new MutationQuotas({ quotas: table, window: WINDOW, clock })
  return { set, quotas: new NodeQuotas({ quotas: table, window: WINDOW, mutations, clock }) }
}

const beat = (version: number, clientId: string | null, correlationId: number) =>
  requestFrame(Heartbeat, version, { groupId: 'a', generationId: 0, memberId: 'm' }, clientId, correlationId)

test('a producer over its quota hears of it in the answer and is then not served', async () => {
  const clock = new ManualClock()
  const { set, quotas } = limited(clock)
  set({ user: 'ANONYMOUS' }, 'producer_byte_rate', 4)
  const { connect } = await start({ clock, quotasOf: () => quotas })
  const client = await connect()
  // 48 bytes where 40 may be sent at once.
  const frame = produced('x'.repeat(26), 1, 1)
  expect(frame.length).toBe(48)
  client.send(frame, beat(0, 'c', 2))
  const answer = await client.takeOne()
  expect(answer.readInt32BE(answer.length - 4)).toBe(2000)
  clock.advance(1999)
  await turns(20)
  expect(client.received).toBe(0)
  clock.advance(1)
  expect((await client.takeOne()).readInt32BE(0)).toBe(2)
})

test('acks 0 gets no answer, and is held up all the same', async () => {
  const clock = new ManualClock()
  const { set, quotas } = limited(clock)
  set({ user: null }, 'producer_byte_rate', 4)
  const { connect } = await start({ clock, quotasOf: () => quotas })
  const client = await connect()
  client.send(produced('x'.repeat(26), 0, 1), beat(0, 'c', 2))
  await until(() => seen.length === 1)
  await turns(20)
  expect([client.received, seen.length]).toEqual([0, 1])
  clock.advance(2000)
  expect((await client.takeOne()).readInt32BE(0)).toBe(2)
})

test('a version without a throttle time is answered at once too', async () => {
  const clock = new ManualClock()
  const quotas: Quotas = { ...noQuotas, isActive: true, throttleMs: () => 700 }
  const { connect } = await start({ clock, quotasOf: () => quotas })
  const client = await connect()
  client.send(beat(0, 'c', 1), beat(0, 'c', 2))
  expect(await client.takeOne()).toHaveLength(6)
  await turns(20)
  expect(client.received).toBe(0)
  clock.advance(700)
  await client.takeOne()
})

test('of several throttle times the one that ends last counts', async () => {
  const clock = new ManualClock()
  const times = [900, 100, 0]
  const quotas: Quotas = { ...noQuotas, isActive: true, throttleMs: () => times.shift() ?? 0 }
  const { connect } = await start({ clock, quotasOf: () => quotas })
  const client = await connect()
  // Both are under way before the first is answered.
  client.send(produced('a', -1, 1), produced('b', -1, 2))
  await until(() => pending.length === 2)
  for (const { answer } of pending.splice(0)) answer()
  await client.take(2)
  client.send(beat(0, 'c', 3))
  clock.advance(899)
  await turns(20)
  expect(client.received).toBe(0)
  clock.advance(1)
  expect((await client.takeOne()).readInt32BE(0)).toBe(3)
})

test('time is measured only where it counts, from the first byte of a request to the last of its answer', async () => {
  const clock = new ManualClock()
  const counted: number[] = []
  const quotas = (timesRequests: boolean): Quotas => ({
    ...noQuotas,
    isActive: true,
    timesRequests,
    throttleMs: (_: string, { busyMs }: CountedRequest) => {
      counted.push(busyMs)
      return 0
    },
    addTime: (_principal, _clientId, busyMs) => counted.push(busyMs),
  })
  let step = 0
  const ticking = Object.assign(Object.create(clock), { monotonicMs: () => step++ })
  for (const timesRequests of [false, true]) {
    const { connect } = await start({ clock: ticking, quotasOf: () => quotas(timesRequests) })
    const client = await connect()
    client.send(beat(0, 'c', 1))
    await client.takeOne()
  }
  expect(counted).toEqual([0, expect.any(Number), 1])
})
