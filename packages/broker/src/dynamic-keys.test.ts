import { nodeId, present, SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { memoryLogDirectories } from '@odradek/log'
import { type OpenServices, openServices } from './broker-services.ts'
import { BrokerLoggers } from './config/broker-loggers.ts'
import { describedConfigs } from './config/described-configs.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import type { BrokerSettings } from './config/settings.ts'
import type { TopicSettings } from './config/topic-settings.ts'
import { type Metadata, openMetadata } from './metadata/metadata.ts'
import { BrokerMetrics } from './metrics/broker-metrics.ts'

// Every key that something here follows and that can be changed while the broker runs: the change is in force at once, for
// logs that are open and connections that come.

const NODE = nodeId(1)
const CLUSTER_ID = 'L2odPFt-T4CRorPE1eb3CA'

type OfTopic = readonly [key: string, value: string, read: (settings: TopicSettings) => unknown, expected: unknown]
type OfBroker = readonly [key: string, value: string, read: (settings: BrokerSettings) => unknown, expected: unknown]

const OF_TOPICS: readonly OfTopic[] = [
  ['compression.gzip.level', '3', (topic) => topic.compressionGzipLevel, 3],
  ['compression.lz4.level', '4', (topic) => topic.compressionLz4Level, 4],
  ['compression.type', 'gzip', (topic) => topic.compressionType, 'gzip'],
  ['compression.zstd.level', '5', (topic) => topic.compressionZstdLevel, 5],
  ['log.cleaner.delete.retention.ms', '6', ({ log }) => log.deleteRetentionMs, 6],
  ['log.cleaner.max.compaction.lag.ms', '7', ({ log }) => log.maxCompactionLagMs, 7],
  ['log.cleaner.min.cleanable.ratio', '0.25', ({ log }) => log.minCleanableDirtyRatio, 0.25],
  ['log.cleaner.min.compaction.lag.ms', '8', ({ log }) => log.minCompactionLagMs, 8],
  ['log.cleanup.policy', 'compact', ({ log }) => [log.cleanupCompact, log.cleanupDelete], [true, false]],
  ['log.flush.interval.messages', '9', ({ log }) => log.flushMessages, 9],
  ['log.flush.interval.ms', '10', ({ log }) => log.flushMs, 10],
  ['log.index.interval.bytes', '11', ({ log }) => log.indexIntervalBytes, 11],
  ['log.index.size.max.bytes', '1200', ({ log }) => log.segmentIndexBytes, 1200],
  ['log.message.timestamp.after.max.ms', '13', (topic) => topic.timestampAfterMaxMs, 13n],
  ['log.message.timestamp.before.max.ms', '14', (topic) => topic.timestampBeforeMaxMs, 14n],
  ['log.message.timestamp.type', 'LogAppendTime', (topic) => topic.timestampType, 'LogAppendTime'],
  ['log.retention.bytes', '15', ({ log }) => log.retentionBytes, 15],
  ['log.retention.ms', '16', ({ log }) => log.retentionMs, 16],
  ['log.roll.jitter.ms', '17', ({ log }) => log.segmentJitterMs, 17],
  ['log.roll.ms', '18', ({ log }) => log.segmentMs, 18],
  ['log.segment.bytes', '2000000', ({ log }) => log.segmentBytes, 2_000_000],
  ['log.segment.delete.delay.ms', '19', ({ log }) => log.fileDeleteDelayMs, 19],
  ['max.decompressed.message.bytes', '2000', ({ log }) => log.maxDecompressedBytes, 2000],
  ['message.max.bytes', '2001', (topic) => topic.maxMessageBytes, 2001],
  ['min.insync.replicas', '2', (topic) => topic.minInsyncReplicas, 2],
  ['producer.id.expiration.ms', '20', ({ log }) => log.producerIdExpirationMs, 20],
]

const OF_BROKER: readonly OfBroker[] = [
  ['replica.alter.log.dirs.io.max.bytes.per.second', '21', (broker) => broker.alterLogDirsBytesPerSecondMax, 21],
  ['transaction.partition.verification.enable', 'false', (b) => b.transactionPartitionVerificationEnable, false],
  ['max.connections', '22', (broker) => broker.maxConnections, 22],
  ['max.connections.per.ip', '23', (broker) => broker.maxConnectionsPerIp, 23],
  ['max.connections.per.ip.overrides', 'a:1', (b) => [...b.maxConnectionsPerIpOverrides], [['a', 1]]],
]

/** Proven where they are at work. */
const ELSEWHERE: readonly RegExp[] = [
  // several-directories.test.ts
  /^cordoned\.log\.dirs$/,
  // broker-services.test.ts
  /^log\.cleaner\.(backoff\.ms|io\.max\.bytes\.per\.second|dedupe\.buffer\.size)$/,
  // connection-admission.test.ts
  /^max\.connection\.creation\.rate$/,
  // config/check-broker-configs.test.ts: its default is all that it takes
  /^principal\.builder\.class$/,
  // security/tls
  /^ssl\./,
  /^sasl\./,
]

let metadata: Metadata
let services: OpenServices
let close: () => Promise<void>

beforeEach(async () => {
  const environment = { clock: new SystemClock(), prng: new SeededPrng(1), logger: silentLogger }
  const memory = { bytesMax: 1e8, whenFull: 'refuse' } as const
  const store = memoryLogDirectories({ path: '/memory', id: CLUSTER_ID, ...environment, ...memory })
  const config = resolveBrokerConfig(new Map(), 1e8)
  const directories = { online: () => [CLUSTER_ID], open: () => [CLUSTER_ID], wished: () => null }
  metadata = await openMetadata({ logStore: store, clusterId: CLUSTER_ID, directories, config, ...environment })
  await metadata.start({ nodes: [{ id: NODE, rack: null, endpoints: [] }], features: new Map() })
  const loggers = new BrokerLoggers(silentLogger, 'INFO')
  const metrics = new BrokerMetrics()
  services = await openServices({ nodeIds: [NODE], served: [], metadata, store, metrics, ...environment, loggers })
  const topic = { name: 't', partitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  await metadata.controller.createTopics([topic], false)
  await services.partitions.opened()
  close = async () => {
    await services.close()
    await metadata.close()
    await store.close()
  }
})

afterEach(() => close())

async function setForCluster(name: string, value: string): Promise<void> {
  const operations = [{ name, operation: 'SET', value }] as const
  const change = { type: 'BROKER', name: '', replaceAll: false, operations } as const
  expect(await metadata.controller.alterConfigs(NODE, [change], false)).toMatchObject([{ error: 'NONE' }])
}

test.each(OF_TOPICS)('%s=%s', async (key, value, read, expected) => {
  const topic = present(services.cluster.topic('t'), 'the topic')
  const settings = () => present(services.partitions.find(topic, 0), 'its partition').settings
  expect(read(settings())).not.toEqual(expected)
  await setForCluster(key, value)
  expect(read(settings())).toEqual(expected)
})

test.each(OF_BROKER)('%s=%s', async (key, value, read, expected) => {
  expect(read(services.settings)).not.toEqual(expected)
  await setForCluster(key, value)
  expect(read(services.settings)).toEqual(expected)
})

test('no key that can be changed is left out', () => {
  const rows = describedConfigs().find(({ title }) => title === 'Broker')?.rows ?? []
  const dynamic = rows.filter((row) => row.hasEffect && row.update !== 'read-only').map(({ name }) => name)
  const proven = new Set([...OF_TOPICS, ...OF_BROKER].map(([key]) => key))
  expect(dynamic.filter((key) => !proven.has(key) && !ELSEWHERE.some((pattern) => pattern.test(key)))).toEqual([])
})
