import { ErrorCode, OffsetFetch, type OffsetFetchRequestInput } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('u')
  await fixture.commit('g', { 0: 5, 2: 7 })
  const partitions = [{ partitionIndex: 0, committedOffset: 9n, committedMetadata: 'words' }]
  await fixture.commit('g', {}, { topics: [{ name: 'u', partitions }] })
})

async function fetch(version: number, request: OffsetFetchRequestInput, by = fixture.by) {
  return (await fixture.settle(by.send(OffsetFetch, version, request)))!
}

const row = (partitionIndex: number, committedOffset: number, metadata = '') => ({
  partitionIndex,
  committedOffset: BigInt(committedOffset),
  committedLeaderEpoch: -1,
  metadata,
  errorCode: ErrorCode.NONE,
})
const asked = [
  { name: 't', partitionIndexes: [0, 1, 9] },
  { name: 'none', partitionIndexes: [0] },
]

test.each([0, 1, 2, 3, 4, 5, 6, 7])('v%i: what is asked for, -1 where there is none', async (version) => {
  expect(await fetch(version, { groupId: 'g', topics: asked })).toMatchObject({
    errorCode: ErrorCode.NONE,
    topics: [
      { name: 't', partitions: [row(0, 5), row(1, -1), row(9, -1)] },
      { name: 'none', partitions: [row(0, -1)] },
    ],
  })
})

test.each([2, 5, 7])('v%i: null is all that the group has, an empty list nothing', async (version) => {
  const { topics } = await fetch(version, { groupId: 'g', topics: null })
  expect([...topics].sort((a, b) => a.name.localeCompare(b.name))).toMatchObject([
    { name: 't', partitions: [row(0, 5), row(2, 7)] },
    { name: 'u', partitions: [row(0, 9, 'words')] },
  ])
  expect(await fetch(version, { groupId: 'g', topics: [] })).toMatchObject({ topics: [], errorCode: 0 })
})

test('a group that is not there has no offsets, and that is no error', async () => {
  expect(await fetch(7, { groupId: 'none', topics: asked.slice(0, 1) })).toMatchObject({
    errorCode: ErrorCode.NONE,
    topics: [{ partitions: [row(0, -1), row(1, -1), row(9, -1)] }],
  })
  expect(await fetch(7, { groupId: 'none', topics: null })).toMatchObject({ errorCode: ErrorCode.NONE, topics: [] })
})

test.each([8, 9])('v%i: several groups, each for itself, a repeated one too', async (version) => {
  const groups = ['g', 'none', 'g'].map((groupId) => ({ groupId, topics: [{ name: 't', partitionIndexes: [0] }] }))
  const answer = await fetch(version, { groups })
  expect(answer.groups).toMatchObject([
    { groupId: 'g', errorCode: 0, topics: [{ name: 't', partitions: [row(0, 5)] }] },
    { groupId: 'none', errorCode: 0, topics: [{ partitions: [row(0, -1)] }] },
    { groupId: 'g', errorCode: 0, topics: [{ partitions: [row(0, 5)] }] },
  ])
})

test('v10: by topic id, named and all', async () => {
  const ids = ['t', 'u'].map((name) => fixture.cluster.topic(name)!.id)
  const unknown = 'Zm9vYmFyYmF6cXV4cXV1eA'
  const topics = [
    { topicId: ids[1]!, partitionIndexes: [0] },
    { topicId: unknown, partitionIndexes: [3] },
    { topicId: ids[0]!, partitionIndexes: [2] },
  ]
  const named = await fetch(10, { groups: [{ groupId: 'g', topics }] })
  expect(named.groups[0]?.topics).toMatchObject([
    { topicId: ids[1], partitions: [row(0, 9, 'words')] },
    { topicId: unknown, partitions: [{ ...row(3, -1), errorCode: ErrorCode.UNKNOWN_TOPIC_ID }] },
    { topicId: ids[0], partitions: [row(2, 7)] },
  ])
  const all = await fetch(10, { groups: [{ groupId: 'g', topics: null }] })
  expect(all.groups[0]?.topics.map((topic) => topic.topicId).sort()).toEqual([...ids].sort())
})

test("a deleted topic's offsets are gone, also under its name again", async () => {
  await fixture.deleteTopic('t')
  expect(await fixture.committed('g', [0, 2])).toEqual([-1, -1])
  await fixture.createTopic('t', { partitions: 3 })
  expect(await fixture.committed('g', [0, 2])).toEqual([-1, -1])
  expect((await fetch(7, { groupId: 'g', topics: null })).topics).toMatchObject([{ name: 'u' }])
})

describe('rights', () => {
  const hidesGroup = {
    authorizer: { authorize: (_p: string, _h: string, _o: string, resource: string) => resource !== 'GROUP' },
  }
  const hidesTopic = {
    authorizer: { authorize: (_p: string, _h: string, _o: string, _r: string, name: string) => name !== 't' },
  }

  test.each([0, 1])('v%i: an error of the group stands in every row', async (version) => {
    const answer = await fetch(version, { groupId: 'g', topics: asked }, fixture.client(1, hidesGroup))
    expect(answer.errorCode).toBe(0)
    expect(answer.topics.flatMap((topic) => topic.partitions.map((one) => one.errorCode))).toEqual([30, 30, 30, 30])
  })

  test.each([2, 7])('v%i: an error of the group stands at the top', async (version) => {
    const answer = await fetch(version, { groupId: 'g', topics: asked }, fixture.client(1, hidesGroup))
    expect(answer).toMatchObject({ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, topics: [] })
  })

  test('v8: in its group', async () => {
    const groups = [{ groupId: 'g', topics: asked }]
    expect((await fetch(8, { groups }, fixture.client(1, hidesGroup))).groups).toMatchObject([
      { groupId: 'g', errorCode: 30, topics: [] },
    ])
    expect((await fetch(8, { groups }, fixture.client(2))).groups).toMatchObject([
      { errorCode: ErrorCode.NOT_COORDINATOR, topics: [] },
    ])
  })

  test('a topic by name is refused, among all it is passed over', async () => {
    const by = fixture.client(1, hidesTopic)
    const named = await fetch(
      7,
      {
        groupId: 'g',
        topics: [
          { name: 't', partitionIndexes: [0] },
          { name: 'u', partitionIndexes: [0] },
        ],
      },
      by,
    )
    expect(named.topics).toMatchObject([
      { name: 't', partitions: [{ ...row(0, -1), errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }] },
      { name: 'u', partitions: [row(0, 9, 'words')] },
    ])
    expect((await fetch(7, { groupId: 'g', topics: null }, by)).topics).toMatchObject([{ name: 'u' }])
  })
})

test('all offsets of a group that is named very often are looked for once', async () => {
  let asked = 0
  const authorize = (_p: string, _h: string, _o: string, resource: string) => {
    if (resource === 'GROUP') asked += 1
    return true
  }
  const groups = ['g', 'g', 'none', 'g'].map((groupId) => ({ groupId, topics: null }))
  const answer = await fetch(8, { groups }, fixture.client(1, { authorizer: { authorize } }))
  expect(answer.groups.map(({ topics }) => topics.length)).toEqual([2, 2, 0, 2])
  expect(asked).toBe(2)
})
