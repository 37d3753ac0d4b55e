import { buildTopicSettings } from './build-topic-settings.ts'
import { type BrokerLayers, NO_CONFIGS } from './layers.ts'

type Entries = Readonly<Record<string, string>>
const map = (entries: Entries) => new Map(Object.entries(entries))

function layers(fixed: Entries = {}, dynamicDefault: Entries = {}, dynamic: Entries = {}): BrokerLayers {
  return { fixed: map(fixed), dynamicDefault: map(dynamicDefault), dynamic: map(dynamic) }
}

const logOf = (own: Entries, broker = layers()) => buildTopicSettings(map(own), broker).log

test('Kafka’s defaults', () => {
  const settings = buildTopicSettings(NO_CONFIGS, layers())
  expect(settings).toMatchObject({
    maxMessageBytes: 1_048_588,
    compressionType: 'producer',
    timestampType: 'CreateTime',
    timestampBeforeMaxMs: 9_223_372_036_854_775_807n,
    timestampAfterMaxMs: 3_600_000n,
    compacted: false,
    minInsyncReplicas: 1,
  })
  expect(settings.log).toMatchObject({
    segmentBytes: 1_073_741_824,
    segmentMs: 604_800_000,
    retentionMs: 604_800_000,
    retentionBytes: -1,
    flushMessages: Number.POSITIVE_INFINITY,
    flushMs: Number.POSITIVE_INFINITY,
    maxCompactionLagMs: Number.POSITIVE_INFINITY,
    cleanupDelete: true,
    cleanupCompact: false,
  })
})

test('the finest unit decides, and dynamic values come before those of the start', () => {
  expect(logOf({}, layers({ 'log.retention.hours': '2' })).retentionMs).toBe(7_200_000)
  expect(logOf({}, layers({ 'log.retention.hours': '2', 'log.retention.minutes': '3' })).retentionMs).toBe(180_000)
  expect(logOf({}, layers({ 'log.retention.minutes': '3', 'log.retention.ms': '4' })).retentionMs).toBe(4)
  expect(logOf({}, layers({ 'log.retention.ms': '4' }, { 'log.retention.ms': '5' })).retentionMs).toBe(5)
  expect(logOf({}, layers({}, { 'log.retention.ms': '5' }, { 'log.retention.ms': '6' })).retentionMs).toBe(6)
  expect(logOf({ 'retention.ms': '7' }, layers({}, {}, { 'log.retention.ms': '6' })).retentionMs).toBe(7)
  expect(logOf({}, layers({ 'log.roll.hours': '1', 'log.roll.jitter.hours': '1' }))).toMatchObject({
    segmentMs: 3_600_000,
    segmentJitterMs: 3_600_000,
  })
  expect(logOf({}, layers({ 'log.flush.scheduler.interval.ms': '9' })).flushMs).toBe(9)
})

test('below zero is for ever', () => {
  expect(logOf({}, layers({ 'log.retention.hours': '-1' })).retentionMs).toBe(-1)
  expect(logOf({ 'retention.ms': '-1' }).retentionMs).toBe(-1)
})

test('the broker’s own cap bounds what a batch may unpack to', () => {
  expect(logOf({}).maxDecompressedBytes).toBe(134_217_728)
  expect(logOf({ 'max.decompressed.message.bytes': '1000' }).maxDecompressedBytes).toBe(1000)
  expect(logOf({}, layers({ 'odradek.max.decompressed.message.bytes': '500' })).maxDecompressedBytes).toBe(500)
})

test('the internal segment size wins over the one that has a lower bound', () => {
  expect(logOf({ 'segment.bytes': '2000000', 'internal.segment.bytes': '100' }).segmentBytes).toBe(100)
})

test('no cleanup policy means that nothing is cleaned', () => {
  expect(logOf({ 'cleanup.policy': '' })).toMatchObject({ cleanupDelete: false, cleanupCompact: false })
  expect(logOf({ 'cleanup.policy': 'compact,delete' })).toMatchObject({ cleanupDelete: true, cleanupCompact: true })
})
