import { ErrorCode, ListTransactions, Metadata, Produce } from '@odradek/protocol'
import { ConnectionLost, WireClient } from '../harness/wire-client.ts'
import { bombs } from './bombs.ts'
import { type Flood, HELD_MS_MAX, loopFigures, measured, megabytes, ms } from './flood.ts'
import { RawPeer } from './raw-peer.ts'

const DECOMPRESSED_BYTES_MAX = 16_000_000

/** Topics that make the broker open a batch: another codec, or compaction. */
export const bombFlood: Flood = {
  name: 'bombs',
  row: '22',
  settings: {
    'odradek.record.validation': 'full',
    'odradek.max.decompressed.message.bytes': String(DECOMPRESSED_BYTES_MAX),
  },
  async run(ground, tell) {
    const client = await WireClient.open(ground.broker.port)
    for (const { name, batch } of bombs()) {
      const topicData = [{ name: 'polite', partitionData: [{ index: 0, records: batch }] }]
      let code = -2
      const { before, watched, waits, elapsedMs } = await measured(ground, async () => {
        const answer = await client.call(Produce, 9, { transactionalId: null, acks: 1, timeoutMs: 10_000, topicData })
        code = answer.responses[0]?.partitionResponses[0]?.errorCode ?? code
      })
      const grown = watched.peakBytes - before.rssBytes
      tell({
        what: name,
        figure: `code ${code} after ${ms(elapsedMs)}, memory grew by ${megabytes(grown)} (bound 2 x ${megabytes(DECOMPRESSED_BYTES_MAX)}); ${loopFigures(watched, waits)}`,
        isWithin:
          code === ErrorCode.INVALID_RECORD && grown <= 2 * DECOMPRESSED_BYTES_MAX && watched.heldMs <= HELD_MS_MAX,
      })
    }
    client.close()
  },
}

/** The frame as it comes, in a buffer that has grown twofold, and its copy. */
const NESTED_BYTES_MAX = 400_000_000

/** Counts and lengths that are not there, and very many small things that are. */
export const elementFlood: Flood = {
  name: 'elements',
  row: '21',
  async run(ground, tell) {
    for (const [what, frame] of elementFrames()) {
      const peer = await RawPeer.open(ground.broker.port)
      const { before, watched, waits, elapsedMs } = await measured(ground, async () => {
        peer.socket.write(frame)
        await peer.answersOrEnd(1)
      })
      const grown = watched.peakBytes - before.rssBytes
      tell({
        what,
        figure: `${peer.isClosed ? 'closed' : 'answered'} after ${ms(elapsedMs)}, memory grew by ${megabytes(grown)}; ${loopFigures(watched, waits)}`,
        isWithin: peer.isClosed && grown <= NESTED_BYTES_MAX && watched.heldMs <= HELD_MS_MAX,
      })
      peer.close()
    }
  },
}

function elementFrames(): readonly (readonly [string, Buffer])[] {
  const sized = (...parts: readonly Buffer[]) => {
    const body = Buffer.concat(parts)
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    return Buffer.concat([size, body])
  }
  const metadata = Buffer.from('00030000000000010000', 'hex')
  const flexible = Buffer.from('0003000c00000001000000', 'hex')
  return [
    ['an array of 2^31-1 elements in 14 bytes', sized(metadata, Buffer.from('7fffffff', 'hex'))],
    [
      '100,000,000 elements of two bytes in a frame of 100 MB',
      sized(metadata, Buffer.from('02faf080', 'hex'), Buffer.alloc(100_000_000)),
    ],
    [
      '100 MB of tagged fields',
      sized(flexible, Buffer.from('010000', 'hex'), Buffer.from('ffffff7f', 'hex'), Buffer.alloc(100_000_000, 1)),
    ],
  ]
}

const PATTERN_MS_MAX = 1000

/** Patterns from the wire on names that are made for them. */
export const patternFlood: Flood = {
  name: 'patterns',
  row: '28',
  async run(ground, tell) {
    const { InitProducerId } = await import('@odradek/protocol')
    const client = await WireClient.open(ground.broker.port)
    const name = `${'a'.repeat(200)}!`
    await client.call(InitProducerId, 1, { transactionalId: name, transactionTimeoutMs: 10_000 })
    for (const pattern of [
      '(a+)+$',
      '(a|aa)+$',
      '(a*)*b',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '(a?){50}'.repeat(20),
      '(a?){1000}'.repeat(100),
    ]) {
      let outcome = ''
      const { watched, waits, elapsedMs } = await measured(ground, async () => {
        const request = {
          stateFilters: [],
          producerIdFilters: [],
          durationFilter: -1n,
          transactionalIdPattern: pattern,
        }
        const answer = await client.call(ListTransactions, 2, request)
        outcome = `code ${answer.errorCode}, ${answer.transactionStates.length} found`
      })
      tell({
        what: `ListTransactions with ${pattern.slice(0, 40)}`,
        figure: `${outcome} after ${ms(elapsedMs)} (bound ${ms(PATTERN_MS_MAX)}); ${loopFigures(watched, waits)}`,
        isWithin: elapsedMs <= PATTERN_MS_MAX && watched.heldMs <= HELD_MS_MAX,
      })
    }
    client.close()
  },
}

const STORM_NAMES = 100_000

/** Names that a client only mentions, and that would all become topics. */
export const autoCreateFlood: Flood = {
  name: 'auto-create',
  row: '27',
  async run(ground, tell) {
    const client = await WireClient.open(ground.broker.port)
    const topics = Array.from({ length: STORM_NAMES }, (_, index) => ({ name: `made-${index}` }))
    let codes = ''
    const { watched, waits, elapsedMs } = await measured(ground, async () => {
      try {
        const answer = await client.call(Metadata, 9, { topics, allowAutoTopicCreation: true })
        const counts = new Map<number, number>()
        for (const { errorCode } of answer.topics) counts.set(errorCode, (counts.get(errorCode) ?? 0) + 1)
        codes = [...counts].map(([code, count]) => `${count} x ${code}`).join(', ')
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error
        codes = 'closed'
      }
    })
    tell({
      what: `${STORM_NAMES} names in one Metadata that creates topics`,
      figure: `${codes} after ${ms(elapsedMs)}; ${loopFigures(watched, waits)}`,
      isWithin: codes !== 'closed' && watched.heldMs <= HELD_MS_MAX && !waits.isLost,
    })
    client.close()
  },
}
