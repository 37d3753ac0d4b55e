import { setTimeout as pause } from 'node:timers/promises'
import { OffsetCommit } from '@odradek/protocol'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { ask } from './ask.ts'
import { frameOf } from './frame-of.ts'
import { API_VERSIONS_FRAME, createTopicFrame } from './requests.ts'

// `npm run bench:scrape`: how long clients wait while the metrics of very many partitions are written.

const TOPICS = 10
const PARTITIONS = 1000
const GROUPS = 10
const SCRAPES = Number(process.env['BENCH_SCRAPES'] ?? 10)
const ASKED_EVERY_MS = 5
const IDLE_MS = 2000
/** What the loop may be held for at most, a hundred thousand names in a request included. */
const HELD_MS_MAX = 200
/** By prom-client from perf_hooks' monitorEventLoopDelay, whose largest value since the scrape before it is. */
const LOOP_DELAY_MAX = /^nodejs_eventloop_lag_max_seconds (\S+)$/m

interface Address {
  readonly host: string
  readonly port: number
}

const topicName = (index: number) => `scrape-${index}`

async function fill(address: Address): Promise<void> {
  for (let index = 0; index < TOPICS; index++) await ask(address, createTopicFrame(topicName(index), PARTITIONS))
  for (let index = 0; index < GROUPS; index++) {
    const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
      ...{ partitionIndex, committedOffset: 0n, committedLeaderEpoch: -1, committedMetadata: '' },
    }))
    const topics = [{ name: topicName(index), partitions }]
    const request = { groupId: `group-${index}`, generationIdOrMemberEpoch: -1, memberId: '', topics }
    await ask(address, frameOf('bench', OffsetCommit, 7, request))
  }
}

/** Asks again and again until told to stop; the times that answers took. */
function watch(address: Address): () => Promise<readonly number[]> {
  const times: number[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const begunMs = performance.now()
      await ask(address, API_VERSIONS_FRAME)
      times.push(performance.now() - begunMs)
      await pause(ASKED_EVERY_MS)
    }
  })()
  return async () => {
    isOver = true
    await asking
    return times
  }
}

async function main(): Promise<void> {
  const httpPort = await freePorts(1)
  const broker = await BrokerProcess.start({ flags: ['--http-port', String(httpPort), '--ephemeral'] })
  const [host = '', port = ''] = (broker.bootstrap[0] ?? '').split(/:(?=\d+$)/)
  const address = { host, port: Number(port) }
  const rows = []
  try {
    await fill(address)
    const scrape = async () => Buffer.from(await (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).arrayBuffer())
    await scrape()
    const stopIdle = watch(address)
    await pause(IDLE_MS)
    const idleMs = Math.round(Math.max(...(await stopIdle())))
    console.log(`while nobody scrapes, others wait for at most ${idleMs} ms`)
    for (let number = 0; number < SCRAPES; number++) {
      const stop = watch(address)
      const begunMs = performance.now()
      const text = await scrape()
      const scrapeMs = performance.now() - begunMs
      const times = await stop()
      const heldMs = Number(LOOP_DELAY_MAX.exec(String(await scrape()))?.[1]) * 1000
      rows.push({
        'scrape ms': Math.round(scrapeMs),
        MB: Number((text.length / 1e6).toFixed(1)),
        'loop held ms, at most': Math.round(heldMs),
        'others wait ms, at most': Math.round(Math.max(...times)),
        'others, mean': Math.round(times.reduce((sum, time) => sum + time, 0) / times.length),
      })
    }
  } finally {
    await broker.dispose()
  }
  console.table(rows)
  const heldMs = Math.max(...rows.map((row) => row['loop held ms, at most']))
  console.log(
    `${TOPICS * PARTITIONS} partitions: the loop was held for at most ${heldMs} ms; the bound is ${HELD_MS_MAX} ms`,
  )
  process.exitCode = heldMs <= HELD_MS_MAX ? 0 : 1
}

void main()
