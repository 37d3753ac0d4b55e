import { connect, type Socket } from 'node:net'
import { offset } from '@odradek/core'
import { AlterClientQuotas } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { ask } from './ask.ts'
import { frameOf } from './frame-of.ts'
import { batchOf, createTopicFrame, fetchFrame, produceFrame } from './requests.ts'

const LIMIT_BYTES = 1_000_000
const REQUEST_BYTES = 100_000
/**
 * Kafka's default window: eleven samples of a second. What a client may send in it, it sends at its begin, if it can: an
 * idle client's first window has 9 % more than the limit, and ten seconds that begin with one have 10 %. Kafka's own
 * broker gives the very same figures.
 */
const WINDOW_SECONDS = 11
/** How far a producer may be off in each window after the first. */
const OFF_MAX = 0.05
const WINDOWS = Number(process.env['BENCH_WINDOWS'] ?? 6)
const TOPIC = `quotas-${process.pid}`

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

/** Sends the same request as fast as it is answered; what each second brought, counted by `bytesOf` an answer. */
async function secondsOf(address: Address, frame: Uint8Array, bytesOf: (answerBytes: number) => number) {
  const socket: Socket = connect({ ...address, noDelay: true })
  const seconds = Array.from({ length: WINDOWS * WINDOW_SECONDS }, () => 0)
  const begunMs = performance.now()
  let pending = Buffer.alloc(0)
  await new Promise<void>((done, failed) => {
    socket.once('error', failed)
    socket.on('connect', () => socket.write(frame))
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      if (pending.length < 4 || pending.length < pending.readInt32BE(0) + 4) return
      const second = Math.floor((performance.now() - begunMs) / 1000)
      if (second >= seconds.length) {
        done()
        return
      }
      seconds[second] = (seconds[second] ?? 0) + bytesOf(pending.length)
      pending = Buffer.alloc(0)
      socket.write(frame)
    })
  })
  socket.destroy()
  return seconds
}

/** MB/s in each stretch of so many seconds, one after the other. */
function ratesIn(seconds: readonly number[], length: number): readonly number[] {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return Array.from(
    { length: Math.floor(seconds.length / length) },
    (_, index) => sum(seconds.slice(index * length, (index + 1) * length)) / length / 1e6,
  )
}

function row(name: string, seconds: readonly number[]): Record<string, string | number> {
  const text = (rates: readonly number[]) => rates.map((rate) => rate.toFixed(2)).join(' ')
  return {
    limit: `${name} 1 MB/s`,
    'MB/s in each 11 s': text(ratesIn(seconds, WINDOW_SECONDS)),
    'in each 10 s': text(ratesIn(seconds, 10)),
    'mean MB/s': Number(ratesIn(seconds, seconds.length)[0]?.toFixed(3)),
  }
}

/** `npm run bench:quotas [HOST:PORT]`: how near clients come to their quotas, here or at another broker. */
async function main(): Promise<void> {
  const [given] = process.argv.slice(2)
  const broker = given === undefined ? await BrokerProcess.start() : null
  const [host = '', port = ''] = (given ?? broker?.bootstrap[0] ?? '').split(/:(?=\d+$)/)
  const address = { host, port: Number(port) }
  try {
    await ask(address, createTopicFrame(TOPIC, 1))
    const produce = produceFrame(TOPIC, 0, batchOf(REQUEST_BYTES), 1)
    await ask(address, produce)
    await limit(address, 'producer_byte_rate')
    await limit(address, 'consumer_byte_rate')
    const fetch = fetchFrame(TOPIC, 0, offset(0), REQUEST_BYTES)
    const [produced, fetched] = await Promise.all([
      secondsOf(address, produce, () => produce.length),
      secondsOf(address, fetch, (bytes) => bytes),
    ])
    console.table([row('producer', produced), row('consumer', fetched)])
    const limitRate = LIMIT_BYTES / 1e6
    const rates = ratesIn(produced, WINDOW_SECONDS).slice(1)
    const off = Math.max(...rates.map((rate) => Math.abs(rate - limitRate) / limitRate))
    console.log(`after its first window the producer was off by ${(off * 100).toFixed(1)} % at most`)
    process.exitCode = off <= OFF_MAX ? 0 : 1
  } finally {
    await broker?.dispose()
  }
}

void main()
