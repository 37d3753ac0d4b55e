import type { PushedPoint } from './otlp-metrics.ts'
import { PUSHED_NAMES_MAX, PushedSeries, SERIES_PER_CLIENT_MAX } from './pushed-series.ts'

const client = (id: string) => ({
  client_instance_id: id,
  client_id: 'app',
  client_software_name: 'java',
  client_software_version: '4.4.0',
  client_source_address: '127.0.0.1',
  client_source_port: '1',
})

const point = (change: Partial<PushedPoint> = {}): PushedPoint => ({
  ...{ name: 'org.apache.kafka.producer.x', description: 'd', kind: 'gauge', isDelta: false, value: 1 },
  ...{ attributes: new Map(), ...change },
})

const values = (series: PushedSeries, name: string) => Array.from(series.valuesOf(name), ({ value }) => value)

test('gauges show the last value, counters what their deltas come to', () => {
  const series = new PushedSeries(() => 10)
  const counter = { name: 'n.total', kind: 'counter', isDelta: true } as const
  for (const value of [2, 3]) series.take(client('a'), [point({ value }), point({ ...counter, value })], 0, 100)
  expect(series.current(0)).toEqual([
    { name: 'kafka_client_producer_x', help: 'd', type: 'gauge' },
    { name: 'kafka_client_n_total', help: 'd', type: 'counter' },
  ])
  expect(values(series, 'kafka_client_producer_x')).toEqual([3])
  expect(values(series, 'kafka_client_n_total')).toEqual([5])
  series.take(client('a'), [point({ ...counter, isDelta: false, value: 4 })], 0, 100)
  expect(values(series, 'kafka_client_n_total')).toEqual([4])
})

test('labels are the broker’s word for the client, and the client’s own beside it', () => {
  const series = new PushedSeries(() => 10)
  const attributes = new Map([
    ['client_id', 'a lie'],
    ['node.id', '7'],
    ['__name__', 'x'],
    ['le', 'y'],
    ['long', 'z'.repeat(500)],
  ])
  series.take(client('a'), [point({ attributes })], 0, 100)
  const [only] = series.valuesOf('kafka_client_producer_x')
  expect(only?.labels).toEqual({
    client_instance_id: 'a',
    client_id: 'app',
    client_software_name: 'java',
    client_software_version: '4.4.0',
    node_id: '7',
    attribute_name__: 'x',
    attribute_le: 'y',
    long: 'z'.repeat(200),
  })
})

test('a client that has not come for too long is gone, and its names with it', () => {
  const series = new PushedSeries(() => 1)
  series.take(client('a'), [point()], 0, 100)
  series.take(client('b'), [point()], 0, 200)
  expect(series.droppedCount).toBe(1)
  expect(series.current(99)).toHaveLength(1)
  expect(series.current(100)).toEqual([])
  series.take(client('b'), [point()], 100, 200)
  expect(series.current(100)).toHaveLength(1)
})

test.each([[{ value: Number.NaN }], [{ value: Number.POSITIVE_INFINITY }], [{ kind: 'counter', value: -1 } as const]])(
  '%p is no value',
  (change) => {
    const series = new PushedSeries(() => 10)
    series.take(client('a'), [point(change)], 0, 100)
    expect(series.current(0)).toEqual([])
    expect(series.droppedCount).toBe(1)
  },
)

test('one name is of one type', () => {
  const series = new PushedSeries(() => 10)
  series.take(client('a'), [point({ name: 'x.total', kind: 'counter' }), point({ name: 'x' })], 0, 100)
  expect(series.current(0).map(({ name }) => name)).toEqual(['kafka_client_x_total'])
  expect(series.droppedCount).toBe(1)
})

test('rows of one client, rows of all (odradek.metrics.client.series.max), and names have limits', () => {
  const rows = (count: number, name = 'r') =>
    Array.from({ length: count }, (_, index) => point({ name, attributes: new Map([['i', String(index)]]) }))
  const series = new PushedSeries(() => SERIES_PER_CLIENT_MAX + 2)
  series.take(client('a'), rows(SERIES_PER_CLIENT_MAX), 0, 100)
  expect(series.droppedCount).toBe(0)
  series.take(client('a'), rows(1, 'one more'), 0, 100)
  expect(series.droppedCount).toBe(1)
  series.take(client('b'), rows(3), 0, 100)
  expect(series.droppedCount).toBe(2)
  const names = new PushedSeries(() => 10_000)
  for (const id of ['a', 'b']) {
    const half = Array.from({ length: PUSHED_NAMES_MAX / 2 }, (_, index) => point({ name: `${id}${index}` }))
    names.take(client(id), half, 0, 100)
  }
  expect(names.droppedCount).toBe(0)
  names.take(client('c'), [point({ name: 'too many' }), point({ name: 'a0' })], 0, 100)
  expect(names.droppedCount).toBe(1)
})

test('of clients whose values find no room, or that push none, nothing is kept', () => {
  const series = new PushedSeries(() => 2)
  for (const id of ['a', 'b', 'c', 'd']) series.take(client(id), [point()], 0, 100)
  series.take(client('e'), [], 0, 100)
  expect(series.clientCount).toBe(2)
  expect(series.droppedCount).toBe(2)
})
