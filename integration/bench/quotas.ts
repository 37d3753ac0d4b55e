import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { offset } from '@odradek/core'
import { AlterClientQuotas } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { ask } from './ask.ts'
import { frameOf } from './frame-of.ts'
import { batchOf, createTopicFrame, fetchFrame, produceFrame } from './requests.ts'

const LIMIT_BYTES = 1_000_000
const REQUEST_BYTES = 100_000
/**
 * Kafka's default window: eleven samples of a second. A client that never rests sends what it may send in it at its
 * begin, and then nothing, so that no ten seconds are like the next: they hold up to twelve seconds' share, for the
 * oldest sample may reach into the window only in part. What is within 5 % of the limit is the rate over several
 * windows. That is how Kafka counts: beside it (`--kafka`) producers came to the same rates in each window and in any ten
 * seconds, consumers to rates within 2 % of each other over all windows.
 */
const WINDOW_SECONDS = 11
const TEN_SECONDS = 10
/** How far a producer may be off, over all windows after the first. */
const OFF_MAX = 0.05
/** The most that any ten seconds after the first window may hold, with the request that goes over it. */
const TEN_SECONDS_BYTES_MAX = LIMIT_BYTES * (WINDOW_SECONDS + 1) + REQUEST_BYTES
const WINDOWS = Number(process.env['BENCH_WINDOWS'] ?? 6)
const TOPIC = `quotas-${process.pid}`
const BINS_A_SECOND = 10

interface Address {
  readonly host: string
  readonly port: number
}

/** Limits the client id that the bench's requests have. */
async function limit(address: Address, key: string): Promise<void> {
  const entity = [{ entityType: 'client-id', entityName: 'bench' }]
  const entries = [{ entity, ops: [{ key, value: LIMIT_BYTES, remove: false }] }]
  await ask(address, frameOf('admin', AlterClientQuotas, 1, { entries, validateOnly: false }))
}

/** Sends the same request as fast as it is answered; what each tenth of a second brought, counted by `bytesOf` an answer. */
async function binsOf(address: Address, frame: Uint8Array, bytesOf: (answerBytes: number) => number) {
  const socket: Socket = connect({ ...address, noDelay: true })
  const bins = Array.from({ length: WINDOWS * WINDOW_SECONDS * BINS_A_SECOND }, () => 0)
  const begunMs = performance.now()
  let pending = Buffer.alloc(0)
  await new Promise<void>((done, failed) => {
    socket.once('error', failed)
    socket.on('connect', () => socket.write(frame))
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      if (pending.length < 4 || pending.length < pending.readInt32BE(0) + 4) return
      const bin = Math.floor(((performance.now() - begunMs) * BINS_A_SECOND) / 1000)
      if (bin >= bins.length) {
        done()
        return
      }
      bins[bin] = (bins[bin] ?? 0) + bytesOf(pending.length)
      pending = Buffer.alloc(0)
      socket.write(frame)
    })
  })
  socket.destroy()
  return bins
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** MB/s in each window, one after the other. */
function ratesOf(bins: readonly number[]): readonly number[] {
  const length = WINDOW_SECONDS * BINS_A_SECOND
  return Array.from(
    { length: WINDOWS },
    (_, index) => sum(bins.slice(index * length, (index + 1) * length)) / WINDOW_SECONDS / 1e6,
  )
}

/** The least and the most MB/s in any ten seconds from `fromSecond` on. */
function anyTenSeconds(bins: readonly number[], fromSecond: number): readonly [least: number, most: number] {
  const length = TEN_SECONDS * BINS_A_SECOND
  const rates: number[] = []
  for (let start = fromSecond * BINS_A_SECOND; start + length <= bins.length; start++)
    rates.push(sum(bins.slice(start, start + length)) / TEN_SECONDS / 1e6)
  return [Math.min(...rates), Math.max(...rates)]
}

/** MB/s over all windows after the first. */
function meanOf(bins: readonly number[]): number {
  return sum(bins.slice(WINDOW_SECONDS * BINS_A_SECOND)) / ((WINDOWS - 1) * WINDOW_SECONDS) / 1e6
}

function row(bins: readonly number[]): Record<string, string> {
  const text = (rates: readonly number[]) => rates.map((rate) => rate.toFixed(2)).join(' ')
  return {
    'MB/s in each 11 s': text(ratesOf(bins)),
    'any 10 s, from the start': anyTenSeconds(bins, 0)
      .map((rate) => rate.toFixed(2))
      .join(' to '),
    'any 10 s, later': anyTenSeconds(bins, WINDOW_SECONDS)
      .map((rate) => rate.toFixed(2))
      .join(' to '),
    'mean MB/s after the first 11 s': meanOf(bins).toFixed(3),
  }
}

/** A producer and a consumer at once. */
async function measure(bootstrap: string): Promise<readonly [produced: readonly number[], fetched: readonly number[]]> {
  const [host = '', port = ''] = bootstrap.split(/:(?=\d+$)/)
  const address = { host, port: Number(port) }
  await ask(address, createTopicFrame(TOPIC, 1))
  const produce = produceFrame(TOPIC, 0, batchOf(REQUEST_BYTES), 1)
  await ask(address, produce)
  await limit(address, 'producer_byte_rate')
  await limit(address, 'consumer_byte_rate')
  const fetch = fetchFrame(TOPIC, 0, offset(0), REQUEST_BYTES)
  return await Promise.all([binsOf(address, produce, () => produce.length), binsOf(address, fetch, (bytes) => bytes)])
}

/** Whether the producer kept to its limit as closely as the way of counting allows. */
function verdict(produced: readonly number[]): boolean {
  const off = Math.abs(meanOf(produced) - LIMIT_BYTES / 1e6) / (LIMIT_BYTES / 1e6)
  const [, most] = anyTenSeconds(produced, WINDOW_SECONDS)
  const mostMax = TEN_SECONDS_BYTES_MAX / TEN_SECONDS / 1e6
  console.log(`after its first window the producer was off by ${(off * 100).toFixed(1)} % (bound ${OFF_MAX * 100} %)`)
  console.log(`in any ten seconds then it had ${most.toFixed(2)} MB/s at most (bound ${mostMax.toFixed(2)})`)
  return off <= OFF_MAX && most <= mostMax
}

async function besideKafka(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-quotas-'))
  const kafka = new KafkaProcess('kafka-4.4', directory)
  const broker = await BrokerProcess.start()
  try {
    await kafka.start()
    const [ours, theirs] = await Promise.all([measure(broker.bootstrap[0] ?? ''), measure(kafka.bootstrap)])
    console.table({
      'odradek producer': row(ours[0]),
      'Kafka producer': row(theirs[0]),
      'odradek consumer': row(ours[1]),
      'Kafka consumer': row(theirs[1]),
    })
    process.exitCode = verdict(ours[0]) ? 0 : 1
  } finally {
    await broker.dispose()
    await kafka.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function alone(given: string | undefined): Promise<void> {
  const broker = given === undefined ? await BrokerProcess.start() : null
  try {
    const [produced, fetched] = await measure(given ?? broker?.bootstrap[0] ?? '')
    console.table({ producer: row(produced), consumer: row(fetched) })
    process.exitCode = verdict(produced) ? 0 : 1
  } finally {
    await broker?.dispose()
  }
}

/** `npm run bench:quotas [-- HOST:PORT|--kafka]`: how near clients come to their quotas, here, at another broker, or beside a real Kafka. */
const [given] = process.argv.slice(2)
await (given === '--kafka' ? besideKafka() : alone(given))
