import { loadavg } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { timestamp } from '@odradek/core'
import { CreateTopics, Fetch, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { frameOf } from '../bench/frame-of.ts'
import { WireClient } from '../harness/wire-client.ts'
import {
  type Flood,
  HELD_MS_MAX,
  isQuiet,
  loopFigures,
  type Measured,
  measured,
  megabytes,
  type Outcome,
} from './flood.ts'
import { Waits } from './polite-client.ts'
import { RawPeer } from './raw-peer.ts'

const READERS = 200
const SLOW_MS = 10_000
/** How long others are watched without them, before each round and after the last. */
const CONTROL_MS = 5000
/** So that neither a quiet moment nor a busy one decides. */
const ROUNDS = 3
/** What closing them takes is part of the round, and not of what others wait without them. */
const CLOSING_MS = 500
const BATCH_BYTES = 900_000
const BATCHES = 56
const FETCH_BYTES = 50_000_000
const FETCHES_EACH = 10
/** Twice odradek.max.unsent.bytes, and what else it takes to serve so many. */
const READ_BYTES_MAX = 600_000_000
const WORSE_MAX = 2

/** 200 consumers ask for 50 MB each and read nothing of it. */
export const slowReaderFlood: Flood = {
  name: 'slow-readers',
  row: '23',
  async run(ground, tell) {
    const { port } = ground.broker
    await fill(port)
    const wasQuiet = isQuiet()
    const controls: Waits[] = []
    const rounds: Measured[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      controls.push((await measured(ground, () => wait(CONTROL_MS))).waits)
      const peers = await openAll(port)
      const slow = await measured(ground, () => readNothing(peers))
      rounds.push(slow)
      // What was kept of the memory of an earlier round counts too.
      const grown = slow.watched.peakBytes - (rounds[0]?.before.rssBytes ?? 0)
      tell({
        what: `${READERS} connections that ask ten times for 50 MB and read nothing, round ${round}`,
        figure: `memory grew by ${megabytes(grown)} (bound ${megabytes(READ_BYTES_MAX)}); ${loopFigures(slow.watched, slow.waits)}`,
        isWithin: grown <= READ_BYTES_MAX && slow.watched.heldMs <= HELD_MS_MAX && !slow.waits.isLost,
      })
    }
    controls.push((await measured(ground, () => wait(CONTROL_MS))).waits)
    tell(othersBeside(rounds, Waits.together(controls), wasQuiet))
  },
}

/** Twice what they wait without slow readers; told beside it, for how long the broker's thread had no processor. */
function othersBeside(rounds: readonly Measured[], control: Waits, wasQuiet: boolean): Outcome {
  const beside = Waits.together(rounds.map(({ waits }) => waits))
  const queuedMs = Math.max(...rounds.map(({ watched }) => watched.queuedP99Ms))
  const bound = WORSE_MAX * control.p99Ms
  return {
    what: `others beside them, ${beside.count} waits`,
    figure: `p99 ${beside.p99Ms.toFixed(1)} ms (bound ${bound.toFixed(1)} ms), p98 ${beside.at(0.98).toFixed(1)} ms, median ${beside.at(0.5).toFixed(1)} ms; without them, ${control.count} waits: p99 ${control.p99Ms.toFixed(1)} ms; its thread waited for a processor for ${queuedMs.toFixed(1)} ms (p99); load ${loadavg()[0]?.toFixed(1)}`,
    isWithin: wasQuiet && isQuiet() ? beside.p99Ms <= bound : null,
  }
}

/** A topic with as much as they ask for. */
async function fill(port: number): Promise<void> {
  const client = await WireClient.open(port)
  const topics = [{ name: 'large', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await client.call(CreateTopics, 4, { topics, timeoutMs: 10_000, validateOnly: false })
  const records = buildBatch({
    records: [
      { timestamp: timestamp(BigInt(Date.now())), key: null, value: Buffer.alloc(BATCH_BYTES, 7), headers: [] },
    ],
  })
  for (let count = 0; count < BATCHES; count++) {
    const topicData = [{ name: 'large', partitionData: [{ index: 0, records }] }]
    await client.call(Produce, 9, { transactionalId: null, acks: 1, timeoutMs: 10_000, topicData })
  }
  client.close()
}

async function openAll(port: number): Promise<readonly RawPeer[]> {
  const peers: RawPeer[] = []
  while (peers.length < READERS) {
    const peer = await RawPeer.open(port)
    peer.socket.pause()
    peers.push(peer)
  }
  return peers
}

async function readNothing(peers: readonly RawPeer[]): Promise<void> {
  const fetch = frameOf('slow', Fetch, 4, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic: 'large', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: FETCH_BYTES }] }],
  })
  const fetches = Buffer.concat(Array.from({ length: FETCHES_EACH }, () => fetch))
  for (const peer of peers) peer.socket.write(fetches)
  await wait(SLOW_MS)
  for (const peer of peers) peer.close()
  await wait(CLOSING_MS)
}
