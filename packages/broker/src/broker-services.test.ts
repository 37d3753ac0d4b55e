import { SeededPrng, SystemClock, silentLogger, timestamp } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import {
  type Api,
  CreateTopics,
  ErrorCode,
  Fetch,
  IncrementalAlterConfigs,
  Metadata,
  Produce,
  ResponseHeader,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { type Broker, createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { batchOf, fetchRequest, produceRequest } from './data-requests.ts'
import { requestFrame } from './harness.ts'
import { RawSocketClient } from './raw-socket-client.ts'

let broker: Broker
let client: RawSocketClient

async function start(fs: MemoryFs, more: Record<string, string> = {}): Promise<void> {
  const entries = new Map([...Object.entries(more), ['listeners', 'PLAINTEXT://:0'], ['log.dirs', 'data']])
  broker = createBroker({
    config: resolveBrokerConfig(entries, 1e9),
    fs,
    clock: new SystemClock(),
    prng: new SeededPrng(1),
    logger: silentLogger,
    softwareVersion: '0.0.0',
  })
  const { nodes } = await broker.start()
  client = await RawSocketClient.open(nodes[0]!.listeners[0]!.port)
}

async function stop(): Promise<void> {
  client.destroy()
  await broker.stop()
}

afterEach(stop)

async function ask<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
): Promise<Response> {
  client.send(requestFrame(api, version, request))
  const reader = new Reader(await client.takeOne())
  ResponseHeader.read(reader, responseHeaderVersion(api.key, version))
  return api.response.read(reader, version)
}

const leaderEpoch = async () =>
  (await ask(Metadata, 7, { topics: [{ name: 't' }], allowAutoTopicCreation: true })).topics[0]!.partitions[0]!
    .leaderEpoch

test('a log that lost its torn tail gets a new leader epoch, once, which clients of the old one hear of', async () => {
  const fs = new MemoryFs()
  await start(fs)
  expect(await leaderEpoch()).toBe(0)
  const batch = batchOf(['kept'])
  await ask(Produce, 9, produceRequest('t', batch))
  await ask(Produce, 9, produceRequest('t', batchOf(['torn'])))
  await stop()

  fs.unlinkSync('data/.odradek_cleanshutdown')
  const directory = fs.readdirSync('data').find((name) => /^[0-9a-f]{32}-0$/.test(name))
  const segment = fs.openSync(`data/${directory}/00000000000000000000.log`, 'append')
  segment.truncateSync(batch.length + 20)
  segment.closeSync()
  fs.unlinkSync('data/recovery-point-offset-checkpoint')

  await start(fs)
  expect(await leaderEpoch()).toBe(1)
  const codeAt = async (currentLeaderEpoch: number) =>
    (await ask(Fetch, 12, fetchRequest('t', { currentLeaderEpoch }))).responses[0]!.partitions[0]!
  expect(await codeAt(0)).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
  expect(await codeAt(1)).toMatchObject({ errorCode: ErrorCode.NONE, highWatermark: 1n })
  await stop()

  await start(fs)
  expect(await leaderEpoch()).toBe(1)
})

const BROKER_RESOURCE = 4

async function setForCluster(name: string, value: string): Promise<void> {
  const configs = [{ name, configOperation: 0, value }]
  const resources = [{ resourceType: BROKER_RESOURCE, resourceName: '', configs }]
  const { responses } = await ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
  expect(responses[0]).toMatchObject({ errorCode: ErrorCode.NONE })
}

test('the cleaner follows its keys without a restart, in the middle of a compaction and of a rest', async () => {
  await start(new MemoryFs(), { 'log.cleaner.backoff.ms': '86400000' })
  const configs = Object.entries({
    'cleanup.policy': 'compact',
    'segment.bytes': '1048576',
    'min.cleanable.dirty.ratio': '0',
  }).map(([name, value]) => ({ name, value }))
  const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs }
  expect((await ask(CreateTopics, 7, { topics: [topic], timeoutMs: 9000 })).topics[0]?.errorCode).toBe(ErrorCode.NONE)
  const value = Buffer.alloc(900_000)
  const batch = buildBatch({ records: [{ timestamp: timestamp(BigInt(Date.now())), key: Buffer.from('k'), value }] })
  for (let count = 0; count < 3; count++) await ask(Produce, 9, produceRequest('t', batch))
  const first = async () => {
    const { responses } = await ask(Fetch, 12, fetchRequest('t', { partitionMaxBytes: 1_000_000 }))
    return readBatchHeader(responses[0]!.partitions[0]!.records!).baseOffset
  }
  expect(await first()).toBe(0)
  // At a byte a second it would be at work for weeks.
  await setForCluster('log.cleaner.io.max.bytes.per.second', '1')
  await setForCluster('log.cleaner.backoff.ms', '1')
  for (let count = 0; count < 20; count++) expect(await first()).toBe(0)
  await setForCluster('log.cleaner.io.max.bytes.per.second', '1000000000')
  while ((await first()) === 0);
  expect(await first()).toBe(1)
})
