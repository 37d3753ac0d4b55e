import { gzipSync } from 'node:zlib'
import { ErrorCode } from '@odradek/protocol'
import { UNPACKED_BYTES_MAX } from '../telemetry/client-telemetry.ts'
import { metricsData } from '../telemetry/otlp-fixture.ts'
import { NO_ID, TelemetryFixture } from '../telemetry/telemetry-fixture.ts'

const TELEMETRY_BYTES_MAX = 1_048_576
const INTERVAL_MS = 1000

async function subscribed() {
  const fixture = new TelemetryFixture()
  fixture.subscribe('a', { 'interval.ms': String(INTERVAL_MS), metrics: '*' })
  return { fixture, client: await fixture.get() }
}

const metrics = metricsData([{ name: 'org.apache.kafka.consumer.y', values: [{ value: 4 }] }])

test('what is pushed is kept, by client', async () => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push(client, { metrics })).toBe(ErrorCode.NONE)
  const labels = ['client_instance_id', 'client_id', 'client_software_name', 'client_software_version']
  expect(fixture.values('kafka_client_consumer_y', ...labels)).toEqual({
    [`${client.clientInstanceId}/test/apache-kafka-java/4.4.0`]: 4,
  })
  expect(fixture.series.current(fixture.clock.monotonicMs())).toHaveLength(1)
  // Three intervals, but at least a minute.
  fixture.clock.advance(60_000)
  expect(fixture.series.current(fixture.clock.monotonicMs())).toEqual([])
})

test('the first push may come at once, the next after an interval, the last at any time and no other after it', async () => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push(client)).toBe(ErrorCode.NONE)
  fixture.clock.advance(INTERVAL_MS - 1)
  expect(await fixture.push(client)).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
  fixture.clock.advance(1)
  expect(await fixture.push(client)).toBe(ErrorCode.NONE)
  expect(await fixture.push(client, { terminating: true })).toBe(ErrorCode.NONE)
  fixture.clock.advance(INTERVAL_MS)
  expect(await fixture.push(client)).toBe(ErrorCode.INVALID_REQUEST)
  fixture.telemetry.connectionClosed(1)
  expect(await fixture.push(client)).toBe(ErrorCode.NONE)
})

test.each([NO_ID, 'AAAAAAAAAAAAAAAAAAAAAQ'])('the id %s is nobody’s', async (clientInstanceId) => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push({ ...client, clientInstanceId })).toBe(ErrorCode.INVALID_REQUEST)
})

test('under another subscription it is refused, and the client may ask again at once', async () => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push({ ...client, subscriptionId: client.subscriptionId + 1 })).toBe(
    ErrorCode.UNKNOWN_SUBSCRIPTION_ID,
  )
  expect(await fixture.get(client.clientInstanceId)).toMatchObject({ errorCode: ErrorCode.NONE })
  fixture.subscribe('a', { 'interval.ms': String(INTERVAL_MS), metrics: 'other' })
  expect(await fixture.push(client)).toBe(ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
})

test('as large as it may be, and a byte more', async () => {
  const { fixture, client } = await subscribed()
  const atLimit = new Uint8Array(TELEMETRY_BYTES_MAX)
  atLimit.set(metrics)
  expect(await fixture.push(client, { metrics: atLimit })).toBe(ErrorCode.INVALID_RECORD)
  fixture.clock.advance(INTERVAL_MS)
  expect(await fixture.push(client, { metrics: new Uint8Array(TELEMETRY_BYTES_MAX + 1) })).toBe(
    ErrorCode.TELEMETRY_TOO_LARGE,
  )
})

test.each([[1], [0]])('compressed by codec %i', async (compressionType) => {
  const { fixture, client } = await subscribed()
  const bytes = compressionType === 1 ? gzipSync(metrics) : metrics
  expect(await fixture.push(client, { compressionType, metrics: bytes })).toBe(ErrorCode.NONE)
  expect(Object.values(fixture.values('kafka_client_consumer_y'))).toEqual([4])
})

test.each([
  ['no metrics', 0, Buffer.from('hello')],
  ['no gzip', 1, Buffer.from('hello')],
  ['a bomb', 1, gzipSync(Buffer.alloc(UNPACKED_BYTES_MAX + 1))],
])('%s', async (_, compressionType, bytes) => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push(client, { compressionType, metrics: bytes })).toBe(ErrorCode.INVALID_RECORD)
})

test.each([5, -1, 127])('the codec %i is none', async (compressionType) => {
  const { fixture, client } = await subscribed()
  expect(await fixture.push(client, { compressionType, metrics })).toBe(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
  expect(await fixture.get(client.clientInstanceId)).toMatchObject({ errorCode: ErrorCode.NONE })
})
