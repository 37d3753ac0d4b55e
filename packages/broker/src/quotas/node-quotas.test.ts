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

const BIN_MS = 100
const WINDOW_MS = WINDOW.samples * WINDOW.sampleMs
const TEN_SECONDS_MS = 10_000
const RUN_MS = 10 * WINDOW_MS

/** What a client gets done that never rests unless it must, each piece of work taking a millisecond: in each tenth of a second. */
function run(clock: ManualClock, work: () => { done: number; throttleMs: number }): number[] {
  const bins = Array.from({ length: RUN_MS / BIN_MS }, () => 0)
  for (let nowMs = clock.monotonicMs(); nowMs < RUN_MS; nowMs = clock.monotonicMs()) {
    const at = Math.floor(nowMs / BIN_MS)
    clock.advance(1)
    const { done, throttleMs } = work()
    bins[at] = (bins[at] ?? 0) + done
    clock.advance(throttleMs)
  }
  return bins
}

/** Most, a second, in any time of that length that begins at `fromMs` or later. */
function mostIn(bins: readonly number[], lengthMs: number, fromMs: number): number {
  const [length, from] = [lengthMs / BIN_MS, fromMs / BIN_MS]
  let sum = bins.slice(from, from + length).reduce((total, value) => total + value, 0)
  let most = sum
  for (let end = from + length; end < bins.length; end++) {
    sum += (bins[end] ?? 0) - (bins[end - length] ?? 0)
    most = Math.max(most, sum)
  }
  return most / (lengthMs / 1000)
}

/**
 * Kafka looks back over eleven samples of a second, and a client may use them all at once: so a client that never rests
 * does in a moment what is its share of eleven seconds, and then nothing. On the long run, and in any eleven seconds
 * after its first, it is within 5 % of its limit, but for `requests` that go over it; in any ten seconds it has no
 * more than its eleven.
 */
function expectLimited(bins: readonly number[], limit: number, requests = 0): void {
  const mean = bins.slice(WINDOW_MS / BIN_MS).reduce((sum, value) => sum + value, 0) / ((RUN_MS - WINDOW_MS) / 1000)
  expect(mean).toBeGreaterThan(limit * 0.95)
  expect(mean).toBeLessThan(limit * 1.05)
  expect(mostIn(bins, WINDOW_MS, WINDOW_MS)).toBeLessThanOrEqual(limit * 1.05 + requests / 11)
  expect(mostIn(bins, TEN_SECONDS_MS, WINDOW_MS)).toBeLessThanOrEqual(limit * 1.1 * 1.01 + requests / 10)
  // An idle client's first window is counted as a sample shorter than it is.
  expect(mostIn(bins, TEN_SECONDS_MS, 0)).toBeLessThanOrEqual(limit * 1.2 + requests / 10)
}

test.each([
  ['1 KB', 1000, 0],
  ['16 KB', 16_000, 0],
  ['100 KB', 100_000, 100_000],
  ['1 MB', 1_000_000, 2_000_000],
])('a producer limited to 1 MB/s stays within 5 %% of it with requests of %s', (_, bytes, requests) => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'producer_byte_rate', 1_000_000)
  const bins = run(clock, () => ({ done: bytes, throttleMs: quotas.throttleMs(ALICE, produce(bytes)) }))
  expectLimited(bins, 1_000_000, requests)
})

test.each([0.5, 0.9])('a producer that sends %d of its limit evenly is never held up', (share) => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'producer_byte_rate', 1_000_000)
  for (let request = 0; request < (10 * RUN_MS) / 1000; request++) {
    expect(quotas.throttleMs(ALICE, produce(100_000 * share))).toBe(0)
    clock.advance(100)
  }
})

test('a consumer limited to 1 MB/s stays within 5 % of it, and what is refused does not count', () => {
  const { clock, quotas, set } = start()
  set({ 'client-id': 'c' }, 'consumer_byte_rate', 1_000_000)
  const bins = run(clock, () => {
    const throttleMs = quotas.fetchThrottleMs(ALICE, 'c', 100_000, 0)
    return { done: throttleMs === 0 ? 100_000 : 0, throttleMs }
  })
  expectLimited(bins, 1_000_000, 100_000)
})

test('a client limited to 20 % of the time stays within 5 % of that', () => {
  const { clock, quotas, set } = start()
  set({ user: 'alice' }, 'request_percentage', 20)
  const bins = run(clock, () => ({ done: 1, throttleMs: quotas.throttleMs(ALICE, request({ busyMs: 1 })) }))
  expectLimited(bins, 200)
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
