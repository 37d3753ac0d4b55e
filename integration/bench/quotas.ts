import { connect, type Socket } from 'node:net'
import { offset } from '@odradek/core'
import { AlterClientQuotas } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { ask } from './ask.ts'
import { frameOf } from './frame-of.ts'
import { batchOf, createTopicFrame, fetchFrame, produceFrame } from './requests.ts'

const LIMIT_BYTES = 1_000_000
const REQUEST_BYTES = 100_000
/** Kafka's default window, in which a client that was idle may use it all at once: shorter times say little. */
const WINDOW_MS = 11_000
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

/** Sends the same request as fast as it is answered; what each window brought, counted by `bytesOf` an answer. */
async function windowsOf(address: Address, frame: Uint8Array, bytesOf: (answerBytes: number) => number) {
  const socket: Socket = connect({ ...address, noDelay: true })
  const sums = Array.from({ length: WINDOWS }, () => 0)
  const begunMs = performance.now()
  let pending = Buffer.alloc(0)
  await new Promise<void>((done, failed) => {
    socket.once('error', failed)
    socket.on('connect', () => socket.write(frame))
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      if (pending.length < 4 || pending.length < pending.readInt32BE(0) + 4) return
      const index = Math.floor((performance.now() - begunMs) / WINDOW_MS)
      if (index >= WINDOWS) {
        done()
        return
      }
      sums[index] = (sums[index] ?? 0) + bytesOf(pending.length)
      pending = Buffer.alloc(0)
      socket.write(frame)
    })
  })
  socket.destroy()
  return sums
}

function row(name: string, sums: readonly number[]): Record<string, string | number> {
  const perSecond = sums.map((sum) => sum / (WINDOW_MS / 1000) / 1e6)
  const mean = perSecond.reduce((sum, value) => sum + value, 0) / sums.length
  return {
    limit: `${name} 1 MB/s`,
    'MB/s in each 11 s': perSecond.map((value) => value.toFixed(2)).join(' '),
    'mean MB/s': Number(mean.toFixed(3)),
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
      windowsOf(address, produce, () => produce.length),
      windowsOf(address, fetch, (bytes) => bytes),
    ])
    console.table([row('producer', produced), row('consumer', fetched)])
  } finally {
    await broker?.dispose()
  }
}

void main()
