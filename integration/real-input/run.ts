import kafkajs, { type Kafka } from 'kafkajs'
import type { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { ALL_CODECS, registerCodecs } from '../kafkajs/codecs.ts'
import { filesBelow, type Part, partsOf, sha256 } from './files.ts'
import { differences, fingerprintsOnDisk } from './segments.ts'
import { ProduceTap } from './tap.ts'

const TOPIC = 'files'
const PARTITIONS = 12
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024
const SEND_BYTES_MAX = 4 * 1024 * 1024
const SEND_FILES_MAX = 100
const READ_MS_MAX = 600_000

export interface Outcome {
  readonly files: number
  readonly parts: number
  readonly bytes: number
  /** Files by codec name. */
  readonly filesByCodec: Readonly<Record<string, number>>
  readonly missing: readonly string[]
  readonly different: readonly string[]
  readonly unknown: readonly string[]
  readonly redelivered: number
  readonly batches: number
  /** Batches that the producer sent and the disk has not, or the other way round. */
  readonly changedBatches: number
}

function clientOf(broker: BrokerProcess, tap?: ProduceTap): Kafka {
  return new kafkajs.Kafka({
    brokers: [...broker.bootstrap],
    clientId: 'real-input',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 },
    requestTimeout: 60_000,
    ...(tap === undefined ? {} : { socketFactory: tap.socketFactory }),
  })
}

interface Sent {
  readonly hashes: Map<string, string>
  readonly filesByCodec: Record<string, number>
  bytes: number
}

/** Sends every file, the codecs in turn. */
async function sendAll(kafka: Kafka, folder: string, paths: readonly string[]): Promise<Sent> {
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await producer.connect()
  const sent: Sent = { hashes: new Map(), filesByCodec: {}, bytes: 0 }
  for (const [codecIndex, [name, compression]] of ALL_CODECS.entries()) {
    const own = paths.filter((_, index) => index % ALL_CODECS.length === codecIndex)
    sent.filesByCodec[name] = own.length
    let waiting: Part[] = []
    const flush = async (): Promise<void> => {
      if (waiting.length > 0) await producer.send({ topic: TOPIC, compression, acks: -1, messages: waiting })
      waiting = []
    }
    for (const path of own)
      for (const part of partsOf(folder, path)) {
        const bytes = waiting.reduce((sum, { value }) => sum + value.length, 0)
        if (bytes + part.value.length > SEND_BYTES_MAX || waiting.length >= SEND_FILES_MAX) await flush()
        waiting.push(part)
        sent.hashes.set(part.key, sha256(part.value))
        sent.bytes += part.value.length
      }
    await flush()
  }
  await producer.disconnect()
  return sent
}

/** What the group has read so far. */
class Readings {
  readonly hashes = new Map<string, string>()
  redelivered = 0

  note(key: string, value: Buffer | null): void {
    if (this.hashes.has(key)) this.redelivered += 1
    this.hashes.set(key, value === null ? 'null' : sha256(value))
  }
}

async function member(kafka: Kafka, readings: Readings): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({
    groupId: 'readers',
    sessionTimeout: 10_000,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 200,
    maxBytesPerPartition: 1_048_576,
  })
  await consumer.connect()
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 500,
    eachMessage: async ({ message }) => readings.note(String(message.key), message.value),
  })
  return () => consumer.disconnect()
}

/** Three members read; one leaves, one comes, and the broker dies, all in the middle. */
async function readAll(broker: BrokerProcess, total: number): Promise<Readings> {
  const readings = new Readings()
  const kafka = clientOf(broker)
  const leave = [await member(kafka, readings), await member(kafka, readings), await member(kafka, readings)]
  const read = (share: number) => (): boolean => readings.hashes.size >= total * share
  await until('a sixth of the messages', read(1 / 6), READ_MS_MAX)
  await leave.shift()?.()
  await until('a third of the messages', read(1 / 3), READ_MS_MAX)
  leave.push(await member(kafka, readings))
  await until('half of the messages', read(1 / 2), READ_MS_MAX)
  await broker.restart('kill')
  await until('all of the messages', read(1), READ_MS_MAX)
  await Promise.all(leave.map((stop) => stop()))
  return readings
}

/** Sends the files below `folder` through `broker` and reads them back; see the outcome for what must be empty or zero. */
export async function realInput(broker: BrokerProcess, folder: string, countMax?: number): Promise<Outcome> {
  registerCodecs()
  const paths = filesBelow(folder, countMax)
  const tap = new ProduceTap()
  const kafka = clientOf(broker, tap)
  const admin = kafka.admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: String(MESSAGE_BYTES_MAX) }]
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS, configEntries }] })
  await admin.disconnect()
  const sent = await sendAll(kafka, folder, paths)
  const readings = await readAll(broker, sent.hashes.size)
  const onDisk = fingerprintsOnDisk(broker.dataDirectory, tap.fingerprints)
  return {
    files: paths.length,
    parts: sent.hashes.size,
    bytes: sent.bytes,
    filesByCodec: sent.filesByCodec,
    missing: [...sent.hashes.keys()].filter((key) => !readings.hashes.has(key)),
    different: [...sent.hashes]
      .filter(([key, hash]) => readings.hashes.has(key) && readings.hashes.get(key) !== hash)
      .map(([key]) => key),
    unknown: [...readings.hashes.keys()].filter((key) => !sent.hashes.has(key)),
    redelivered: readings.redelivered,
    batches: [...tap.fingerprints.values()].reduce((sum, count) => sum + count, 0),
    changedBatches: differences(tap.fingerprints, onDisk),
  }
}
