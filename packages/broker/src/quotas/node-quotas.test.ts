import { ManualClock } from '@odradek/core'
import { Fetch, Heartbeat, Produce } from '@odradek/protocol'
import type { CountedRequest } from '../quotas.ts'
import { MutationQuotas } from './mutation-quotas.ts'
import { NodeQuotas } from './node-quotas.ts'
import { quotaTable } from './quota-table-fixture.ts'

const WINDOW = { samples: 11, sampleMs: 1000 }
const ALICE = 'User:alice'

function start() {
  const clock = new ManualClock()
  const { table, set } = quotaTable()
  const mutations = new MutationQuotas({ quotas: table, window: WINDOW, clock })
  return { clock, set, mutations, quotas: new NodeQuotas({ quotas: table, window: WINDOW, mutations, clock }) }
}

function request(more: Partial<CountedRequest>): CountedRequest {
  return {
    apiKey: Heartbeat.key,
    clientId: 'c',
    frameBytes: 100,
    busyMs: 0,
    hasResponse: true,
    isExempt: false,
    decidedThrottleMs: null,
    mutations: null,
    ...more,
  }
}

const produce = (frameBytes: number, more: Partial<CountedRequest> = {}) =>
  request({ apiKey: Produce.key, frameBytes, ...more })

test('nothing is counted as long as nothing is limited', () => {
  const { quotas, set } = start()
  expect([quotas.isActive, quotas.timesRequests]).toEqual([false, false])
  set({ ip: null }, 'connection_creation_rate', 1)
  expect(quotas.isActive).toBe(false)
  set({ user: null }, 'request_percentage', 1)
  expect([quotas.isActive, quotas.timesRequests]).toEqual([true, true])
  set({ user: null }, 'request_percentage', null)
  expect([quotas.isActive, quotas.timesRequests]).toEqual([false, false])
})

/** Client's work for so long, each piece of which takes a millisecond: how much is done in each ten seconds of it. */
function tenSecondsOf(clock: ManualClock, seconds: number, work: () => { done: number; throttleMs: number }): number[] {
  const sums = Array.from({ length: seconds / 10 }, () => 0)
  while (clock.monotonicMs() < seconds * 1000) {
    const index = Math.floor(clock.monotonicMs() / 10_000)
    clock.advance(1)
    const { done, throttleMs } = work()
    sums[index] = (sums[index] ?? 0) + done
    clock.advance(throttleMs)
  }
  return sums
}

/**
 * Kafka's window lets an idle client use ten seconds' worth at once, and counts one sample more or less: ten seconds alone
 * are right to a sample and a request, on the long run the rate is.
 */
function expectLimited(sums: readonly number[], limit: number, requestShare: number): void {
  const mean = sums.reduce((sum, value) => sum + value, 0) / sums.length
  expect(mean).toBeGreaterThan(limit * 0.95)
  expect(mean).toBeLessThan(limit * 1.05)
  expect(Math.max(...sums)).toBeLessThanOrEqual(limit * (1.1 + requestShare))
}

test.each([
  ['1 KB', 1000],
  ['16 KB', 16_000],
  ['100 KB', 100_000],
  ['1 MB', 1_000_000],
])('a producer limited to 1 MB/s stays within 5 %% of it with requests of %s', (_, bytes) => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'producer_byte_rate', 1_000_000)
  const sums = tenSecondsOf(clock, 200, () => ({ done: bytes, throttleMs: quotas.throttleMs(ALICE, produce(bytes)) }))
  // One more request than fits may end each sample.
  expectLimited(sums, 10_000_000, (11 * bytes) / 10_000_000)
})

test('a consumer limited to 1 MB/s stays within 5 % of it, and what is refused does not count', () => {
  const { clock, quotas, set } = start()
  set({ 'client-id': 'c' }, 'consumer_byte_rate', 1_000_000)
  const sums = tenSecondsOf(clock, 200, () => {
    const throttleMs = quotas.fetchThrottleMs(ALICE, 'c', 100_000, 0)
    return { done: throttleMs === 0 ? 100_000 : 0, throttleMs }
  })
  expectLimited(sums, 10_000_000, 0.01)
})

test('a client limited to 20 % of the time stays within 5 % of that', () => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 20)
  const sums = tenSecondsOf(clock, 200, () => ({
    done: 1,
    throttleMs: quotas.throttleMs(ALICE, request({ busyMs: 1 })),
  }))
  expectLimited(sums, 2000, 0.01)
})

test('time spent after the answer was decided counts too', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 1)
  quotas.addTime(ALICE, 'c', 1000)
  expect(quotas.throttleMs(ALICE, request({ busyMs: 0 }))).toBe(1000)
})

test('for time alone nobody waits longer than a sample, for bytes no longer than the window', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 0.01)
  set({ user: 'bob' }, 'producer_byte_rate', 1)
  expect(quotas.throttleMs(ALICE, request({ busyMs: 5000 }))).toBe(1000)
  expect(quotas.throttleMs('User:bob', produce(1_000_000))).toBe(11_000)
})

test('acks 0 counts for bytes, not for time; what brokers ask each other for counts for neither', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 0.01)
  set({ user: 'alice' }, 'producer_byte_rate', 1000)
  expect(quotas.throttleMs(ALICE, produce(1, { busyMs: 5000, hasResponse: false }))).toBe(0)
  expect(quotas.throttleMs(ALICE, produce(20_000, { hasResponse: false }))).toBeGreaterThan(0)
  expect(quotas.throttleMs(ALICE, request({ busyMs: 5000, isExempt: true }))).toBe(0)
})

test('the longest of several throttle times counts', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 1)
  set({ user: 'alice' }, 'producer_byte_rate', 1000)
  const mutations = { admits: () => true, throttleMs: () => 7000 }
  expect(quotas.throttleMs(ALICE, produce(15_000, { busyMs: 20, mutations: null }))).toBe(5000)
  expect(quotas.throttleMs(ALICE, produce(0, { mutations }))).toBe(7000)
  const decided = request({ apiKey: Fetch.key, decidedThrottleMs: 3, busyMs: 100_000 })
  expect(quotas.throttleMs(ALICE, decided)).toBe(3)
})

test('a fetch may bring what fits the window, without the sample that has just begun', () => {
  const { quotas, set } = start()
  expect(quotas.fetchBytesMax(ALICE, 'c')).toBe(Number.POSITIVE_INFINITY)
  set({ user: 'alice' }, 'consumer_byte_rate', 1000)
  expect(quotas.fetchBytesMax(ALICE, 'c')).toBe(10_000)
  expect(quotas.fetchThrottleMs(ALICE, 'c', 10_000, 0)).toBe(0)
  expect(quotas.fetchThrottleMs(ALICE, 'c', 10_000, 0)).toBe(10_000)
})

test('clients of one user share its quota, and a changed limit holds at once', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'producer_byte_rate', 1000)
  expect(quotas.throttleMs(ALICE, produce(10_000, { clientId: 'a' }))).toBe(0)
  expect(quotas.throttleMs(ALICE, produce(1000, { clientId: 'b' }))).toBe(1000)
  set({ user: 'alice' }, 'producer_byte_rate', 2000)
  expect(quotas.throttleMs(ALICE, produce(0, { clientId: 'b' }))).toBe(0)
  set({ user: 'alice' }, 'producer_byte_rate', null)
  expect(quotas.throttleMs(ALICE, produce(1_000_000, { clientId: 'b' }))).toBe(0)
})

test('strict: whoever owes nothing may take more than there is, and is refused until it is paid', () => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'controller_mutation_rate', 2)
  const first = quotas.mutationQuota(ALICE, 'c', true)
  expect([first.admits(22), first.admits(4), first.admits(1), first.throttleMs()]).toEqual([true, true, false, 2000])
  clock.advance(500)
  expect(first.throttleMs()).toBe(1500)
  const second = quotas.mutationQuota(ALICE, 'c', true)
  expect([second.admits(1), second.throttleMs()]).toEqual([false, 1500])
  clock.advance(1500)
  expect(quotas.mutationQuota(ALICE, 'c', true).admits(1)).toBe(true)
})

test('permissive: everything is done, and the client slowed down', () => {
  const { quotas, set } = start()
  set({ user: 'alice' }, 'controller_mutation_rate', 2)
  const quota = quotas.mutationQuota(ALICE, 'c', false)
  expect([quota.admits(24), quota.throttleMs()]).toEqual([true, 1000])
  expect([quota.admits(1000), quota.throttleMs()]).toEqual([true, 11_000])
  expect(quotas.mutationQuota('User:bob', 'c', true).admits(1_000_000)).toBe(true)
})
