import { setTimeout as wait } from 'node:timers/promises'
import { CreateTopics, Fetch, IncrementalAlterConfigs, OffsetFetch } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import { WireClient } from '../harness/wire-client.ts'
import { type Flood, HELD_MS_MAX, loopFigures, measured, megabytes, ms } from './flood.ts'
import { RawPeer } from './raw-peer.ts'

const PEERS = Number(process.env['PEERS'] ?? 1000)
/** No more at a time than the kernel lets wait for accept. */
const OPENED_AT_ONCE = 100
const FLOOD_MS = 10_000
const PARTITIONS = 2000
/** What the broker's own objects may take; all that waits would take several times as much. */
const HEAP_MEGABYTES = 1000
/** With what else a process has. */
const GROWN_BYTES_MAX = 1_100_000_000

/**
 * Requests just too small to be read in turns, with as many rows as fit, whose answers are not there at once. A broker each:
 * what one leaves to be done would be in the way of the next.
 */
export const waitingFloods: readonly Flood[] = frames().map(([what, frame]) => ({
  name: 'waiting',
  row: '17',
  heapMegabytes: HEAP_MEGABYTES,
  async run(ground, tell) {
    const { port } = ground.broker
    const client = await WireClient.open(port)
    const wide = { name: 'wide', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] }
    await client.call(CreateTopics, 4, { topics: [wide], timeoutMs: 60_000, validateOnly: false })
    client.close()
    const peers: RawPeer[] = []
    const { before, watched, waits } = await measured(ground, async () => {
      while (peers.length < PEERS)
        peers.push(...(await Promise.all(Array.from({ length: OPENED_AT_ONCE }, () => RawPeer.open(port)))))
      for (const peer of peers) peer.socket.write(frame)
      await Promise.race([Promise.all(peers.map((peer) => peer.answersOrEnd(1))), wait(FLOOD_MS)])
    })
    const grown = watched.peakBytes - before.rssBytes
    const count = (is: (peer: RawPeer) => boolean) => peers.filter(is).length
    tell({
      what: `${PEERS} connections with ${what} in ${frame.length} bytes`,
      figure: `${count((peer) => peer.answered > 0)} answered and ${count((peer) => peer.isClosed)} closed after ${ms(FLOOD_MS)} at the most, memory grew by ${megabytes(grown)} (bound ${megabytes(GROWN_BYTES_MAX)}); ${loopFigures(watched, waits)}`,
      isWithin: grown <= GROWN_BYTES_MAX && watched.heldMs <= HELD_MS_MAX && !waits.isLost,
    })
    for (const peer of peers) peer.close()
  },
}))

function frames(): readonly (readonly [string, Uint8Array])[] {
  const topics = Array.from({ length: 6400 }, (_, index) => ({ name: `storm-${index}`, partitionIndexes: [0] }))
  const resources = Array.from({ length: 9000 }, (_, index) => ({
    ...{ resourceType: 2, resourceName: `storm-${index}`, configs: [] },
  }))
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
    ...{ partition, fetchOffset: 0n, partitionMaxBytes: 1_000_000 },
  }))
  const endless = { maxWaitMs: 2 ** 31 - 1, minBytes: 2 ** 31 - 1, maxBytes: 2 ** 31 - 1 }
  return [
    ['6,400 topics in OffsetFetch', frameOf('flood', OffsetFetch, 1, { groupId: 'g', topics })],
    [
      '9,000 resources in IncrementalAlterConfigs',
      frameOf('flood', IncrementalAlterConfigs, 1, { resources, validateOnly: true }),
    ],
    [
      `${PARTITIONS} partitions in a Fetch that never has enough`,
      frameOf('flood', Fetch, 4, { ...endless, topics: [{ topic: 'wide', partitions }] }),
    ],
  ]
}
