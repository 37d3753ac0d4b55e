import { ManualClock } from '@odradek/core'
import { QuotaMeter } from './quota-meter.ts'
import { quotaTable } from './quota-table-fixture.ts'
import { SampledRate } from './sampled-rate.ts'
import { SENSOR_IDLE_MS_MAX, SENSORS_MAX, SensorCache } from './sensor-cache.ts'

test('at the limit all are kept; past it the one that was idle longest is forgotten', () => {
  const clock = new ManualClock()
  let made = 0
  const cache = new SensorCache(() => ++made)
  for (let client = 1; client <= SENSORS_MAX; client++) cache.use(`client-${client}`, clock.monotonicMs())
  expect(cache.use('client-1', clock.monotonicMs())).toBe(1)
  cache.use('one more', clock.monotonicMs())
  expect(cache.size).toBe(SENSORS_MAX)
  expect(cache.use('client-1', clock.monotonicMs())).toBe(1)
  expect(cache.use('client-2', clock.monotonicMs())).toBe(SENSORS_MAX + 2)
})

test('after an hour without use a client is forgotten, not before', () => {
  const clock = new ManualClock()
  const cache = new SensorCache(() => ({}))
  const first = cache.use('a', clock.monotonicMs())
  clock.advance(SENSOR_IDLE_MS_MAX)
  cache.use('b', clock.monotonicMs())
  expect(cache.size).toBe(2)
  expect(cache.use('a', clock.monotonicMs())).toBe(first)
  clock.advance(SENSOR_IDLE_MS_MAX + 1)
  cache.use('c', clock.monotonicMs())
  expect(cache.size).toBe(1)
})

test('a flood of client ids leaves a bounded number behind', () => {
  const clock = new ManualClock()
  const quotas = quotaTable()
  quotas.set({ 'client-id': null }, 'producer_byte_rate', 1000)
  const makeSensor = () => new SampledRate({ samples: 11, sampleMs: 1000 })
  const meter = new QuotaMeter({ quotas: quotas.table, key: 'producer_byte_rate', clock, makeSensor })
  for (let client = 0; client < 50_000; client++) meter.find('User:ANONYMOUS', `client-${client}`)
  expect(meter.size).toBe(SENSORS_MAX)
  expect(meter.resolved).toBeLessThanOrEqual(10_000)
})
