import { SeededPrng } from '@odradek/core'
import { metricsData } from './otlp-fixture.ts'
import { FIELDS_MAX, POINTS_MAX, readPushedPoints, TelemetryError } from './otlp-metrics.ts'

test('gauges and sums, with the attributes of the point and of the resource', async () => {
  const bytes = metricsData(
    [
      { name: 'g', values: [{ value: 1.5, attributes: { node: '1' } }, { value: -2 }] },
      { name: 's', values: [{ value: 7 }], sum: { isDelta: true, isMonotonic: true }, asInt: true },
      { name: 'u', values: [{ value: 9 }], sum: { isDelta: false, isMonotonic: false } },
    ],
    { group_id: 'g' },
  )
  const points = await readPushedPoints(bytes)
  expect(points.map(({ attributes, ...point }) => ({ ...point, attributes: Object.fromEntries(attributes) }))).toEqual([
    {
      ...{ name: 'g', description: 'about g', kind: 'gauge', isDelta: false, value: 1.5 },
      attributes: { group_id: 'g', node: '1' },
    },
    {
      ...{ name: 'g', description: 'about g', kind: 'gauge', isDelta: false, value: -2 },
      attributes: { group_id: 'g' },
    },
    {
      ...{ name: 's', description: 'about s', kind: 'counter', isDelta: true, value: 7 },
      attributes: { group_id: 'g' },
    },
    {
      ...{ name: 'u', description: 'about u', kind: 'gauge', isDelta: false, value: 9 },
      attributes: { group_id: 'g' },
    },
  ])
})

test('as many data points as there may be, and one more', async () => {
  const values = Array.from({ length: POINTS_MAX - 1 }, () => ({ value: 1 }))
  const metrics = [
    { name: 'a', values },
    { name: 'b', values: [{ value: 2 }] },
  ]
  expect(await readPushedPoints(metricsData(metrics))).toHaveLength(POINTS_MAX)
  const more = [...metrics, { name: 'c', values: [{ value: 3 }] }]
  await expect(readPushedPoints(metricsData(more))).rejects.toThrow(TelemetryError)
})

test('as many fields as there may be, and one more', async () => {
  const unknown = (count: number) =>
    Uint8Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? 9 << 3 : 1))
  expect(await readPushedPoints(unknown(FIELDS_MAX))).toEqual([])
  await expect(readPushedPoints(unknown(FIELDS_MAX + 1))).rejects.toThrow(TelemetryError)
})

test('a message cut anywhere, or with any byte turned over, is read or refused', async () => {
  const bytes = metricsData([{ name: 'metric', values: [{ value: 1, attributes: { a: 'b' } }] }], { c: 'd' })
  let refused = 0
  const attempt = async (broken: Uint8Array) => {
    try {
      await readPushedPoints(broken)
    } catch (error) {
      expect(error).toBeInstanceOf(TelemetryError)
      refused++
    }
  }
  for (let length = 1; length < bytes.length; length++) await attempt(bytes.subarray(0, length))
  expect(refused).toBe(bytes.length - 1)
  for (let at = 0; at < bytes.length; at++) {
    const broken = Uint8Array.from(bytes)
    broken[at] = 255 - (broken[at] ?? 0)
    await attempt(broken)
  }
  const prng = new SeededPrng(17)
  for (let round = 0; round < 2000; round++) await attempt(prng.bytes(prng.below(200)))
})
