import { CARDINALITY_KINDS, sendEach } from './cardinality-flood.ts'
import { RawPeer } from './raw-peer.ts'
import { type Watched, WatchedBroker } from './watched-broker.ts'

// What clients make by naming it, some of the million that `npm run floods -- cardinality` has of each.

const COUNT = 10_000
/** The first of each compile what they run through. */
const WARM_UP = 2000
const HELD_MS_MAX = 200
/** Of each that is not kept: what else the process does in the meantime is in it. */
const NOTHING_BYTES = 100

/** By how much the heap has grown with each of `COUNT`, and what was seen while they came. */
async function flooded(
  environment: Readonly<Record<string, string>>,
): Promise<readonly (readonly [what: string, eachBytes: number, watched: Watched])[]> {
  const broker = await WatchedBroker.start({
    environment: { ODRADEK_FLUSH: 'os', ...environment },
    flags: ['--topic', 'polite:1'],
  })
  try {
    const peer = await RawPeer.open(broker.port)
    for (const [, frameFor] of CARDINALITY_KINDS) await sendEach(peer, frameFor, WARM_UP)
    const seen: (readonly [string, number, Watched])[] = []
    let { heapBytes } = await broker.reset()
    for (const [what, frameFor] of CARDINALITY_KINDS) {
      await sendEach(peer, (index) => frameFor(WARM_UP + index), COUNT)
      const watched = await broker.reset()
      seen.push([what, (watched.heapBytes - heapBytes) / COUNT, watched])
      heapBytes = watched.heapBytes
    }
    expect(peer.isClosed).toBe(false)
    peer.close()
    return seen
  } finally {
    await broker.dispose()
  }
}

test('past the limits of each kind nothing is kept of those that come', async () => {
  const LIMIT = '100'
  const seen = await flooded({
    ODRADEK_MAX_GROUPS: LIMIT,
    ODRADEK_MAX_TRANSACTIONAL_IDS: LIMIT,
    ODRADEK_MAX_PRODUCER_IDS: LIMIT,
    KAFKA_MAX_INCREMENTAL_FETCH_SESSION_CACHE_SLOTS: LIMIT,
  })
  const tooMuch = seen.filter(([, eachBytes, { heldMs }]) => eachBytes > NOTHING_BYTES || heldMs > HELD_MS_MAX)
  expect(tooMuch).toEqual([])
})

test('below them each takes so much memory, and no more', async () => {
  const bytesMax: Readonly<Record<string, number>> = {
    'group ids': 1200,
    'transactional ids': 600,
    'producer ids': 600,
  }
  const seen = await flooded({})
  expect(seen.filter(([what, eachBytes]) => eachBytes > (bytesMax[what] ?? NOTHING_BYTES))).toEqual([])
})
