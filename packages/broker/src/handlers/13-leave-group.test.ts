import { ErrorCode, LeaveGroup } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

async function leave(groupId: string, version: number, ids: object, by = fixture.by) {
  return (await fixture.settle(by.send(LeaveGroup, version, { groupId, ...ids })))!
}

test.each([0, 1, 2])('v%i: one member, whose error stands at the top', async (version) => {
  const { memberId } = await fixture.stableGroup('g')
  expect(await leave('g', version, { memberId })).toMatchObject({ errorCode: ErrorCode.NONE, members: [] })
  expect(await leave('g', version, { memberId })).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, members: [] })
})

test.each([3, 4, 5])('v%i: several members, each with its own error', async (version) => {
  const { memberId } = await fixture.stableGroup('g')
  const member = (id: string, groupInstanceId: string | null = null) => ({ memberId: id, groupInstanceId })
  const members = [member(memberId), member(memberId), member('other'), member('', 'no one'), member('')]
  const unknown = ErrorCode.UNKNOWN_MEMBER_ID
  const answer = await leave('g', version, { members })
  expect(answer.errorCode).toBe(ErrorCode.NONE)
  expect(answer.members.map((one) => [one.memberId, one.groupInstanceId, one.errorCode])).toEqual([
    [memberId, null, 0],
    [memberId, null, unknown],
    ['other', null, unknown],
    ['', 'no one', unknown],
    ['', null, unknown],
  ])
})

test("a static member is removed by its instance id alone, and not by another's member id", async () => {
  await fixture.join('g', { groupInstanceId: 'one' })
  const wrong = await leave('g', 4, { members: [{ memberId: 'other', groupInstanceId: 'one' }] })
  expect(wrong.members).toMatchObject([{ errorCode: ErrorCode.FENCED_INSTANCE_ID }])
  const right = await leave('g', 4, { members: [{ memberId: '', groupInstanceId: 'one' }] })
  expect(right.members).toMatchObject([{ errorCode: ErrorCode.NONE }])
})

test('nobody, or a group that is not there', async () => {
  expect(await leave('g', 5, { members: [] })).toMatchObject({ errorCode: ErrorCode.NONE, members: [] })
  const answer = await leave('none', 5, { members: [{ memberId: 'm', groupInstanceId: null }] })
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, members: [{ errorCode: ErrorCode.UNKNOWN_MEMBER_ID }] })
  expect(await leave('', 5, { members: [] })).toMatchObject({ errorCode: ErrorCode.INVALID_GROUP_ID })
})

test('rights and nodes', async () => {
  await fixture.stableGroup('g')
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await leave('g', 5, { members: [] }, stranger)).toMatchObject({
    errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
  })
  expect(await leave('g', 2, { memberId: 'm' }, fixture.client(2))).toMatchObject({
    errorCode: ErrorCode.NOT_COORDINATOR,
  })
})
