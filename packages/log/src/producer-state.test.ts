import { producerId, timestamp } from '@odradek/core'
import { type BatchHeader, buildBatch, readBatchHeader } from '@odradek/records'
import { defaultLogConfig } from './log-config.ts'
import {
  OPEN_PASSED_MAX,
  PRODUCER_BATCHES_MAX,
  PRODUCERS_KEPT_MIN,
  ProducerState,
  sequenceAfter,
} from './producer-state.ts'

const TEMPLATE = readBatchHeader(buildBatch({ records: [{ timestamp: timestamp(5n), key: null, value: null }] }))
const NOW_MS = 1000

function batch(id: bigint, baseSequence: number, changes: Partial<BatchHeader> = {}): BatchHeader {
  return { ...TEMPLATE, producerId: producerId(id), producerEpoch: 0, baseSequence, ...changes }
}

describe('sequences', () => {
  it.each([
    [0, 0, 0],
    [5, 3, 8],
    [2_147_483_646, 1, 2_147_483_647],
    [2_147_483_647, 1, 0],
    [2_147_483_646, 5, 3],
  ])('%i and %i more is %i', (sequence, count, expected) => {
    expect(sequenceAfter(sequence, count)).toBe(expected)
  })
})

describe('producer state', () => {
  it('recognises as many batches as a client may have in flight, and not one more', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    for (let index = 0; index <= PRODUCER_BATCHES_MAX; index++) state.append(batch(1n, index), index, NOW_MS)
    expect(state.check(batch(1n, 1))).toMatchObject({ baseOffset: 1, lastOffset: 1 })
    expect(state.check(batch(1n, 0))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  })

  it('looks at both ends of a repeat, and at its epoch', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    state.append(batch(1n, 0, { lastOffsetDelta: 4 }), 0, NOW_MS)
    expect(state.check(batch(1n, 0, { lastOffsetDelta: 4 }))).toMatchObject({ baseOffset: 0 })
    expect(state.check(batch(1n, 0, { lastOffsetDelta: 3 }))).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
    expect(state.check(batch(1n, 0, { lastOffsetDelta: 4, producerEpoch: 1 }))).toBeNull()
  })

  it('lets a producer without an epoch go on anywhere', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    state.append(batch(1n, 7, { producerEpoch: -1 }), 0, NOW_MS)
    expect(state.check(batch(1n, 3, { producerEpoch: -1 }))).toBeNull()
    expect(state.check(batch(1n, 3))).toBeNull()
  })

  it('takes back what could not be written, over epochs, transactions and windows', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    const open = { isTransactional: true }
    for (let index = 0; index < 5; index++) state.append(batch(1n, index), index, NOW_MS)
    state.append(batch(2n, 0, open), 5, NOW_MS)
    state.commit()
    const before = [...state.entries]
    for (let index = 5; index < 12; index++) state.append(batch(1n, index), index, NOW_MS)
    state.append(batch(1n, 0, { producerEpoch: 3 }), 12, NOW_MS)
    const marker = { producerId: 2n, producerEpoch: 1, coordinatorEpoch: 9, timestamp: 3n }
    expect(state.end(marker, NOW_MS)).toBe(5)
    state.append(batch(3n, 0), 13, NOW_MS)
    state.rollback()
    expect([...state.entries].sort((a, b) => Number(a.producerId - b.producerId))).toEqual(before)
    expect(state.check(batch(1n, 4))).toMatchObject({ baseOffset: 4 })
    expect(state.check(batch(1n, 5))).toBeNull()
    expect(state.check(batch(2n, 1))).toBe('INVALID_TXN_STATE')
  })

  it('forgets the silent after their time, and never an open transaction', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    state.append(batch(1n, 0), 0, NOW_MS)
    state.append(batch(2n, 0, { isTransactional: true }), 1, NOW_MS)
    state.expire(NOW_MS + 499, 500)
    expect(state.size).toBe(2)
    state.expire(NOW_MS + 500, 500)
    expect([...state.entries].map((entry) => entry.producerId)).toEqual([2n])
    expect(state.check(batch(1n, 77))).toBeNull()
  })

  it('holds a bounded number of producers (odradek.max.producer.ids), and gives up the one silent for longest', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    state.append(batch(0n, 0, { isTransactional: true }), 0, NOW_MS)
    for (let id = 1; id < defaultLogConfig.producersMax; id++) {
      state.append(batch(BigInt(id), 0), id, NOW_MS)
      state.commit()
    }
    state.append(batch(1n, 1), 1, NOW_MS)
    expect([state.size, state.get(2n)?.producerId]).toEqual([defaultLogConfig.producersMax, 2n])
    state.append(batch(-5n, 0), 1, NOW_MS)
    expect([state.size, state.get(0n)?.producerId, state.get(1n)?.producerId, state.get(2n)]).toEqual([
      defaultLogConfig.producersMax,
      0n,
      1n,
      undefined,
    ])
    state.rollback()
    expect(state.get(2n)?.producerId).toBe(2n)
  })

  it('looks past a bounded number of open transactions for one to forget, and gets past all of them in the end', () => {
    const PRODUCERS_MAX = 10
    const state = new ProducerState(PRODUCERS_MAX)
    const OPEN = 3 * OPEN_PASSED_MAX
    for (let id = 0; id < OPEN; id++) state.append(batch(BigInt(id), 0, { isTransactional: true }), id, NOW_MS)
    let sizeMax = 0
    for (let id = OPEN; id < 2 * OPEN; id++) {
      state.append(batch(BigInt(id), 0), id, NOW_MS)
      state.commit()
      sizeMax = Math.max(sizeMax, state.size)
    }
    expect(sizeMax).toBeLessThanOrEqual(OPEN + 1 + OPEN / OPEN_PASSED_MAX)
    expect([state.get(0n), state.get(BigInt(OPEN - 1))].map((known) => known?.transactionStartOffset)).toEqual([
      0,
      OPEN - 1,
    ])
    expect(state.get(BigInt(OPEN))).toBeUndefined()
  })

  it('counts over all logs (odradek.max.producer.ids.in.all): a log that gets one more forgets one, but keeps a few', () => {
    const inAll = { count: 0 }
    const [busy, quiet] = [new ProducerState(100), new ProducerState(100)]
    const add = (state: ProducerState, ...ids: number[]) => {
      for (const id of ids) state.append(batch(BigInt(id), 0), id, NOW_MS)
      state.commit()
    }
    for (const state of [busy, quiet]) state.countIn(inAll, 10)
    add(quiet, 1)
    add(busy, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    expect([inAll.count, busy.size]).toEqual([10, 9])
    add(busy, 10)
    expect([inAll.count, busy.size, busy.get(1n), busy.get(2n)?.producerId]).toEqual([10, 9, undefined, 2n])
    add(quiet, 2, 3, 4, 5)
    expect([inAll.count, quiet.size]).toEqual([14, PRODUCERS_KEPT_MIN])
    add(quiet, 6)
    expect([inAll.count, quiet.size, quiet.get(1n)]).toEqual([14, PRODUCERS_KEPT_MIN, undefined])
    quiet.append(batch(7n, 0), 7, NOW_MS)
    quiet.rollback()
    expect([inAll.count, quiet.get(2n)?.producerId, quiet.get(7n)]).toEqual([14, 2n, undefined])
    busy.expire(NOW_MS + 1, 1)
    expect(inAll.count).toBe(PRODUCERS_KEPT_MIN)
    add(quiet, 8)
    expect([inAll.count, quiet.size]).toEqual([6, 6])
    quiet.countIn(null)
    add(quiet, 9)
    expect(inAll.count).toBe(0)
  })

  it('fences late markers', () => {
    const state = new ProducerState(defaultLogConfig.producersMax)
    state.append(batch(1n, 0, { producerEpoch: 4 }), 0, NOW_MS)
    expect(state.checkMarker({ producerId: 1n, producerEpoch: 3, coordinatorEpoch: 0 })).toBe('INVALID_PRODUCER_EPOCH')
    expect(state.checkMarker({ producerId: 1n, producerEpoch: 4, coordinatorEpoch: 0 })).toBeNull()
    expect(state.checkMarker({ producerId: 9n, producerEpoch: 0, coordinatorEpoch: 0 })).toBeNull()
  })
})
