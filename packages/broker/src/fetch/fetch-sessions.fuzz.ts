import { SeededPrng } from '@odradek/core'
import { ErrorCode, Fetch, type FetchRequestInput, Produce } from '@odradek/protocol'
import { readBatchHeader } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

const { SEED, FUZZ_MS = '1000' } = process.env

const PARTITIONS = 6
const STEPS = 60

/**
 * A consumer that reads through an incremental session while records come and go: it has to end up knowing of every
 * partition in its session what a full fetch would tell, and to be given every record once. `SEED=n` repeats one run.
 */
test('who reads through a session misses nothing', async () => {
  if (SEED !== undefined) {
    await live(Number(SEED))
    return
  }
  const firstSeed = Date.now() % 1_000_000_000
  const end = performance.now() + Number(FUZZ_MS)
  let seed = firstSeed
  for (; performance.now() < end; seed++) await live(seed)
  console.log(`fetch sessions: ${seed - firstSeed} lives of a session from seed ${firstSeed}`)
})

/** What the client knows of a partition. */
interface Known {
  offset: number
  highWatermark: number
  logStartOffset: number
}

class SessionClient {
  readonly known = new Map<number, Known>()
  private readonly fixture: DataFixture
  private readonly client: Harness
  private sessionId = 0
  private epoch = 0

  constructor(fixture: DataFixture) {
    this.fixture = fixture
    this.client = fixture.client()
  }

  /** Fetches until nothing new comes; `maxBytes` may leave room for one batch only. */
  async poll(wanted: readonly number[], forgotten: readonly number[], maxBytes: number): Promise<void> {
    for (const partition of wanted) {
      if (!this.known.has(partition)) this.known.set(partition, { offset: 0, highWatermark: -1, logStartOffset: -1 })
    }
    for (const partition of forgotten) this.known.delete(partition)
    let moved = this.epoch === 0 ? [...this.known.keys()] : wanted
    let dropped = forgotten
    for (;;) {
      const changed = await this.fetch(moved, dropped, maxBytes)
      if (changed.length === 0) return
      moved = changed
      dropped = []
    }
  }

  private async fetch(moved: readonly number[], forgotten: readonly number[], maxBytes: number): Promise<number[]> {
    const answer = await this.fixture.settle(this.client.send(Fetch, 12, this.request(moved, forgotten, maxBytes)))
    if (answer === null || answer.errorCode !== ErrorCode.NONE) throw new Error(`answered ${answer?.errorCode}`)
    this.sessionId = answer.sessionId
    this.epoch = answer.sessionId === 0 ? 0 : this.epoch + 1
    const rows = answer.responses.flatMap((topic) => topic.partitions)
    return rows.flatMap((row) => {
      const known = this.known.get(row.partitionIndex)
      if (known === undefined) throw new Error(`partition ${row.partitionIndex} is not wanted`)
      if (row.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
        const { log } = this.fixture.partitions.find(this.fixture.cluster.topic('t')!, row.partitionIndex)!
        known.offset = log.startOffset
        return [row.partitionIndex]
      }
      if (row.errorCode !== ErrorCode.NONE) throw new Error(`partition ${row.partitionIndex}: ${row.errorCode}`)
      known.highWatermark = Number(row.highWatermark)
      known.logStartOffset = Number(row.logStartOffset)
      return this.read(known, row.records ?? new Uint8Array(0)) ? [row.partitionIndex] : []
    })
  }

  private request(moved: readonly number[], forgotten: readonly number[], maxBytes: number): FetchRequestInput {
    const partitions = moved.flatMap((partition) => {
      const known = this.known.get(partition)
      return known === undefined ? [] : [{ partition, fetchOffset: BigInt(known.offset), partitionMaxBytes: 100_000 }]
    })
    return {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes,
      sessionId: this.sessionId,
      sessionEpoch: this.epoch,
      topics: partitions.length === 0 ? [] : [{ topic: 't', partitions }],
      forgottenTopicsData: forgotten.length === 0 ? [] : [{ topic: 't', partitions: [...forgotten] }],
    }
  }

  /** Whether the position has moved. */
  private read(known: Known, records: Uint8Array): boolean {
    const before = known.offset
    for (let at = 0; at < records.length; ) {
      const header = readBatchHeader(records, at)
      if (header.baseOffset > known.offset) throw new Error(`offset ${known.offset} was skipped`)
      known.offset = header.baseOffset + header.lastOffsetDelta + 1
      at += header.sizeBytes
    }
    return known.offset !== before
  }
}

async function live(seed: number): Promise<void> {
  const prng = new SeededPrng(seed)
  const fixture = new DataFixture()
  const topic = await fixture.createTopic('t', { partitions: PARTITIONS })
  const consumer = new SessionClient(fixture)
  const producer = fixture.client()
  const some = () => Array.from({ length: PARTITIONS }, (_, index) => index).filter(() => prng.below(4) === 0)
  try {
    await consumer.poll([0], [], 100_000)
    for (let step = 0; step < STEPS; step++) {
      const index = prng.below(PARTITIONS)
      const { log } = fixture.partitions.find(topic, index)!
      const act = prng.below(4)
      if (act < 2) await fixture.settle(producer.send(Produce, 9, produceRequest('t', batchOf(['a', 'b']), { index })))
      else if (act === 2) await log.deleteRecordsBefore(prng.below(log.highWatermark + 1) as never)
      else
        await consumer.poll(
          some(),
          some().filter((one) => one !== 0),
          prng.below(2) === 0 ? 1 : 100_000,
        )
    }
    await consumer.poll([0], [], 1)
    for (const [partition, known] of consumer.known) {
      const { log } = fixture.partitions.find(topic, partition)!
      const { highWatermark, startOffset: logStartOffset } = log
      expect({ partition, ...known }).toEqual({ partition, offset: highWatermark, highWatermark, logStartOffset })
    }
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
