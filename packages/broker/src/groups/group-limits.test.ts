import { ErrorCode } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t', { partitions: 1 })
})

async function set(settings: Partial<GroupFixture['settings']>): Promise<void> {
  fixture.settings = { ...fixture.settings, ...settings }
  await fixture.restart()
}

const groupIds = (count: number) => Array.from({ length: count }, (_, index) => `group ${index}`)

test('odradek.max.groups: so many over all coordinators, and not one more, whichever way they are made', async () => {
  await set({ groupsMax: 20 })
  for (const groupId of groupIds(20)) expect(await fixture.commit(groupId, { 0: 1 })).toEqual([ErrorCode.NONE])
  const late = groupIds(30).slice(20)
  for (const groupId of late) {
    expect(await fixture.commit(groupId, { 0: 1 })).toEqual([ErrorCode.POLICY_VIOLATION])
    expect((await fixture.join(groupId)).errorCode).toBe(ErrorCode.POLICY_VIOLATION)
  }
  expect(await fixture.commit('group 3', { 0: 2 })).toEqual([ErrorCode.NONE])
  await fixture.restart()
  expect(await fixture.commit('late', { 0: 1 })).toEqual([ErrorCode.POLICY_VIOLATION])
  await set({ groupsMax: 21 })
  expect(await fixture.commit('late', { 0: 1 })).toEqual([ErrorCode.NONE])
})

test('odradek.max.pending.members: so many ids of a group are given out, one more is refused', async () => {
  await set({ pendingMembersMax: 3 })
  const codes: number[] = []
  for (let index = 0; index < 4; index++) codes.push((await fixture.join('g')).errorCode)
  const { MEMBER_ID_REQUIRED, GROUP_MAX_SIZE_REACHED } = ErrorCode
  expect(codes).toEqual([MEMBER_ID_REQUIRED, MEMBER_ID_REQUIRED, MEMBER_ID_REQUIRED, GROUP_MAX_SIZE_REACHED])
})

test('group.max.size: so many members, one more is refused', async () => {
  await set({ groupMaxSize: 1 })
  await fixture.stableGroup('g')
  expect((await fixture.join('g', { memberId: (await fixture.join('g')).memberId })).errorCode).toBe(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
  )
})
