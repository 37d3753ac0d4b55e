import { ErrorCode, OffsetDelete } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('u')
  await fixture.commit('g', { 0: 5, 1: 6 })
})

async function remove(groupId: string, topics: Record<string, number[]>, by = fixture.by) {
  const rows = Object.entries(topics).map(([name, indexes]) => ({
    name,
    partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
  }))
  return (await fixture.settle(by.send(OffsetDelete, 0, { groupId, topics: rows })))!
}

function codes(answer: Awaited<ReturnType<typeof remove>>) {
  return Object.fromEntries(
    answer.topics.map(({ name, partitions }) => [
      name,
      Object.fromEntries(partitions.map((row) => [row.partitionIndex, row.errorCode])),
    ]),
  )
}

test('committed or not, what is named has no offset then; the group stays', async () => {
  const answer = await remove('g', { t: [0, 2] })
  expect(answer.errorCode).toBe(ErrorCode.NONE)
  expect(codes(answer)).toEqual({ t: { 0: 0, 2: 0 } })
  expect(await fixture.committed('g', [0, 1])).toEqual([-1, 6])
})

test('unknown topics and partitions are answered beside the others', async () => {
  expect(codes(await remove('g', { t: [0, 9], none: [0] }))).toEqual({ t: { 0: 0, 9: 3 }, none: { 0: 3 } })
  expect(codes(await remove('g', { none: [0] }))).toEqual({ none: { 0: 3 } })
})

test('topics that a member wants are kept, others not', async () => {
  await fixture.stableGroup('m')
  const answer = await remove('m', { t: [0], u: [0] })
  expect(answer.errorCode).toBe(ErrorCode.NONE)
  expect(codes(answer)).toEqual({ t: { 0: ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC }, u: { 0: 0 } })
})

test('an error of the group is the whole answer', async () => {
  expect(await remove('none', { t: [0] })).toMatchObject({ errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] })
  expect(await remove('none', { none: [0] })).toMatchObject({ errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] })
  expect(await remove('', {})).toMatchObject({ errorCode: ErrorCode.INVALID_GROUP_ID, topics: [] })
  expect(await remove('', { t: [0] })).toMatchObject({ errorCode: ErrorCode.INVALID_GROUP_ID, topics: [] })
  expect(await remove('g', { t: [0] }, fixture.client(2))).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
  await fixture.join('c', { protocolType: 'connect', groupInstanceId: 'i' })
  expect(await remove('c', { t: [0] })).toMatchObject({ errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] })
})

test('rights: to delete the group, to read the topic', async () => {
  const noGroup = fixture.client(1, { authorizer: { authorize: (_p, _h, operation) => operation !== 'DELETE' } })
  expect(await remove('g', { t: [0] }, noGroup)).toMatchObject({
    errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
    topics: [],
  })
  const noTopic = fixture.client(1, {
    authorizer: { authorize: (_p, _h, _o, resource, name) => resource === 'GROUP' || name === 'u' },
  })
  expect(codes(await remove('g', { t: [0], u: [0] }, noTopic))).toEqual({
    t: { 0: ErrorCode.TOPIC_AUTHORIZATION_FAILED },
    u: { 0: 0 },
  })
})

test('very many topics are sorted out in turns', async () => {
  const soon = jest.spyOn(fixture.clock, 'soon')
  const names = Array.from({ length: 3 * ROWS_PER_TURN }, (_, at) => `none-${at}`)
  const before = soon.mock.calls.length
  const answer = await remove('g', Object.fromEntries(names.map((name) => [name, [0]])))
  expect(answer.topics.map(({ name }) => name)).toEqual(names)
  expect(soon.mock.calls.length - before).toBeGreaterThanOrEqual(2)
})
