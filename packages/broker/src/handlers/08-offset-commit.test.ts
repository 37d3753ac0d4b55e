import { ErrorCode, OffsetCommit, OffsetFetch } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
})

const topicOf = (name: string) => fixture.cluster.topic(name)!

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('v%i: a consumer without a group commits', async (version) => {
  const memberId = version >= 1 ? {} : { memberId: undefined }
  expect(await fixture.commit('g', { 0: 5, 2: 7 }, memberId, version)).toEqual([0, 0])
  expect(await fixture.committed('g', [0, 1, 2])).toEqual([5, -1, 7])
})

test('v10: by topic id, which the answer has; an unknown one is that', async () => {
  const { id } = topicOf('t')
  const partitions = [{ partitionIndex: 1, committedOffset: 3n, committedMetadata: '' }]
  const unknown = 'Zm9vYmFyYmF6cXV4cXV1eA'
  const topics = [
    { topicId: id, partitions },
    { topicId: unknown, partitions },
    { topicId: id, partitions: [{ ...partitions[0]!, partitionIndex: 9 }] },
  ]
  const answer = await fixture.settle(fixture.by.send(OffsetCommit, 10, { groupId: 'g', memberId: '', topics }))
  expect(answer?.topics).toMatchObject([
    { topicId: id, partitions: [{ partitionIndex: 1, errorCode: ErrorCode.NONE }] },
    { topicId: unknown, partitions: [{ errorCode: ErrorCode.UNKNOWN_TOPIC_ID }] },
    { topicId: id, partitions: [{ partitionIndex: 9, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }] },
  ])
  expect(await fixture.committed('g', [1])).toEqual([3])
})

test('rows keep their places: unknown ones among known ones, a partition twice', async () => {
  const row = (partitionIndex: number, committedOffset: bigint) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: null,
  })
  const topics = [
    { name: 'none', partitions: [row(0, 1n)] },
    { name: 't', partitions: [row(9, 1n), row(0, 10n), row(-1, 1n), row(0, 11n), row(1, 12n)] },
    { name: 't', partitions: [row(2, 13n)] },
  ]
  const answer = await fixture.settle(fixture.by.send(OffsetCommit, 8, { groupId: 'g', memberId: '', topics }))
  expect(
    answer?.topics.map(({ name, partitions }) => [name, partitions.map((one) => [one.partitionIndex, one.errorCode])]),
  ).toEqual([
    ['none', [[0, 3]]],
    [
      't',
      [
        [9, 3],
        [0, 0],
        [-1, 3],
        [0, 0],
        [1, 0],
      ],
    ],
    ['t', [[2, 0]]],
  ])
  expect(await fixture.committed('g', [0, 1, 2])).toEqual([11, 12, 13])
})

test('any offset is stored, and null metadata as ""', async () => {
  const partitions = [-5n, 2n ** 63n - 1n].map((committedOffset, partitionIndex) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: null,
  }))
  await fixture.settle(
    fixture.by.send(OffsetCommit, 9, { groupId: 'g', memberId: '', topics: [{ name: 't', partitions }] }),
  )
  const answer = await fixture.settle(
    fixture.by.send(OffsetFetch, 7, { groupId: 'g', topics: [{ name: 't', partitionIndexes: [0, 1] }] }),
  )
  expect(answer?.topics[0]?.partitions).toMatchObject([
    { committedOffset: -5n, metadata: '', committedLeaderEpoch: -1 },
    { committedOffset: 2n ** 63n - 1n },
  ])
})

test('offset.metadata.max.bytes: metadata at the limit is kept, a character more refuses that row alone', async () => {
  const partitions = [4096, 4097, 0].map((length, partitionIndex) => ({
    partitionIndex,
    committedOffset: 1n,
    committedLeaderEpoch: 7,
    committedMetadata: 'é'.repeat(length),
  }))
  const answer = await fixture.settle(
    fixture.by.send(OffsetCommit, 9, { groupId: 'g', memberId: '', topics: [{ name: 't', partitions }] }),
  )
  expect(answer?.topics[0]?.partitions.map((row) => row.errorCode)).toEqual([0, ErrorCode.OFFSET_METADATA_TOO_LARGE, 0])
  expect(await fixture.committed('g', [0, 1, 2])).toEqual([1, -1, 1])
})

test.each([
  [8, ErrorCode.ILLEGAL_GENERATION],
  [9, ErrorCode.GROUP_ID_NOT_FOUND],
])('v%i: a generation of a group that is not there is %i', async (version, errorCode) => {
  expect(await fixture.commit('g', { 0: 1 }, { generationIdOrMemberEpoch: 3, memberId: 'm' }, version)).toEqual([
    errorCode,
  ])
})

test('members of a group: who, and of which generation', async () => {
  const { memberId, generationId } = await fixture.stableGroup('g')
  const as = (id: string, generation: number) =>
    fixture.commit('g', { 0: 1 }, { memberId: id, generationIdOrMemberEpoch: generation })
  expect(await as(memberId, generationId)).toEqual([0])
  expect(await as(memberId, generationId + 1)).toEqual([ErrorCode.ILLEGAL_GENERATION])
  expect(await as('other', generationId)).toEqual([ErrorCode.UNKNOWN_MEMBER_ID])
  expect(await as('', -1)).toEqual([ErrorCode.UNKNOWN_MEMBER_ID])
})

test('when no row is left the group is not looked at; no topics are an empty answer', async () => {
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
  const request = { groupId: 'g', memberId: 'm', generationIdOrMemberEpoch: 5, topics: [{ name: 'none', partitions }] }
  const elsewhere = fixture.client(3)
  const answer = await fixture.settle(elsewhere.send(OffsetCommit, 9, request))
  expect(answer?.topics[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }])
  expect(await fixture.settle(elsewhere.send(OffsetCommit, 9, { ...request, topics: [] }))).toMatchObject({
    topics: [],
  })
  expect(
    await fixture.settle(elsewhere.send(OffsetCommit, 9, { ...request, topics: [{ name: 't', partitions: [] }] })),
  ).toMatchObject({ topics: [] })
})

test('rights: of the group for all rows, of a topic for its rows', async () => {
  const stranger = fixture.client(1, { authorizer: { authorize: (_p, _h, _o, resource) => resource !== 'GROUP' } })
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
  const request = { groupId: 'g', memberId: '', topics: ['t', 'none'].map((name) => ({ name, partitions })) }
  const codes = async (by: typeof stranger) =>
    (await fixture.settle(by.send(OffsetCommit, 9, request)))!.topics.flatMap((topic) =>
      topic.partitions.map((row) => row.errorCode),
    )
  expect(await codes(stranger)).toEqual([ErrorCode.GROUP_AUTHORIZATION_FAILED, ErrorCode.GROUP_AUTHORIZATION_FAILED])
  const half = fixture.client(1, {
    authorizer: { authorize: (_p, _h, _o, resource, name) => resource === 'GROUP' || name === 't' },
  })
  expect(await codes(half)).toEqual([0, ErrorCode.TOPIC_AUTHORIZATION_FAILED])
  expect(await codes(fixture.client(2))).toEqual([ErrorCode.NOT_COORDINATOR, 3])
})

test('internal topics may be committed, and "" is a group', async () => {
  await fixture.commit('', { 0: 4 })
  expect(await fixture.committed('', [0])).toEqual([4])
  const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }]
  const request = { groupId: 'g', memberId: '', topics: [{ name: '__consumer_offsets', partitions }] }
  expect((await fixture.settle(fixture.by.send(OffsetCommit, 9, request)))?.topics[0]?.partitions).toMatchObject([
    { errorCode: 0 },
  ])
})

test("a retention time of its own (v2 to 4) ends the offset before the broker's would", async () => {
  await fixture.commit('g', { 0: 1 }, { retentionTimeMs: 1000n }, 4)
  await fixture.commit('g', { 1: 2 }, {}, 4)
  fixture.clock.advance(601_000)
  await fixture.turn()
  expect(await fixture.committed('g', [0, 1])).toEqual([-1, 2])
})
