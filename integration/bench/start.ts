import { connect } from 'node:net'
import { BrokerProcess } from '../harness/broker-process.ts'
import { ask } from './ask.ts'
import { residentBytes } from './process-cost.ts'
import { batchOf, createTopicFrame, produceFrame } from './requests.ts'

// `npm run bench:start -- [ROUNDS] [nothing | gigabyte | partitions]`: how long a whole process takes from being spawned to its ready line, over what it finds.

const ROUNDS = Number(process.argv[2] ?? 3)
const TOTAL_BYTES = 1_000_000_000
const BATCH_BYTES = 100_000
const PARTITIONS = 10_000
const SMALL_BATCH_BYTES = 200
const IN_FLIGHT_MAX = 16
const IDLE_MS = 5000

interface Address {
  readonly host: string
  readonly port: number
}

function addressOf(broker: BrokerProcess): Address {
  const [host = '127.0.0.1', port] = (broker.bootstrap[0] ?? '').split(':')
  return { host, port: Number(port) }
}

/** Sends the frames over one connection and resolves when each has its answer. */
function sendAll(address: Address, count: number, frameAt: (index: number) => Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address)
    let bytes: Buffer = Buffer.alloc(0)
    let sent = 0
    let answered = 0
    const send = (): void => {
      while (sent < count && sent - answered < IN_FLIGHT_MAX) socket.write(frameAt(sent++))
    }
    socket.once('connect', send)
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 4 && bytes.length >= bytes.readInt32BE(0) + 4) {
        bytes = bytes.subarray(bytes.readInt32BE(0) + 4)
        answered++
      }
      if (answered === count) {
        socket.destroy()
        resolve()
      } else send()
    })
  })
}

async function produce(
  broker: BrokerProcess,
  topic: string,
  partitions: number,
  batchBytes: number,
  count: number,
  acks = 1,
) {
  const address = addressOf(broker)
  await ask(address, createTopicFrame(topic, partitions))
  const batch = batchOf(batchBytes)
  await sendAll(address, count, (index) => produceFrame(topic, index % partitions, batch, acks))
}

async function readyMs(broker: BrokerProcess): Promise<number> {
  const begun = performance.now()
  await broker.start()
  return performance.now() - begun
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function say(what: string, values: readonly number[]): void {
  const all = values.map((value) => Math.round(value)).join(', ')
  console.log(`${what}: median ${Math.round(median(values))} ms (${all})`)
}

async function emptyStarts(): Promise<void> {
  const broker = await BrokerProcess.start()
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await broker.stop()
    times.push(await readyMs(broker))
  }
  say('nothing in it', times)
  await broker.dispose()
}

async function oneGigabyte(): Promise<void> {
  const broker = await BrokerProcess.start()
  const clean: number[] = []
  await produce(broker, 'clean', 1, BATCH_BYTES, TOTAL_BYTES / BATCH_BYTES)
  for (let round = 0; round < ROUNDS; round++) {
    await broker.stop()
    clean.push(await readyMs(broker))
  }
  say('1 GB, stopped cleanly', clean)
  await broker.dispose()
  const killed: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const other = await BrokerProcess.start()
    await produce(other, 'killed', 1, BATCH_BYTES, TOTAL_BYTES / BATCH_BYTES)
    await other.kill()
    killed.push(await readyMs(other))
    await other.dispose()
  }
  say('1 GB after kill -9, none of it below a recovery point', killed)
}

async function manyPartitions(): Promise<void> {
  const broker = await BrokerProcess.start()
  await new Promise((resume) => setTimeout(resume, IDLE_MS))
  const before = residentBytes(broker.pid)
  // Flushed as they come: a stop that had ten thousand files to flush would be cut short.
  await produce(broker, 'many', PARTITIONS, SMALL_BATCH_BYTES, PARTITIONS, -1)
  for (const how of ['stop', 'kill'] as const) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await broker[how]()
      times.push(await readyMs(broker))
    }
    say(`${PARTITIONS} partitions with a batch each, after a ${how}`, times)
    await new Promise((resume) => setTimeout(resume, IDLE_MS))
    const grown = (residentBytes(broker.pid) - before) / PARTITIONS
    console.log(`idle memory per partition: ${(grown / 1024).toFixed(1)} KB`)
  }
  await broker.dispose()
}

const PARTS = { nothing: emptyStarts, gigabyte: oneGigabyte, partitions: manyPartitions }
for (const [name, measure] of Object.entries(PARTS)) {
  if (name.startsWith(process.argv[3] ?? '')) await measure()
}
