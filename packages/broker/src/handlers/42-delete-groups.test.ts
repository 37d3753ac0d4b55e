import { DeleteGroups, ErrorCode } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

async function remove(groupsNames: string[], version = 3, by = fixture.by) {
  return (await fixture.settle(by.send(DeleteGroups, version, { groupsNames })))!.results
}

test.each([0, 1, 2, 3])('v%i: with its offsets; then it is missing', async (version) => {
  await fixture.commit('g', { 0: 5 })
  expect(await remove(['g'], version)).toMatchObject([{ groupId: 'g', errorCode: ErrorCode.NONE }])
  expect(await fixture.committed('g', [0])).toEqual([-1])
  expect(await remove(['g'], version)).toMatchObject([{ errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage: null }])
  await fixture.restart()
  expect(await fixture.committed('g', [0])).toEqual([-1])
})

test('not while it has members', async () => {
  await fixture.stableGroup('g')
  expect(await remove(['g'])).toMatchObject([{ errorCode: ErrorCode.NON_EMPTY_GROUP, errorMessage: null }])
})

test('a group named twice is answered once', async () => {
  await fixture.commit('g', { 0: 5 })
  expect((await remove(['g', 'none', 'g'])).map((one) => [one.groupId, one.errorCode])).toEqual([
    ['g', 0],
    ['none', 69],
  ])
})

test('rights and nodes', async () => {
  await fixture.commit('g', { 0: 5 })
  const stranger = fixture.client(1, { authorizer: { authorize: (_p, _h, operation) => operation !== 'DELETE' } })
  expect(await remove(['g'], 3, stranger)).toMatchObject([{ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }])
  expect(await remove(['g'], 3, fixture.client(2))).toMatchObject([{ errorCode: ErrorCode.NOT_COORDINATOR }])
})
