import { ErrorCode, Heartbeat } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

test.each([0, 1, 2, 3, 4])('v%i: a member of a stable group lives', async (version) => {
  const member = await fixture.stableGroup('g')
  expect(await fixture.heartbeat('g', member, version)).toBe(ErrorCode.NONE)
})

test('keeps the session alive; without it the member is gone when the session is over', async () => {
  const member = await fixture.stableGroup('g')
  for (let beat = 0; beat < 5; beat++) {
    fixture.clock.advance(9999)
    expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
  }
  fixture.clock.advance(10_000)
  expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
})

test('a wall clock that jumps by a day expires nobody', async () => {
  const member = await fixture.stableGroup('g')
  fixture.clock.jumpWall(86_400_000)
  fixture.clock.advance(5000)
  expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
  fixture.clock.jumpWall(-2 * 86_400_000)
  fixture.clock.advance(5000)
  expect(await fixture.heartbeat('g', member)).toBe(ErrorCode.NONE)
})

test('what is wrong', async () => {
  const { memberId, generationId } = await fixture.stableGroup('g')
  expect(await fixture.heartbeat('g', { memberId, generationId: generationId + 1 })).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(await fixture.heartbeat('g', { memberId: 'other', generationId })).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(await fixture.heartbeat('none', { memberId, generationId })).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(await fixture.heartbeat('', { memberId, generationId })).toBe(ErrorCode.INVALID_GROUP_ID)
  await fixture.join('g')
  expect(await fixture.heartbeat('g', { memberId, generationId })).toBe(ErrorCode.NONE)
})

test('a replaced static member is fenced', async () => {
  const first = await fixture.join('g', { groupInstanceId: 'one' })
  await fixture.sync('g', { memberId: first.memberId, generationId: 1 }, [])
  await fixture.join('g', { groupInstanceId: 'one' })
  const request = { groupId: 'g', generationId: 1, memberId: first.memberId, groupInstanceId: 'one' }
  expect(await fixture.by.send(Heartbeat, 4, request)).toMatchObject({ errorCode: ErrorCode.FENCED_INSTANCE_ID })
})

test('rights and nodes', async () => {
  const { memberId, generationId } = await fixture.stableGroup('g')
  const request = { groupId: 'g', generationId, memberId }
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await stranger.send(Heartbeat, 4, request)).toMatchObject({ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED })
  expect(await fixture.client(2).send(Heartbeat, 4, request)).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
})
