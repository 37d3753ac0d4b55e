import { ErrorCode, ListGroups } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

async function list(version = 5, filters: { statesFilter?: string[]; typesFilter?: string[] } = {}, by = fixture.by) {
  const none = version >= 5 ? { statesFilter: [], typesFilter: [] } : version === 4 ? { statesFilter: [] } : {}
  return (await fixture.settle(by.send(ListGroups, version, { ...none, ...filters })))!
}

const names = async (...args: Parameters<typeof list>) =>
  (await list(...args)).groups.map((group) => group.groupId).sort()

test('a broker without groups lists none, and makes no topic for that', async () => {
  expect(await list()).toMatchObject({ errorCode: ErrorCode.NONE, groups: [] })
  expect(fixture.autoCreated).toEqual([])
})

test.each([0, 1, 2, 3, 4, 5])("v%i: the groups of all the node's coordinators", async (version) => {
  for (const groupId of ['a', 'b', 'c', 'd', 'e']) await fixture.commit(groupId, { 0: 1 })
  await fixture.stableGroup('members')
  const { groups } = await list(version)
  expect(groups.map((group) => group.groupId).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'members'])
  expect(groups.find((group) => group.groupId === 'members')).toMatchObject({
    protocolType: 'consumer',
    groupState: version >= 4 ? 'Stable' : '',
    groupType: version >= 5 ? 'classic' : '',
  })
  expect(groups.find((group) => group.groupId === 'a')?.protocolType).toBe('')
})

test('filters by state and type, in any case; unknown ones match nothing', async () => {
  await fixture.commit('simple', { 0: 1 })
  await fixture.stableGroup('members')
  expect(await names(4, { statesFilter: ['sTaBlE'] })).toEqual(['members'])
  expect(await names(5, { statesFilter: ['Empty', 'Stable'] })).toEqual(['members', 'simple'])
  expect(await names(5, { statesFilter: ['Dancing'] })).toEqual([])
  expect(await names(5, { typesFilter: ['Classic', 'share'] })).toEqual(['members', 'simple'])
  expect(await names(5, { typesFilter: ['consumer'] })).toEqual([])
})

test('without the right to describe the cluster, only groups that may be described; never an error', async () => {
  await fixture.commit('a', { 0: 1 })
  await fixture.commit('b', { 0: 1 })
  const authorize = (_p: string, _h: string, _o: string, resource: string, name: string) =>
    resource === 'GROUP' && name === 'b'
  expect(await names(5, {}, fixture.client(1, { authorizer: { authorize } }))).toEqual(['b'])
  expect(await names(5, {}, fixture.client(1, { authorizer: { authorize: () => false } }))).toEqual([])
})

test('other nodes list what they coordinate: here nothing', async () => {
  await fixture.commit('a', { 0: 1 })
  expect(await names(5, {}, fixture.client(2))).toEqual([])
})
