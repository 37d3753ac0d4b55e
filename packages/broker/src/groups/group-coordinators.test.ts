import { partitionFor } from '@odradek/coordinators'
import { ErrorCode, FindCoordinator, Heartbeat, JoinGroup, ListGroups } from '@odradek/protocol'
import { decodeConsumerOffsetsRecord } from '@odradek/protocol/records'
import { readBatchHeader, recordsOf } from '@odradek/records'
import { GroupFixture, subscription } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
})

function offsetsLogs() {
  const topic = fixture.cluster.topic('__consumer_offsets')!
  return topic.partitions.map(({ index }) => fixture.partitions.find(topic, index)!.log)
}

describe('the topic', () => {
  test('is made by whatever uses a group first, once', async () => {
    await Promise.all([fixture.commit('a', { 0: 1 }), fixture.commit('b', { 0: 1 }), fixture.join('c')])
    expect(fixture.autoCreated).toEqual(['__consumer_offsets'])
    expect(await fixture.committed('a', [0])).toEqual([1])
  })

  test('that cannot be made is no coordinator, and is tried again', async () => {
    fixture.refuseCreation = true
    expect(await fixture.commit('a', { 0: 1 })).toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE])
    const found = await fixture.settle(fixture.by.send(FindCoordinator, 3, { key: 'a' }))
    expect(found).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, nodeId: -1 })
    fixture.refuseCreation = false
    expect(await fixture.commit('a', { 0: 1 })).toEqual([0])
  })

  test("holds Kafka's own records, each decision a batch", async () => {
    await fixture.commit('a', { 0: 1, 1: 2 })
    const batches = []
    for (const log of offsetsLogs()) {
      const result = await log.read({ offset: log.startOffset, bytesMax: 1e6, atLeastOneBatch: true, bound: 'end' })
      if (result.ok && result.records.length > 0) batches.push(Buffer.from(result.records))
    }
    expect(batches).toHaveLength(1)
    expect(readBatchHeader(batches[0]!)).toMatchObject({ recordsCount: 2, sizeBytes: batches[0]!.length })
    const records = Array.from(recordsOf(batches[0]!, { maxDecompressedBytes: 1000 }), ({ key, value }) =>
      decodeConsumerOffsetsRecord(key!, value),
    )
    expect(records.map((record) => record?.name).sort()).toEqual(['OffsetCommit', 'OffsetCommit'])
  })
})

describe('a restart', () => {
  test('finds offsets and members with generation and assignment, and gives them a fresh session', async () => {
    const member = await fixture.stableGroup('g')
    await fixture.commit('g', { 0: 7 }, { memberId: member.memberId, generationIdOrMemberEpoch: member.generationId })
    fixture.clock.advance(9999)
    await fixture.restart()
    fixture.clock.advance(9999)
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
    expect((await fixture.sync('g', member, [])).assignment).toEqual(Buffer.from('mine'))
    expect(await fixture.committed('g', [0])).toEqual([7])
    fixture.clock.advance(10_000)
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  test("loads more than one read's worth", async () => {
    const metadata = 'm'.repeat(4096)
    for (let round = 0; round < 20; round++) {
      const partitions = [0, 1, 2].map((partitionIndex) => ({
        partitionIndex,
        committedOffset: BigInt(round),
        committedMetadata: metadata,
      }))
      const topics = Array.from({ length: 10 }, () => ({ name: 't', partitions }))
      await fixture.commit('g', {}, { topics })
    }
    await fixture.commit('g', { 1: 99 })
    await fixture.restart()
    expect(await fixture.committed('g', [0, 1, 2])).toEqual([19, 99, 19])
  })
})

describe('leaders', () => {
  test("the node that leads a group's partition coordinates it; others say so", async () => {
    await fixture.createTopic('__consumer_offsets', { partitions: 5, leader: 2, replicas: [2, 1] })
    expect(await fixture.commit('g', { 0: 1 })).toEqual([ErrorCode.NOT_COORDINATOR])
    const onTwo = fixture.client(2)
    const found = await fixture.settle(onTwo.send(FindCoordinator, 3, { key: 'g' }))
    expect(found).toMatchObject({ nodeId: 2, port: 9093 })
  })

  test('a move answers those who wait, and the new node knows what the old one did', async () => {
    await fixture.createTopic('__consumer_offsets', { partitions: 5, replicas: [1, 2] })
    const member = await fixture.stableGroup('g')
    await fixture.commit('simple', { 0: 3 })
    const { memberId } = await fixture.join('g')
    const waiting = fixture.join('g', { memberId })
    await fixture.turn()
    await fixture.changePartitions('__consumer_offsets', 2)
    expect(await waiting).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
    expect(await fixture.commit('simple', { 0: 4 })).toEqual([ErrorCode.NOT_COORDINATOR])
    const onTwo = fixture.client(2)
    const beat = { groupId: 'g', ...member }
    expect(await fixture.settle(onTwo.send(Heartbeat, 4, beat))).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(
      (await fixture.settle(onTwo.send(ListGroups, 5, { statesFilter: [], typesFilter: [] })))?.groups,
    ).toHaveLength(2)
    await fixture.changePartitions('__consumer_offsets', 1)
    expect(await fixture.committed('simple', [0])).toEqual([3])
  })

  test('a change that moves nothing leaves everybody alone', async () => {
    const member = await fixture.stableGroup('g')
    const { memberId } = await fixture.join('g')
    const waiting = fixture.join('g', { memberId })
    await fixture.turn()
    await fixture.changePartitions('__consumer_offsets', 1, [1])
    await fixture.createTopic('other')
    await fixture.join('g', { memberId: member.memberId })
    expect(await waiting).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2 })
  })

  test('too few replicas in sync: nothing is written, and the group is there again later', async () => {
    await fixture.createTopic('__consumer_offsets', {
      partitions: 5,
      replicas: [1, 2],
      settings: { minInsyncReplicas: 2 },
    })
    expect(await fixture.commit('g', { 0: 1 })).toEqual([ErrorCode.NONE])
    await fixture.changePartitions('__consumer_offsets', 1, [1])
    expect(await fixture.commit('g', { 0: 2 })).toEqual([ErrorCode.COORDINATOR_NOT_AVAILABLE])
    expect(await fixture.commit('g', { 0: 3 })).toEqual([ErrorCode.NOT_COORDINATOR])
    await fixture.changePartitions('__consumer_offsets', 1, [1, 2])
    fixture.clock.advance(1000)
    await fixture.turn()
    expect(await fixture.committed('g', [0])).toEqual([1])
    expect(await fixture.commit('g', { 0: 4 })).toEqual([ErrorCode.NONE])
  })
})

describe('a log that fails', () => {
  test('costs the group its request; then the log is read again', async () => {
    const member = await fixture.stableGroup('g')
    const spies = offsetsLogs().map((log) =>
      jest.spyOn(log, 'append').mockImplementation((_request, done) => {
        queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: log.startOffset }))
      }),
    )
    expect(
      await fixture.commit(
        'g',
        { 0: 5 },
        { memberId: member.memberId, generationIdOrMemberEpoch: member.generationId },
      ),
    ).toEqual([ErrorCode.NOT_COORDINATOR])
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NOT_COORDINATOR)
    for (const spy of spies) spy.mockRestore()
    fixture.clock.advance(5)
    await fixture.turn()
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
    expect(await fixture.committed('g', [0])).toEqual([-1])
  })

  test('is read again at once the first time, and ever later while nothing can be written, up to a second', async () => {
    expect(await fixture.commit('g', { 0: 5 })).toEqual([ErrorCode.NONE])
    const fail = () =>
      offsetsLogs().map((log) =>
        jest.spyOn(log, 'append').mockImplementation((_request, done) => {
          queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: log.startOffset }))
        }),
      )
    const spies = fail()
    for (const delayMs of [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]) {
      await fixture.commit('g', { 0: 6 })
      fixture.clock.advance(delayMs - 1)
      await fixture.turn()
      expect([delayMs, await fixture.commit('g', { 0: 6 })]).toEqual([delayMs, [ErrorCode.NOT_COORDINATOR]])
      fixture.clock.advance(1)
      await fixture.turn()
      // Reading does not need the disk's last byte.
      expect([delayMs, await fixture.committed('g', [0])]).toEqual([delayMs, [5]])
    }
    for (const spy of spies) spy.mockRestore()
    expect(await fixture.commit('g', { 0: 7 })).toEqual([ErrorCode.NONE])
    const again = fail()
    await fixture.commit('g', { 0: 8 })
    for (const spy of again) spy.mockRestore()
    fixture.clock.advance(5)
    await fixture.turn()
    expect(await fixture.commit('g', { 0: 9 })).toEqual([ErrorCode.NONE])
  })

  test('for good takes its groups offline: no coordinator until the next start, and the other groups go on', async () => {
    const member = await fixture.stableGroup('g')
    await fixture.commit('other', { 0: 7 })
    const log = offsetsLogs()[partitionFor('g', offsetsLogs().length)]!
    const read = jest.spyOn(log, 'read')
    jest.spyOn(log, 'failure', 'get').mockReturnValue('a flush failed: EIO')
    jest.spyOn(log, 'append').mockImplementation((_request, done) => {
      queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: log.startOffset }))
    })
    const asMember = { memberId: member.memberId, generationIdOrMemberEpoch: member.generationId }
    expect(await fixture.commit('g', { 0: 5 }, asMember)).toEqual([ErrorCode.NOT_COORDINATOR])
    fixture.clock.advance(60_000)
    await fixture.turn()
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NOT_COORDINATOR)
    expect(await fixture.commit('g', { 0: 5 }, asMember)).toEqual([ErrorCode.NOT_COORDINATOR])
    const found = await fixture.settle(fixture.by.send(FindCoordinator, 3, { key: 'g' }))
    expect(found).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, nodeId: -1 })
    expect(await fixture.committed('other', [0])).toEqual([7])
    const listed = await fixture.settle(fixture.by.send(ListGroups, 5, { statesFilter: [], typesFilter: [] }))
    expect(listed).toMatchObject({ errorCode: ErrorCode.NONE, groups: [{ groupId: 'other' }] })
    expect(read).not.toHaveBeenCalled()
  })

  test('while it cannot be read members are told that they live, and others to wait', async () => {
    const member = await fixture.stableGroup('g')
    const spies = offsetsLogs().map((log) =>
      jest.spyOn(log, 'read').mockReturnValue({ ok: false, error: 'KAFKA_STORAGE_ERROR' }),
    )
    await fixture.changePartitions('__consumer_offsets', 2)
    await fixture.changePartitions('__consumer_offsets', 1)
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
    expect(await fixture.commit('g', { 0: 1 })).toEqual([ErrorCode.COORDINATOR_LOAD_IN_PROGRESS])
    const listed = await fixture.settle(fixture.by.send(ListGroups, 5, { statesFilter: [], typesFilter: [] }))
    expect(listed).toMatchObject({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, groups: [] })
    for (const spy of spies) spy.mockRestore()
    fixture.clock.advance(1000)
    await fixture.turn()
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
  })
})

test('a member that waits for the others when its client goes is not answered, and nothing else is hurt', async () => {
  const member = await fixture.stableGroup('g')
  const gone = fixture.client()
  const { memberId } = await fixture.join('g')
  const request = {
    groupId: 'g',
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription(['t']) }],
  }
  void gone.send(JoinGroup, 9, request)
  await fixture.turn()
  gone.disconnect()
  expect(await fixture.join('g', { memberId: member.memberId })).toMatchObject({
    errorCode: ErrorCode.NONE,
    generationId: 2,
  })
})

test('offsets of a group without members expire after the retention, looked at every ten minutes', async () => {
  await fixture.commit('g', { 0: 5 })
  fixture.clock.advance(10_079 * 60_000)
  await fixture.turn()
  expect(await fixture.committed('g', [0])).toEqual([5])
  fixture.clock.advance(20 * 60_000)
  await fixture.turn()
  expect(await fixture.committed('g', [0])).toEqual([-1])
})

test('fifty coordinators at rest do nothing', async () => {
  await fixture.createTopic('__consumer_offsets', { partitions: 50 })
  const appends = offsetsLogs().map((log) => jest.spyOn(log, 'append'))
  const reads = offsetsLogs().map((log) => jest.spyOn(log, 'read'))
  fixture.clock.advance(3_600_000)
  await fixture.turn()
  for (const spy of [...appends, ...reads]) expect(spy).not.toHaveBeenCalled()
})
