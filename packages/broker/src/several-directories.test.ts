import { SeededPrng, SystemClock, silentLogger, timestamp } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import {
  AlterPartitionReassignments,
  type Api,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DescribeLogDirs,
  DescribeTopicPartitions,
  ErrorCode,
  Fetch,
  IncrementalAlterConfigs,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
  ResponseHeader,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { buildBatch } from '@odradek/records'
import { type Broker, createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { requestFrame } from './harness.ts'
import { RawSocketClient } from './raw-socket-client.ts'

const PARTITIONS = 4
const GIBIBYTE = 1_073_741_824

let fs: MemoryFs
/** Data directory that answers every call with EIO, as a disk that is gone. */
let goneDirectory: string | null
let broker: Broker
let client: RawSocketClient

beforeEach(() => {
  fs = new MemoryFs()
  goneDirectory = null
})

afterEach(async () => {
  await stop()
})

/** The file system, but for what the directory that is gone would have to do. */
const withFaults = (): MemoryFs =>
  new Proxy(fs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      // The disk says where it is even if nothing can be read of it.
      if (typeof value !== 'function' || name === 'realPathSync') return value
      return (...given: unknown[]) => {
        const [path] = given
        const isGone = typeof path === 'string' && goneDirectory !== null && `${path}/`.startsWith(`${goneDirectory}/`)
        if (isGone) throw Object.assign(new Error(`EIO: ${String(name)} '${path}'`), { code: 'EIO' })
        return Reflect.apply(value, target, given)
      }
    },
  })

async function start(): Promise<void> {
  const entries = { listeners: 'PLAINTEXT://localhost:0', 'log.dirs': 'a,b', 'odradek.topics': `t:${PARTITIONS}` }
  broker = createBroker({
    config: resolveBrokerConfig(new Map(Object.entries(entries)), GIBIBYTE),
    fs: withFaults(),
    clock: new SystemClock(),
    prng: new SeededPrng(Date.now()),
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

const indexes = Array.from({ length: PARTITIONS }, (_, index) => index)
const forAll = <Row>(row: (index: number) => Row): Row[] => indexes.map(row)

/** One record to each partition: the errors. */
async function produce(acks = -1): Promise<(number | undefined)[]> {
  const records = buildBatch({ records: [{ timestamp: timestamp(1n), key: null, value: Buffer.from('v') }] })
  const topicData = [{ name: 't', partitionData: forAll((index) => ({ index, records })) }]
  const { responses } = await ask(Produce, 9, { transactionalId: null, acks, timeoutMs: 9000, topicData })
  const rows = responses[0]!.partitionResponses
  return forAll((each) => rows.find(({ index }) => index === each)?.errorCode)
}

/** Error, or the number of records that are there, by partition. */
async function fetched(): Promise<(string | number)[]> {
  const { responses } = await ask(Fetch, 11, {
    ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, isolationLevel: 0 },
    ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
    topics: [
      {
        topic: 't',
        partitions: forAll((partition) => ({
          ...{ partition, currentLeaderEpoch: -1, fetchOffset: 0n, logStartOffset: -1n, partitionMaxBytes: 1_000_000 },
        })),
      },
    ],
  })
  const rows = responses[0]!.partitions
  return forAll((each) => {
    const row = rows.find(({ partitionIndex }) => partitionIndex === each)!
    return row.errorCode === ErrorCode.NONE ? Number(row.highWatermark) : `error ${row.errorCode}`
  })
}

/** Which partitions the directory has, or its error. */
async function directories(): Promise<readonly (readonly number[] | string)[]> {
  const { results } = await ask(DescribeLogDirs, 4, { topics: [{ topic: 't', partitions: indexes }] })
  return results.map(({ errorCode, topics }) =>
    errorCode === ErrorCode.NONE
      ? topics.flatMap(({ partitions }) => partitions.map(({ partitionIndex }) => partitionIndex))
      : `error ${errorCode}`,
  )
}

async function metadata() {
  const request = { topics: [{ name: 't' }], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false }
  const { topics } = await ask(Metadata, 12, request)
  const described = await ask(DescribeTopicPartitions, 0, { topics: [{ name: 't' }] })
  const rows = [topics[0]!.partitions, described.topics[0]!.partitions].map((partitions) =>
    [...partitions].sort((one, other) => one.partitionIndex - other.partitionIndex),
  )
  const said = rows.map((partitions) =>
    partitions.map((each) => [each.errorCode, each.leaderId, each.isrNodes.join(), each.offlineReplicas.join()]),
  )
  expect(said[0]).toEqual(said[1])
  return said[0]
}

const UP = [ErrorCode.NONE, 1, '1', '']
const DOWN = [ErrorCode.LEADER_NOT_AVAILABLE, -1, '', '1']
const OFFLINE = ErrorCode.KAFKA_STORAGE_ERROR

async function expectHalf(): Promise<void> {
  expect(await produce()).toEqual([0, OFFLINE, 0, OFFLINE])
  expect(await produce(1)).toEqual([0, OFFLINE, 0, OFFLINE])
  expect(await metadata()).toEqual([UP, DOWN, UP, DOWN])
  const partition = { partitionIndex: 1, currentLeaderEpoch: -1, timestamp: -1n }
  const listed = await ask(ListOffsets, 7, {
    ...{ replicaId: -1, isolationLevel: 0 },
    topics: [{ name: 't', partitions: [partition] }],
  })
  expect(listed.topics[0]?.partitions).toMatchObject([{ errorCode: OFFLINE, offset: -1n }])
  const before = [{ name: 't', partitions: [{ partitionIndex: 1, offset: 0n }] }]
  const deleted = await ask(DeleteRecords, 2, { topics: before, timeoutMs: 0 })
  expect(deleted.topics[0]?.partitions).toMatchObject([{ errorCode: OFFLINE, lowWatermark: -1n }])
  const epochs = [{ topic: 't', partitions: [{ partition: 1, currentLeaderEpoch: -1, leaderEpoch: 0 }] }]
  const ended = await ask(OffsetForLeaderEpoch, 4, { replicaId: -1, topics: epochs })
  expect(ended.topics[0]?.partitions).toMatchObject([{ errorCode: OFFLINE }])
}

test('a directory that is gone at the start takes only its partitions with it, and brings them back', async () => {
  await start()
  expect(await produce()).toEqual([0, 0, 0, 0])
  expect(await directories()).toEqual([
    [0, 2],
    [1, 3],
  ])
  await stop()

  goneDirectory = 'b'
  await start()
  expect(await directories()).toEqual([[0, 2], `error ${OFFLINE}`])
  await expectHalf()
  expect(await fetched()).toEqual([3, `error ${OFFLINE}`, 3, `error ${OFFLINE}`])
  await stop()

  goneDirectory = null
  await start()
  expect(await fetched()).toEqual([3, 1, 3, 1])
  expect(await produce()).toEqual([0, 0, 0, 0])
  expect(await metadata()).toEqual([UP, UP, UP, UP])
})

test('an empty directory in its place, as of a disk that is not mounted, is not taken for it', async () => {
  await start()
  await produce()
  await stop()
  fs.renameSync('b', 'elsewhere')
  await start()
  // The new one is as good as any for new partitions.
  expect(await directories()).toEqual([[0, 2], []])
  await expectHalf()
  await stop()
  await fs.removeDirectory('b')
  fs.renameSync('elsewhere', 'b')
  await start()
  expect(await fetched()).toEqual([3, 1, 3, 1])
})

test('a directory that fails while the broker runs goes offline with all its partitions', async () => {
  await start()
  expect(await produce()).toEqual([0, 0, 0, 0])
  goneDirectory = 'b'
  // Files that are open still work; what fails is the next that is made.
  const configs = [{ name: 'segment.bytes', configOperation: 0, value: '1048576' }]
  await ask(IncrementalAlterConfigs, 1, {
    resources: [{ resourceType: 2, resourceName: 't', configs }],
    validateOnly: false,
  })
  const value = Buffer.alloc(900_000)
  const records = buildBatch({ records: [{ timestamp: timestamp(1n), key: null, value }] })
  const topicData = [{ name: 't', partitionData: [{ index: 1, records }] }]
  const errors: (number | undefined)[] = []
  for (let count = 0; count < 3; count++) {
    const { responses } = await ask(Produce, 9, { transactionalId: null, acks: 1, timeoutMs: 9000, topicData })
    errors.push(responses[0]?.partitionResponses[0]?.errorCode)
  }
  expect(errors.at(-1)).toBe(OFFLINE)
  await expectHalf()
  expect(await directories()).toEqual([[0, 2], `error ${OFFLINE}`])
})

async function cordon(value: string): Promise<number | undefined> {
  const configs = [{ name: 'cordoned.log.dirs', configOperation: 0, value }]
  const resources = [{ resourceType: 4, resourceName: '1', configs }]
  const { responses } = await ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
  return responses[0]?.errorCode
}

async function create(name: string, assignments: { partitionIndex: number; brokerIds: number[] }[] = []) {
  const count = assignments.length > 0 ? -1 : 2
  const topics = [{ name, numPartitions: count, replicationFactor: Math.min(count, 1), assignments, configs: [] }]
  const answer = await ask(CreateTopics, 7, { topics, timeoutMs: 9000, validateOnly: false })
  return [answer.topics[0]?.errorCode, answer.topics[0]?.errorMessage]
}

/** Of each directory, whether it is cordoned and how many partitions it has. */
async function cordons() {
  const { results } = await ask(DescribeLogDirs, 5, { topics: null })
  return results.map((each) => [
    each.isCordoned,
    each.topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
  ])
}

/** As a running Kafka 4.4 answered. */
test('a directory that is cordoned takes no new partitions; with all of them cordoned there are none', async () => {
  await start()
  expect(await cordons()).toEqual([
    [false, 2],
    [false, 2],
  ])
  expect(await cordon('a')).toBe(ErrorCode.NONE)
  expect(await create('u')).toEqual([ErrorCode.NONE, null])
  expect(await cordons()).toEqual([
    [true, 2],
    [false, 4],
  ])
  expect(await produce()).toEqual([0, 0, 0, 0])
  expect(await cordon('c')).toBe(ErrorCode.INVALID_REQUEST)

  expect(await cordon('*')).toBe(ErrorCode.NONE)
  const why = 'All brokers are currently fenced, or have all their log directories cordoned.'
  const prefix = 'Unable to replicate the partition 1 time(s): '
  expect(await create('v')).toEqual([ErrorCode.INVALID_REPLICATION_FACTOR, prefix + why])
  const manual = 'The manual partition assignment includes broker 1, but all its log directories are cordoned.'
  const assignments = [{ partitionIndex: 0, brokerIds: [1] }]
  expect(await create('v', assignments)).toEqual([ErrorCode.INVALID_REPLICA_ASSIGNMENT, manual])
  const more = [{ name: 't', count: 9, assignments: null }]
  const grown = await ask(CreatePartitions, 3, { topics: more, timeoutMs: 9000, validateOnly: false })
  expect(grown.results).toMatchObject([{ errorCode: ErrorCode.INVALID_REPLICATION_FACTOR, errorMessage: why }])
  const moves = [{ name: 't', partitions: [{ partitionIndex: 0, replicas: [1] }] }]
  const moved = await ask(AlterPartitionReassignments, 0, { timeoutMs: 9000, topics: moves })
  expect(moved.responses[0]?.partitions).toMatchObject([
    { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, errorMessage: manual },
  ])
  expect(await produce()).toEqual([0, 0, 0, 0])
  await stop()

  await start()
  expect((await create('v'))[0]).toBe(ErrorCode.INVALID_REPLICATION_FACTOR)
  expect(await cordon('')).toBe(ErrorCode.NONE)
  expect(await create('v')).toEqual([ErrorCode.NONE, null])
  expect(await cordons()).toEqual([
    [false, 4],
    [false, 4],
  ])
})
