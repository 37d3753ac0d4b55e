import { producerId, timestamp } from '@odradek/core'
import { Fetch, InitProducerId, Metadata, OffsetCommit, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { frameOf } from '../bench/frame-of.ts'
import { type Flood, HELD_MS_MAX, loopFigures, measured, megabytes } from './flood.ts'
import { RawPeer } from './raw-peer.ts'

const COUNT = Number(process.env['COUNT'] ?? 1_000_000)
const AT_ONCE = 1000
/** What is left when the garbage has been collected. */
const MEMORY_BYTES_MAX = 300_000_000

/** A frame for each number, of a client that names something of its own in each. */
export const CARDINALITY_KINDS: readonly (readonly [what: string, frameFor: (index: number) => Uint8Array])[] = [
  ['client ids', (index) => frameOf(`client-${index}`, Metadata, 1, { topics: [] })],
  [
    'group ids',
    (index) => {
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
      return frameOf('many', OffsetCommit, 7, { groupId: `group-${index}`, topics: [{ name: 'polite', partitions }] })
    },
  ],
  [
    'transactional ids',
    (index) => frameOf('many', InitProducerId, 1, { transactionalId: `id-${index}`, transactionTimeoutMs: 10_000 }),
  ],
  [
    'producer ids',
    (index) => {
      const record = { timestamp: timestamp(1n), key: null, value: Buffer.from('v'), headers: [] }
      const records = buildBatch({
        records: [record],
        producerId: producerId(BigInt(index)),
        producerEpoch: 0,
        baseSequence: 0,
      })
      const topicData = [{ name: 'polite', partitionData: [{ index: 0, records }] }]
      return frameOf('many', Produce, 7, { transactionalId: null, acks: 1, timeoutMs: 10_000, topicData })
    },
  ],
  [
    'fetch sessions',
    () => {
      const topics = [{ topic: 'polite', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 }] }]
      return frameOf('many', Fetch, 7, { maxWaitMs: 0, minBytes: 0, maxBytes: 1, sessionEpoch: 0, topics })
    },
  ],
]

/** Sends the frames of the numbers below `count`, many at a time, and waits for the answers. */
export async function sendEach(peer: RawPeer, frameFor: (index: number) => Uint8Array, count: number): Promise<void> {
  for (let first = 0; first < count && !peer.isClosed; first += AT_ONCE) {
    const frames = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => frameFor(first + index))
    const answered = peer.answered + frames.length
    peer.socket.write(Buffer.concat(frames))
    await peer.answersOrEnd(answered)
  }
}

/** A million of everything that a client makes by naming it. */
export const cardinalityFlood: Flood = {
  name: 'cardinality',
  row: '26',
  settings: { 'odradek.flush': 'os' },
  async run(ground, tell) {
    const peer = await RawPeer.open(ground.broker.port)
    const begin = await ground.broker.reset()
    for (const [what, frameFor] of CARDINALITY_KINDS) {
      const { watched, waits, elapsedMs } = await measured(ground, () => sendEach(peer, frameFor, COUNT))
      const grown = watched.rssBytes - begin.rssBytes
      tell({
        what: `${COUNT} ${what}`,
        figure: `${(COUNT / (elapsedMs / 1000)).toFixed(0)} a second, memory grew by ${megabytes(grown)} in all (bound ${megabytes(MEMORY_BYTES_MAX)}), with garbage by ${megabytes(watched.peakBytes - begin.rssBytes)} at the most; ${loopFigures(watched, waits)}`,
        isWithin: grown <= MEMORY_BYTES_MAX && watched.heldMs <= HELD_MS_MAX && !peer.isClosed && !waits.isLost,
      })
    }
    peer.close()
  },
}
