import { ErrorCode } from '@odradek/protocol'
import { NO_ID, TelemetryFixture } from '../telemetry/telemetry-fixture.ts'

test('without subscriptions: an id, and nothing asked for', async () => {
  const fixture = new TelemetryFixture()
  const answer = await fixture.get()
  expect(answer).toMatchObject({
    errorCode: ErrorCode.NONE,
    acceptedCompressionTypes: [4, 3, 1, 2],
    pushIntervalMs: 300_000,
    telemetryMaxBytes: 1_048_576,
    deltaTemporality: true,
    requestedMetrics: [],
  })
  expect(answer.clientInstanceId).not.toBe(NO_ID)
  expect((await fixture.get()).clientInstanceId).not.toBe(answer.clientInstanceId)
})

test('of all subscriptions that match, the shortest interval and every prefix; with * all', async () => {
  const fixture = new TelemetryFixture()
  fixture.subscribe('a', { 'interval.ms': '5000', metrics: 'b, a', match: 'client_id=te.t=' })
  fixture.subscribe('b', { 'interval.ms': '4000', metrics: 'a,c', match: 'client_software_name=apache.*' })
  fixture.subscribe('c', { 'interval.ms': '100', metrics: 'z', match: 'client_id=te' })
  fixture.subscribe('d', { 'interval.ms': '100', metrics: 'z', match: 'client_id=test,client_source_port=1' })
  fixture.subscribe('e', { 'interval.ms': '3600000', metrics: 'd' })
  expect(await fixture.get()).toMatchObject({ pushIntervalMs: 4000, requestedMetrics: ['a', 'b', 'c', 'd'] })
  fixture.subscribe('f', { metrics: '*' })
  expect(await fixture.get()).toMatchObject({ pushIntervalMs: 4000, requestedMetrics: ['*'] })
  for (const name of ['a', 'b', 'f']) fixture.unsubscribe(name)
  expect(await fixture.get()).toMatchObject({ pushIntervalMs: 300_000, requestedMetrics: ['d'] })
})

test('a pattern takes linear time, and one that cannot be used matches nobody', async () => {
  const fixture = new TelemetryFixture()
  fixture.subscribe('a', { metrics: 'a', match: 'client_id=(t+e*)+(s*t*)+x' })
  fixture.subscribe('b', { metrics: 'b', match: 'client_id=(?=t)test' })
  expect((await fixture.get()).requestedMetrics).toEqual([])
})

test('again only once the interval is over, or when the subscriptions are others', async () => {
  const fixture = new TelemetryFixture()
  fixture.subscribe('a', { 'interval.ms': '1000', metrics: 'a' })
  const { clientInstanceId, subscriptionId } = await fixture.get()
  fixture.clock.advance(999)
  expect(await fixture.get(clientInstanceId)).toMatchObject({ errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED })
  fixture.clock.advance(1)
  expect(await fixture.get(clientInstanceId)).toMatchObject({ errorCode: ErrorCode.NONE, subscriptionId })
  fixture.subscribe('a', { 'interval.ms': '1000', metrics: 'b' })
  const other = await fixture.get(clientInstanceId)
  expect(other).toMatchObject({ errorCode: ErrorCode.NONE, requestedMetrics: ['b'] })
  expect(other.subscriptionId).not.toBe(subscriptionId)
})
