import { setTimeout as wait } from 'node:timers/promises'
import { CreateTopics, OffsetCommit, OffsetFetch } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import { WireClient } from '../harness/wire-client.ts'
import { type Flood, loopFigures, measured, megabytes, ms } from './flood.ts'
import { RawPeer } from './raw-peer.ts'

const PEERS = Number(process.env['PEERS'] ?? 150)
const PARTITIONS = 5000
const COMMITS = 4
/** An answer of a small request is to have so many offsets, of 20 bytes each. */
const NAMED = 40
const FLOOD_MS = 15_000
const HEAP_MEGABYTES = 1000
/** Twice odradek.max.unsent.bytes, an answer that is being made, and the heap. */
const GROWN_BYTES_MAX = 1_200_000_000

/** Small requests whose answers are as large as they may be, and nobody reads them. */
export const answersFlood: Flood = {
  name: 'answers',
  row: '23',
  heapMegabytes: HEAP_MEGABYTES,
  async run(ground, tell) {
    const { port } = ground.broker
    const client = await WireClient.open(port)
    const names = Array.from({ length: COMMITS }, (_, index) => `wide-${index}`)
    for (const name of names) {
      const topic = { name, numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] }
      await client.call(CreateTopics, 4, { topics: [topic], timeoutMs: 60_000, validateOnly: false })
      const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
        ...{ partitionIndex, committedOffset: 1n, committedMetadata: null },
      }))
      await client.call(OffsetCommit, 7, { groupId: 'g', topics: [{ name, partitions }] })
    }
    client.close()
    const groups = Array.from({ length: NAMED }, () => ({ groupId: 'g', topics: null }))
    const frame = frameOf('flood', OffsetFetch, 8, { groups, requireStable: false })
    const peers: RawPeer[] = []
    const { before, watched, waits } = await measured(ground, async () => {
      while (peers.length < PEERS) peers.push(await RawPeer.open(port))
      for (const peer of peers) peer.socket.pause()
      for (const peer of peers) peer.socket.write(frame)
      await wait(FLOOD_MS)
    })
    const grown = watched.peakBytes - before.rssBytes
    for (const peer of peers) peer.socket.resume()
    await wait(1000)
    const closed = peers.filter((peer) => peer.isClosed).length
    const received = peers.reduce((sum, peer) => sum + peer.receivedBytes, 0)
    tell({
      what: `${PEERS} connections that ask for the offsets of a group ${NAMED} times in ${frame.length} bytes and read nothing`,
      figure: `${closed} closed after ${ms(FLOOD_MS)}, ${megabytes(received)} sent, memory grew by ${megabytes(grown)} (bound ${megabytes(GROWN_BYTES_MAX)}); ${loopFigures(watched, waits)}`,
      isWithin: grown <= GROWN_BYTES_MAX && !waits.isLost,
    })
    for (const peer of peers) peer.close()
  },
}
