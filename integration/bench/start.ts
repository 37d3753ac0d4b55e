import { connect } from 'node:net'
import { BrokerProcess } from '../harness/broker-process.ts'
import { ask } from './ask.ts'
import { cpuMs, residentBytes } from './process-cost.ts'
import { batchOf, createTopicFrame, produceFrame } from './requests.ts'

// `npm run bench:start -- [ROUNDS] [nothing | gigabyte | partitions]`: how long a whole process takes from being spawned to its ready line, over what it finds.

const ROUNDS = Number(process.argv[2] ?? 3)
const TOTAL_BYTES = 1_000_000_000
const BATCH_BYTES = 100_000
const PARTITIONS = 10_000
const SMALL_BATCH_BYTES = 200
const IN_FLIGHT_MAX = 16
const IDLE_MS = Number(process.env['IDLE_MS'] ?? 5000)

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

async function create(broker: BrokerProcess, topic: string, partitions: number): Promise<void> {
  await ask(addressOf(broker), createTopicFrame(topic, partitions))
}

/** Batches to the partitions of a topic in turn. */
async function produce(broker: BrokerProcess, topic: string, partitions: number, batchBytes: number, count: number) {
  const batch = batchOf(batchBytes)
  await sendAll(addressOf(broker), count, (index) => produceFrame(topic, index % partitions, batch, 1))
}

interface StartTime {
  readonly readyMs: number
  /** Of the process, all threads; other load of the machine changes it little. */
  readonly cpuMs: number
}

async function timeStart(broker: BrokerProcess): Promise<StartTime> {
  const begun = performance.now()
  await broker.start()
  return { readyMs: performance.now() - begun, cpuMs: cpuMs(broker.pid) }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function say(what: string, times: readonly StartTime[]): void {
  const [ready, cpu] = [times.map((time) => time.readyMs), times.map((time) => time.cpuMs)]
  const all = ready.map((value) => Math.round(value)).join(', ')
  console.log(`${what}: median ${Math.round(median(ready))} ms (${all}), ${median(cpu)} ms of processor time`)
}

async function emptyStarts(): Promise<void> {
  const broker = await BrokerProcess.start()
  const times: StartTime[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await broker.stop()
    times.push(await timeStart(broker))
  }
  say('nothing in it', times)
  await broker.dispose()
}

async function oneGigabyte(): Promise<void> {
  const broker = await BrokerProcess.start()
  const clean: StartTime[] = []
  await create(broker, 'clean', 1)
  await produce(broker, 'clean', 1, BATCH_BYTES, TOTAL_BYTES / BATCH_BYTES)
  for (let round = 0; round < ROUNDS; round++) {
    await broker.stop()
    clean.push(await timeStart(broker))
  }
  say('1 GB, stopped cleanly', clean)
  await broker.dispose()
  const killed: StartTime[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const other = await BrokerProcess.start()
    await create(other, 'killed', 1)
    await produce(other, 'killed', 1, BATCH_BYTES, TOTAL_BYTES / BATCH_BYTES)
    await other.kill()
    killed.push(await timeStart(other))
    await other.dispose()
  }
  say('1 GB after kill -9, none of it below a recovery point', killed)
}

async function manyPartitions(): Promise<void> {
  const broker = await BrokerProcess.start()
  await new Promise((resume) => setTimeout(resume, IDLE_MS))
  const before = residentBytes(broker.pid)
  const idle = async (): Promise<void> => {
    await new Promise((resume) => setTimeout(resume, IDLE_MS))
    const grown = (residentBytes(broker.pid) - before) / PARTITIONS
    console.log(`idle memory per partition: ${(grown / 1024).toFixed(1)} KB`)
  }
  await create(broker, 'many', PARTITIONS)
  const produceToEach = () => produce(broker, 'many', PARTITIONS, SMALL_BATCH_BYTES, PARTITIONS)
  await produceToEach()
  const rounds = async (what: string, end: () => Promise<unknown>): Promise<void> => {
    const times: StartTime[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await end()
      times.push(await timeStart(broker))
    }
    say(`${PARTITIONS} partitions with a few batches each, after ${what}`, times)
    await idle()
  }
  await rounds('a stop', () => broker.stop())
  await rounds('a kill', () => broker.kill())
  await rounds('a kill, each with a batch that was never flushed', async () => {
    await produceToEach()
    await broker.kill()
  })
  await broker.dispose()
}

const PARTS = { nothing: emptyStarts, gigabyte: oneGigabyte, partitions: manyPartitions }
for (const [name, measure] of Object.entries(PARTS)) {
  if (name.startsWith(process.argv[3] ?? '')) await measure()
}
