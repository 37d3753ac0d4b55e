import { assert, present } from '@odradek/core'
import { DescribeTransactions } from '@odradek/protocol'
import type { FuzzTransaction } from './fuzz-ledger-fixture.ts'
import type { FuzzReader } from './fuzz-reader-fixture.ts'
import { type FuzzWorld, TOPICS } from './fuzz-world-fixture.ts'

/** More than any transaction may take, and the time until somebody looks. */
const TIME_MS = 80_000
const STEP_MS = 2000
const READS_MAX = 300
const FETCH_BYTES = 10_000

/** Lets time alone pass until all transactions must be over, and looks at what has become of them. */
export async function checkOutcome(world: FuzzWorld, transactionalIds: readonly string[]): Promise<void> {
  world.isQuiet = true
  world.crashAt = null
  world.failsNextAppend = false
  for (const name of [...Object.keys(TOPICS), '__transaction_state', '__consumer_offsets']) await world.move(name, 1)
  for (let ms = 0; ms < TIME_MS; ms += STEP_MS) await world.advance(STEP_MS)
  await checkResolved(world, transactionalIds)
  await checkReaders(world)
  checkMarkers(world)
  await checkOffsets(world, transactionalIds)
  // What was in memory only must not have made the difference.
  await world.crash()
  world.readers = []
  for (const name of Object.keys(TOPICS)) world.addReaders(name)
  await checkReaders(world)
  await checkOffsets(world, transactionalIds)
}

async function checkResolved(world: FuzzWorld, transactionalIds: readonly string[]): Promise<void> {
  for (const id of transactionalIds) {
    const node = world.fixture.transactions.coordinatorOf(id) ?? 1
    const request = { transactionalIds: [id] }
    const answer = await world.fixture.settle(world.fixture.client(node).send(DescribeTransactions, 0, request))
    const { errorCode, transactionState: state } = present(answer?.transactionStates[0], 'a row')
    const isOver = errorCode !== 0 || ['Empty', 'CompleteCommit', 'CompleteAbort'].includes(state)
    assert(isOver, `transactional id ${id} is ${state}`)
  }
  for (const { topic, index } of partitionsOf(world)) {
    const { highWatermark, lastStableOffset, endOffset } = world.logOf(topic, index)
    const isStable = lastStableOffset === endOffset && highWatermark === endOffset
    assert(isStable, `${topic.name}-${index}: stable to ${lastStableOffset}, high watermark ${highWatermark}`)
  }
}

function partitionsOf(world: FuzzWorld) {
  return Object.keys(TOPICS).flatMap((name) => {
    const topic = world.topic(name)
    return topic.partitions.map(({ index }) => ({ topic, index }))
  })
}

async function checkReaders(world: FuzzWorld): Promise<void> {
  const readers = partitionsOf(world).flatMap(({ topic, index }) => {
    const { endOffset } = world.logOf(topic, index)
    const place = world.placeOf(topic, index)
    return world.readers.filter((reader) => reader.place === place).map((reader) => ({ reader, endOffset }))
  })
  for (let reads = 0; readers.some(({ reader, endOffset }) => reader.position < endOffset); reads++) {
    assert(reads < READS_MAX, 'a reader gets no further')
    for (const { reader } of readers) reader.step(FETCH_BYTES)
    await world.turn()
  }
  for (const { reader } of readers) checkReader(world, reader)
  const committed = readers.map(({ reader }) => reader).filter(({ isCommitted }) => isCommitted)
  for (const transaction of world.ledger.transactions) isVisible(committed, transaction)
}

function checkReader(world: FuzzWorld, reader: FuzzReader): void {
  const journal = present(world.journals.get(reader.place), 'a journal')
  const written = new Set<string>()
  for (const { values, baseOffset } of journal.entries) {
    for (const [at, value] of values.entries()) {
      assert(!written.has(value), `${reader.place}: ${value} is in the log twice`)
      written.add(value)
      const isRead = reader.delivered.get(value) === baseOffset + at
      const isExpected = !reader.isCommitted || world.ledger.of(value).outcome === 'committed'
      const isThere = isRead || !isExpected || !reader.mustHave(baseOffset + at)
      assert(isThere, `${reader.place}: ${value} at ${baseOffset + at} is lost`)
    }
  }
  for (const { records } of world.ledger.transactions) {
    for (const { value, place } of records)
      assert(place !== reader.place || written.has(value), `${place}: ${value} was acknowledged, and is in no log`)
  }
}

/** Whether the transaction is committed, as its records say; null where none of them can still be read. */
function isVisible(readers: readonly FuzzReader[], { name, records }: FuzzTransaction): boolean | null {
  const seen = new Set<boolean>()
  for (const { value, place, offset } of records) {
    const reader = readers.find((other) => other.place === place)
    if (reader?.mustHave(offset)) seen.add(reader.delivered.has(value))
  }
  assert(seen.size < 2, `${name} is committed here and aborted there`)
  return [...seen][0] ?? null
}

/** Every end that the coordinator has decided is in each partition of its transaction. */
function checkMarkers(world: FuzzWorld): void {
  const producerIds = new Set(world.ends.map(({ producerId }) => producerId))
  for (const { topic, index } of partitionsOf(world)) {
    // Markers of a topic that was made again are in the one before, or in none.
    if (world.isRemade(topic.name)) continue
    for (const producerId of producerIds) {
      const decided = world.ends
        .filter((end) => end.producerId === producerId && end.partitions.has(`${topic.name}-${index}`))
        .map(({ committed }) => committed)
      const written = world.journalOf(topic, index).markersOf(producerId)
      const what = `${topic.name}-${index}: ends ${decided} of producer ${producerId} have markers ${written}`
      // Who does not know whether a marker was written writes it again.
      assert(world.isCalm ? `${decided}` === `${written}` : isRepeated(decided, written), what)
    }
  }
}

/** Whether `written` is `decided` with some of its elements repeated in their place. */
function isRepeated(decided: readonly boolean[], written: readonly boolean[]): boolean {
  const a = runsOf(decided)
  const b = runsOf(written)
  return a.length === b.length && a.every(({ value, count }, at) => b[at]?.value === value && b[at].count >= count)
}

function runsOf(values: readonly boolean[]): { value: boolean; count: number }[] {
  const runs: { value: boolean; count: number }[] = []
  for (const value of values) {
    const last = runs.at(-1)
    if (last?.value === value) last.count++
    else runs.push({ value, count: 1 })
  }
  return runs
}

async function checkOffsets(world: FuzzWorld, transactionalIds: readonly string[]): Promise<void> {
  const readers = world.readers.filter(({ isCommitted }) => isCommitted)
  for (const id of transactionalIds) {
    const groupId = `group of ${id}`
    let offset: number | null = null
    world.askOffset(groupId, (value) => {
      offset = value
    })
    for (let turn = 0; turn < 100 && offset === null; turn++) await world.turn()
    assert(offset !== null, `the offset of ${groupId} stays unknown`)
    world.ledger.checkOffset(groupId, offset, (transaction) => {
      if (transaction.mustBeAborted) return false
      return transaction.outcome === 'committed' ? true : isVisible(readers, transaction)
    })
  }
}
