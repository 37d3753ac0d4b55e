import { ManualClock, SeededPrng } from '@odradek/core'
import {
  ErrorCode,
  Fetch,
  type FetchRequest,
  type FetchRequestInput,
  type FetchResponse,
  Produce,
} from '@odradek/protocol'
import { Reader, Writer } from '@odradek/protocol/wire'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, type FetchOptions, fetchRequest, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'
import { followingEpoch } from './fetch-session.ts'
import { FetchSessions } from './fetch-sessions.ts'
import { failedRow } from './fetched-row.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 4 })
})

async function produce(index: number, name = 't') {
  await fixture.settle(client.send(Produce, 9, produceRequest(name, batchOf(['a']), { index })))
}

async function send(request: FetchRequestInput, version = 12): Promise<FetchResponse> {
  return (await fixture.settle(client.send(Fetch, version, request)))!
}

/** A full fetch that opens a session, by name or by topic id. */
async function open(options: FetchOptions = { partitions: [0, 1, 2, 3] }, version = 12): Promise<number> {
  const topicId = version >= 13 ? fixture.cluster.topic('t')!.id : undefined
  const request = fetchRequest('t', {
    ...options,
    sessionId: 0,
    sessionEpoch: 0,
    ...(topicId !== undefined && { topicId }),
  })
  const { errorCode, sessionId } = await send(request, version)
  expect(errorCode).toBe(ErrorCode.NONE)
  expect(sessionId).toBeGreaterThan(0)
  return sessionId
}

/** An incremental fetch that changes nothing unless told. */
function next(sessionId: number, sessionEpoch: number, changes: Partial<FetchRequestInput> = {}): FetchRequestInput {
  return { ...fetchRequest('t', { sessionId, sessionEpoch }), topics: [], ...changes }
}

function partitionsOf(response: FetchResponse): number[] {
  return response.responses.flatMap((topic) => topic.partitions.map((one) => one.partitionIndex))
}

const at = (partition: number, fetchOffset: bigint) => ({
  topics: [{ topic: 't', partitions: [{ partition, fetchOffset, partitionMaxBytes: 1000 }] }],
})

test('a full answer has every partition, the ones after it only what is new', async () => {
  const id = await open()
  expect(partitionsOf(await send(next(id, 1)))).toEqual([])
  await produce(2)
  const found = await send(next(id, 2))
  expect(found.sessionId).toBe(id)
  expect(partitionsOf(found)).toEqual([2])
  // The client has not moved: the broker gives the same again.
  expect(partitionsOf(await send(next(id, 3)))).toEqual([2])
  expect(partitionsOf(await send(next(id, 4, at(2, 1n))))).toEqual([])
})

test('a new high watermark or log start is told without records', async () => {
  await produce(0)
  await produce(0)
  const id = await open({ partitions: [0], offset: 2 })
  const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
  await log.deleteRecordsBefore(1 as never)
  expect(await send(next(id, 1))).toMatchObject({
    responses: [{ partitions: [{ logStartOffset: 1n, highWatermark: 2n }] }],
  })
  expect(partitionsOf(await send(next(id, 2)))).toEqual([])
})

test('a partition that gave records goes to the end, but not in the answer that makes the session', async () => {
  for (const index of [0, 1, 2]) await produce(index)
  const id = await open()
  expect(partitionsOf(await send(next(id, 1)))).toEqual([0, 1, 2])
  await produce(3)
  expect(partitionsOf(await send(next(id, 2)))).toEqual([3, 0, 1, 2])
})

test('no partition starves behind another when there is room for only one', async () => {
  for (const index of [0, 1, 2, 3]) await produce(index)
  const id = await open()
  const given: number[] = []
  for (let epoch = 1; epoch <= 8; epoch++) {
    const response = await send(next(id, epoch, { maxBytes: 1 }))
    const rows = response.responses.flatMap((topic) => topic.partitions)
    given.push(...rows.filter(({ records }) => records!.length > 0).map((one) => one.partitionIndex))
  }
  expect(given).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
})

test('errors are told each time, and so is that they are over', async () => {
  const id = await open({ partitions: [0] })
  const beyond = at(0, 5n)
  const outOfRange = { responses: [{ partitions: [{ partitionIndex: 0, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE }] }] }
  expect(await send(next(id, 1, beyond))).toMatchObject(outOfRange)
  expect(await send(next(id, 2))).toMatchObject(outOfRange)
  expect(await send(next(id, 3, at(0, 0n)))).toMatchObject({
    responses: [{ partitions: [{ errorCode: ErrorCode.NONE }] }],
  })
  expect(partitionsOf(await send(next(id, 4)))).toEqual([])
})

test('partitions are added and forgotten; a session that has none left is closed', async () => {
  const id = await open({ partitions: [0] })
  await produce(0)
  await produce(1)
  const forget = (partitions: number[]) => ({ forgottenTopicsData: [{ topic: 't', partitions }] })
  expect(partitionsOf(await send(next(id, 1, { ...at(1, 0n), ...forget([0]) })))).toEqual([1])
  const closed = await send(next(id, 2, forget([1, 3])))
  expect(closed).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] })
  expect(await send(next(id, 3))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
})

describe('errors', () => {
  test.each([
    ['an unknown id', 77, 1, ErrorCode.FETCH_SESSION_ID_NOT_FOUND],
    ['no id, but an epoch', 0, 1, ErrorCode.FETCH_SESSION_ID_NOT_FOUND],
  ])('%s', async (_, sessionId, sessionEpoch, errorCode) => {
    expect(await send(next(sessionId, sessionEpoch))).toMatchObject({ errorCode, sessionId: 0, responses: [] })
  })

  test.each([2, 7, -2])('epoch %i where 1 is due leaves the session as it was', async (epoch) => {
    const id = await open()
    const wrong = await send(next(id, epoch, at(0, 99n)))
    expect(wrong).toMatchObject({ errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: 0, responses: [] })
    expect(await send(next(id, 1))).toMatchObject({ errorCode: 0, sessionId: id, responses: [] })
  })

  test('a session by id is not used by name, nor the other way round', async () => {
    const byName = await open({ partitions: [0] }, 12)
    const byId = await open({ partitions: [0] }, 13)
    const mixed = { errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR, sessionId: 0 }
    expect(await send(next(byName, 1), 13)).toMatchObject(mixed)
    expect(await send(next(byId, 1), 12)).toMatchObject(mixed)
    expect(await send(next(byId, 1), 13)).toMatchObject({ errorCode: 0 })
  })

  test('another connection that moves the session on while one waits wins', async () => {
    const id = await open({ partitions: [0] })
    const waiting = client.send(Fetch, 12, next(id, 1, { maxWaitMs: 500 }))
    await fixture.turn()
    expect(await send(next(id, 2))).toMatchObject({ errorCode: 0 })
    await produce(0)
    expect(await fixture.settle(waiting)).toMatchObject({
      errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH,
      responses: [],
    })
  })
})

describe('closing', () => {
  test('the final epoch closes and opens none; closing an unknown session is no error', async () => {
    const id = await open()
    for (const sessionId of [id, 12_345]) {
      const last = await send(fetchRequest('t', { sessionId, sessionEpoch: -1 }))
      expect(last).toMatchObject({ errorCode: 0, sessionId: 0 })
      expect(partitionsOf(last)).toEqual([0])
    }
    expect(await send(next(id, 1))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
  })

  test('epoch 0 with an id replaces that session', async () => {
    const id = await open()
    const { sessionId } = await send(fetchRequest('t', { sessionId: id, sessionEpoch: 0 }))
    expect(sessionId).not.toBe(id)
    expect(await send(next(id, 1))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
  })

  test.each([4, 6])('v%i knows no sessions', async (version) => {
    expect(partitionsOf(await send(fetchRequest('t', { partitions: [0, 1] }), version))).toEqual([0, 1])
    expect(sessionsHeld()).toBe(0)
  })
})

function sessionsHeld(): number {
  return fixture.services().fetchSessions!(1 as never).size
}

describe('topic ids in a session', () => {
  test('an id that nobody knows stays and is answered until it is known', async () => {
    const topicId = 'Zm9vYmFyYmF6cXV4cXV1eA'
    const { sessionId } = await send(fetchRequest('', { topicId, sessionEpoch: 0 }), 13)
    const unknown = { responses: [{ topicId, partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_ID }] }] }
    expect(await send(next(sessionId, 1), 13)).toMatchObject(unknown)
    expect(await send(next(sessionId, 2), 13)).toMatchObject(unknown)
  })

  test('a topic that is deleted becomes unknown, and inconsistent once its name is taken again', async () => {
    const id = await open({ partitions: [0] }, 13)
    await fixture.deleteTopic('t')
    expect(await send(next(id, 1), 13)).toMatchObject({
      responses: [{ partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }] }],
    })
    await fixture.createTopic('t')
    expect(await send(next(id, 2), 13)).toMatchObject({
      responses: [{ partitions: [{ errorCode: ErrorCode.INCONSISTENT_TOPIC_ID }] }],
    })
  })
})

describe('the cache', () => {
  const slots = (maxIncrementalFetchSessionCacheSlots: number) => {
    fixture.settings = { ...fixture.settings, maxIncrementalFetchSessionCacheSlots }
  }
  const tryToOpen = async (partitions: number[]) =>
    (await send(fetchRequest('t', { partitions, sessionEpoch: 0 }))).sessionId

  test('max.incremental.fetch.session.cache.slots: a client that opens a session with each poll fills the cache and no more', async () => {
    slots(10)
    const ids: number[] = []
    for (let poll = 0; poll < 30; poll++) ids.push(await tryToOpen([0]))
    expect(ids.filter((id) => id > 0)).toHaveLength(10)
    expect(ids.slice(10)).toEqual(Array(20).fill(0))
    expect(sessionsHeld()).toBe(10)
  })

  test('what was idle for two minutes makes place, the longest idle first', async () => {
    slots(2)
    const first = await tryToOpen([0])
    const second = await tryToOpen([0])
    fixture.clock.advance(60_000)
    await send(next(first, 1))
    fixture.clock.advance(60_000)
    expect(await tryToOpen([0])).toBe(0)
    fixture.clock.advance(1)
    expect(await tryToOpen([0])).toBeGreaterThan(0)
    expect(await send(next(second, 1))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
    expect(await send(next(first, 2))).toMatchObject({ errorCode: 0 })
  })

  test('an old session makes place for a larger one, not for one of its size, though it is in use', async () => {
    slots(1)
    const small = await tryToOpen([0, 1])
    expect(await tryToOpen([0, 1, 2])).toBe(0)
    fixture.clock.advance(100_000)
    await send(next(small, 1))
    fixture.clock.advance(20_001)
    expect(await tryToOpen([0, 1])).toBe(0)
    expect(await tryToOpen([0, 1, 2])).toBeGreaterThan(0)
    expect(await send(next(small, 2))).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
  })

  test('no slots, no sessions', async () => {
    slots(0)
    expect(await tryToOpen([0])).toBe(0)
  })

  test('each node has its own', async () => {
    const id = await open()
    const other = fixture.client(2)
    const response = await fixture.settle(other.send(Fetch, 12, next(id, 1)))
    expect(response).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
  })
})

describe('partitions of all sessions together', () => {
  const clock = new ManualClock()
  const slotsMax = () => 1000
  const request = (changes: Partial<FetchRequestInput>, partitions: number[]): FetchRequest => {
    const writer = new Writer()
    Fetch.request.write(writer, 12, { ...fetchRequest('t', { partitions }), ...changes })
    return Fetch.request.read(new Reader(writer.toBytes()), 12)
  }
  const openIn = (sessions: FetchSessions, partitions: number[]) => {
    const opened = sessions.open(request({ sessionEpoch: 0 }, partitions), 12)
    if (!opened.ok) throw new Error('refused')
    return opened.exchange.answer(opened.exchange.targets.map((target) => failedRow(target, ErrorCode.NONE))).sessionId
  }

  test('odradek.max.fetch.session.partitions: at the bound there is a session, past it none', () => {
    const sessions = new FetchSessions({ clock, prng: new SeededPrng(1), slotsMax, partitionsMax: 5 })
    expect(openIn(sessions, [0, 1, 2])).toBeGreaterThan(0)
    expect(openIn(sessions, [0, 1, 2])).toBe(0)
    expect(openIn(sessions, [0, 1])).toBeGreaterThan(0)
    expect(openIn(sessions, [0])).toBe(0)
  })

  test('a session that grows past the bound is ended, and its place is free again', () => {
    const sessions = new FetchSessions({ clock, prng: new SeededPrng(1), slotsMax, partitionsMax: 3 })
    const sessionId = openIn(sessions, [0, 1])
    expect(sessions.open(request({ sessionId, sessionEpoch: 1 }, [2]), 12)).toMatchObject({ ok: true })
    const past = sessions.open(request({ sessionId, sessionEpoch: 2 }, [3]), 12)
    expect(past).toEqual({ ok: false, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND })
    expect(openIn(sessions, [0, 1, 2])).toBeGreaterThan(0)
  })
})

test('after the largest epoch comes 1', () => {
  expect([1, 2_147_483_646, 2_147_483_647].map(followingEpoch)).toEqual([2, 2_147_483_647, 1])
})
