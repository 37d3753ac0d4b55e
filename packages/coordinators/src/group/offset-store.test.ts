import { producerId, ZERO_TOPIC_ID } from '@odradek/core'
import { OffsetStore } from './offset-store.ts'
import { type CommittedOffset, NO_EXPIRY } from './records.ts'

const committed: CommittedOffset = {
  offset: 1n,
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: 0n,
  expireTimestampMs: NO_EXPIRY,
  topicId: ZERO_TOPIC_ID,
}

test('offsets count once for each partition, and once more for each transaction that has one pending', () => {
  const offsets = new OffsetStore()
  const [first, second] = [producerId(1n), producerId(2n)]
  const put = (partition: number, producer = null as typeof first | null) =>
    offsets.put('g', 't', partition, committed, producer)
  put(0)
  put(0)
  put(1)
  expect(offsets.size).toBe(2)
  put(0, first)
  put(0, first)
  put(0, second)
  put(2, first)
  expect(offsets.size).toBe(5)
  expect([offsets.has('g', 't', 2, null), offsets.has('g', 't', 2, first), offsets.has('g', 't', 2, second)]).toEqual([
    ...[false, true, false],
  ])
  offsets.endTransaction(first, true)
  expect(offsets.size).toBe(4)
  offsets.remove('g', 't', 0)
  offsets.remove('g', 't', 0)
  expect(offsets.size).toBe(2)
  offsets.endTransaction(second, true)
  expect([offsets.size, offsets.hasRoomForMore(1, 3), offsets.hasRoomForMore(2, 3)]).toEqual([2, true, false])
})
