import { connect, type Socket } from 'node:net'
import { SeededPrng, SystemClock, silentLogger, timestamp } from '@odradek/core'
import { CreateTopics, EncodedFrame, Fetch, FrameSplitter, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { type Broker, createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'
import { Connection } from './connection.ts'
import { ConnectionOutbox } from './connection-outbox.ts'
import { CopyMeter, WatchedDisk } from './data-path-fixture.ts'
import { requestFrame } from './harness.ts'
import { FRONT_BYTES, SHARED_RECEIVE_BYTES } from './limits.ts'
import { withSizes } from './raw-socket-client.ts'

// What speed rests on, counted from socket to file and back. README.md of this package states the same numbers.

const GIBIBYTE = 1_073_741_824
const PRODUCE_VERSION = 9
const FETCH_VERSION = 11
const CREATE_TOPICS_VERSION = 4
const PARTITIONS = 3
/** What a log gathers a turn's small batches in at first: where they grow out of it they move once more. */
const FIRST_GATHERED_BYTES = 4096
/** Of small requests: names and offsets in them and in their answers, and those that the end of a read has cut. */
const BESIDE_SHARE = 0.15
/** The same of one large request. */
const LARGE_BESIDE_BYTES = 4096

let meter: CopyMeter
let disk: WatchedDisk
let broker: Broker
let socket: Socket
let answers = 0

beforeEach(async () => {
  meter = new CopyMeter()
  disk = new WatchedDisk(meter)
  broker = createBroker({
    config: resolveBrokerConfig(
      new Map(Object.entries({ listeners: 'PLAINTEXT://127.0.0.1:0', 'log.dirs': 'd' })),
      GIBIBYTE,
    ),
    fs: disk,
    clock: new SystemClock(),
    prng: new SeededPrng(1),
    logger: silentLogger,
    softwareVersion: '0.0.0',
  })
  const started = await broker.start()
  socket = connect({ port: started.nodes[0]?.listeners[0]?.port ?? 0, host: '127.0.0.1', noDelay: true })
  countAnswers()
  const topic = {
    ...{ name: 't', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [] },
    configs: [{ name: 'max.message.bytes', value: '16777216' }],
  }
  const create = { topics: [topic], timeoutMs: 30_000, validateOnly: false }
  await ask(requestFrame(CreateTopics, CREATE_TOPICS_VERSION, create))
  meter.on()
  disk.writes.length = 0
  disk.readBytes = 0
})

afterEach(async () => {
  meter.off()
  disk.stop()
  jest.restoreAllMocks()
  socket.destroy()
  await broker.stop()
})

/** What the client of the test copies does not count. */
function countAnswers(): void {
  answers = 0
  const splitter = new FrameSplitter(GIBIBYTE)
  socket.on('data', (chunk: Uint8Array) => meter.without(() => splitter.push(chunk, () => answers++)))
}

/** Sends all in one write; resolves when each is answered. */
async function ask(...frames: readonly Uint8Array[]): Promise<void> {
  const bytes = meter.without(() => withSizes(frames))
  const wanted = answers + frames.length
  socket.write(bytes)
  while (answers < wanted) await new Promise((resolve) => setImmediate(resolve))
}

function batchOf(bytes: number): Uint8Array {
  return meter.without(() =>
    buildBatch({
      records: [
        { timestamp: timestamp(BigInt(Date.now())), key: null, value: Buffer.alloc(bytes - BATCH_BESIDE_BYTES, 7) },
      ],
    }),
  )
}

function produceFrame(batch: Uint8Array, index = 0): Buffer {
  const topicData = [{ name: 't', partitionData: [{ index, records: batch }] }]
  const request = { transactionalId: null, acks: 1, timeoutMs: 30_000, topicData }
  return meter.without(() => requestFrame(Produce, PRODUCE_VERSION, request))
}

function fetchFrame(bytesMax: number): Buffer {
  const partition = { partition: 0, fetchOffset: 0n, partitionMaxBytes: bytesMax, logStartOffset: -1n }
  const request = { maxWaitMs: 0, minBytes: 1, maxBytes: bytesMax, topics: [{ topic: 't', partitions: [partition] }] }
  return meter.without(() => requestFrame(Fetch, FETCH_VERSION, { ...FETCH_DEFAULTS, ...request }))
}

const FETCH_DEFAULTS = {
  ...{ replicaId: -1, isolationLevel: 0, sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
}

/** Header of the batch and of its one record, give or take two bytes of lengths. */
const BATCH_BESIDE_BYTES = 71
const SMALL_BYTES = 400
const SMALL_COUNT = 90
/** That many small requests come in one read: what is cut by the end of one is copied once more. */
const smallFrames = () =>
  Array.from({ length: SMALL_COUNT }, (_, index) => produceFrame(batchOf(SMALL_BYTES), index % PARTITIONS))

const LARGE_BYTES = 1_000_000
const MIDDLE_BYTES = 100_000
const LARGE_COUNT = 4

/** How often, on average, each byte of the records was copied. */
async function copiesOf(recordBytes: number, work: () => Promise<void>): Promise<number> {
  meter.bytes = 0
  await work()
  return meter.bytes / recordBytes
}

const produceSmall = () => {
  const frames = smallFrames()
  return copiesOf(SMALL_BYTES * SMALL_COUNT, () => ask(...frames))
}

const produceLarge = async (bytes = LARGE_BYTES) => {
  const frame = produceFrame(batchOf(bytes))
  return copiesOf(bytes * LARGE_COUNT, async () => {
    for (let index = 0; index < LARGE_COUNT; index++) await ask(frame)
  })
}

const fetchLarge = async () => {
  await produceLarge()
  const frame = fetchFrame(2 * LARGE_BYTES)
  return copiesOf(LARGE_BYTES * LARGE_COUNT, async () => {
    for (let index = 0; index < LARGE_COUNT; index++) await ask(frame)
  })
}

describe('record bytes are copied', () => {
  test('once on their way from a small request to the file, the first of a turn twice', async () => {
    const copies = await produceSmall()
    expect(copies).toBeGreaterThan(0.99)
    const gathered = (PARTITIONS * FIRST_GATHERED_BYTES) / (SMALL_COUNT * SMALL_BYTES)
    expect(copies).toBeLessThan(1 + gathered + BESIDE_SHARE)
  })

  test('not at all from a large request, but for what came with the front of it', async () => {
    const first = SHARED_RECEIVE_BYTES - FRONT_BYTES
    const copies = await produceLarge()
    expect(copies).toBeLessThan(first / (LARGE_BYTES * LARGE_COUNT) + (FRONT_BYTES + LARGE_BESIDE_BYTES) / LARGE_BYTES)
  })

  test('not at all from one that fits the shared buffer, behind another of its size', async () => {
    await produceLarge(MIDDLE_BYTES)
    expect(await produceLarge(MIDDLE_BYTES)).toBeLessThan(LARGE_BESIDE_BYTES / MIDDLE_BYTES)
  })

  test('not at all from the file to the socket', async () => {
    expect(await fetchLarge()).toBeLessThan(LARGE_BESIDE_BYTES / LARGE_BYTES)
    expect(disk.readBytes).toBeGreaterThan(LARGE_BYTES * LARGE_COUNT)
  })

  test('more often when somebody copies a request, or an answer', async () => {
    const { frame } = Connection.prototype
    jest.spyOn(Connection.prototype, 'frame').mockImplementation(function (this: Connection, buffer, start, end) {
      return frame.call(this, Buffer.from(buffer.subarray(start, end)), 0, end - start)
    })
    const { push } = ConnectionOutbox.prototype
    jest.spyOn(ConnectionOutbox.prototype, 'push').mockImplementation(function (
      this: ConnectionOutbox,
      answer,
      releases,
    ) {
      const copies = answer.chunks.map((chunk) => Buffer.from(chunk))
      const pieces = copies.map((bytes) => ({ bytes, start: 0, end: bytes.length }))
      push.call(this, new EncodedFrame(pieces, answer.length), releases)
    })
    expect(await produceSmall()).toBeGreaterThan(2)
    // Once by the spy, and then, being outside its memory, for the checksum.
    expect(await produceLarge()).toBeGreaterThan(2)
    expect(await fetchLarge()).toBeGreaterThan(1)
  })
})

/** Less than the smallest thing that V8 can allocate, which is two words. */
const BYTES_A_RECORD_MAX = 1
const FEW = 10
const MANY = 10_000
/** V8 boxes numbers until it has compiled what is called often, beside us and in its own time. */
const WAIT_MS_MAX = 30_000

function batchWith(count: number): Uint8Array {
  const record = { timestamp: timestamp(BigInt(Date.now())), key: null, value: Buffer.alloc(1) }
  return buildBatch({ records: Array.from({ length: count }, () => record) })
}

/** Bytes on the heap that a request leaves behind, used or not; null when a collection came between. */
async function allocated(frame: Uint8Array): Promise<number | null> {
  const before = process.memoryUsage().heapUsed
  await ask(frame)
  const bytes = process.memoryUsage().heapUsed - before
  return bytes < 0 ? null : bytes
}

/** What one more record costs, as the least of what was seen until it was less than allowed, or time was up. */
async function bytesARecord(waitMs: number): Promise<number> {
  const [few, many] = [produceFrame(batchWith(FEW)), produceFrame(batchWith(MANY))]
  const endMs = Date.now() + waitMs
  let least = Number.POSITIVE_INFINITY
  while (least >= BYTES_A_RECORD_MAX && Date.now() < endMs) {
    for (let warmUp = 0; warmUp < 20; warmUp++) await ask(many)
    const [ofFew, ofMany] = [await allocated(few), await allocated(many)]
    if (ofFew !== null && ofMany !== null) least = Math.min(least, Math.max(0, ofMany - ofFew) / (MANY - FEW))
  }
  return least
}

describe('memory on the heap', () => {
  beforeEach(() => meter.off())

  test('is not taken for each record, from the socket to the file', async () => {
    expect(await bytesARecord(WAIT_MS_MAX)).toBeLessThan(BYTES_A_RECORD_MAX)
  }, 60_000)

  test('is seen when somebody takes it', async () => {
    const { frame } = Connection.prototype
    let last: unknown = null
    jest.spyOn(Connection.prototype, 'frame').mockImplementation(function (this: Connection, buffer, start, end) {
      // A record of one byte takes more than eight, with all its lengths.
      for (let at = start; at < end; at += 8) last = { at }
      return frame.call(this, buffer, start, end)
    })
    expect(await bytesARecord(1000)).toBeGreaterThan(16)
    expect(last).not.toBeNull()
  })
})

describe('writes', () => {
  test('are one for each partition and turn', async () => {
    disk.watchTurns()
    await produceSmall()
    expect(disk.writesInOneTurn()).toBe(1)
    expect(new Set(disk.writes.map(({ path }) => path)).size).toBe(PARTITIONS)
    expect(disk.writes.length).toBeLessThan(SMALL_COUNT / 3)
  })

  test('are counted when there are more', async () => {
    disk.writesInHalves = true
    disk.watchTurns()
    await produceSmall()
    expect(disk.writesInOneTurn()).toBe(2)
  })
})
