import { ErrorCode, JoinGroup } from '@odradek/protocol'
import { GroupFixture, subscription } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

test.each([0, 1, 2, 3])('v%i: a new member is in at once', async (version) => {
  const joined = await fixture.join('g', {}, version)
  expect(joined).toMatchObject({
    errorCode: ErrorCode.NONE,
    generationId: 1,
    protocolName: 'range',
    leader: joined.memberId,
  })
  expect(joined.members).toMatchObject([{ memberId: joined.memberId, metadata: Buffer.from(subscription(['t'])) }])
  expect(joined.memberId).toMatch(/^test-.{22,36}$/)
})

test.each([4, 5, 6, 7, 8, 9])('v%i: a new member gets its id first (KIP-394)', async (version) => {
  const first = await fixture.join('g', {}, version)
  expect(first).toMatchObject({
    errorCode: ErrorCode.MEMBER_ID_REQUIRED,
    generationId: -1,
    leader: '',
    members: [],
    protocolName: version >= 7 ? null : '',
  })
  const second = await fixture.join('g', { memberId: first.memberId }, version)
  expect(second).toMatchObject({
    errorCode: ErrorCode.NONE,
    memberId: first.memberId,
    generationId: 1,
    protocolType: version >= 7 ? 'consumer' : null,
    protocolName: 'range',
    skipAssignment: false,
  })
})

test('v5 and up: a static member is in at once, and the leader learns its instance', async () => {
  const joined = await fixture.join('g', { groupInstanceId: 'one' }, 5)
  expect(joined).toMatchObject({ errorCode: ErrorCode.NONE, members: [{ groupInstanceId: 'one' }] })
  expect(joined.memberId).toMatch(/^one-/)
})

test('a follower waits for the others, and gets no members', async () => {
  const leader = await fixture.stableGroup('g')
  const { memberId } = await fixture.join('g')
  const waiting = fixture.join('g', { memberId })
  await fixture.turn()
  const [again, follower] = await Promise.all([fixture.join('g', { memberId: leader.memberId }), waiting])
  expect(again).toMatchObject({ generationId: 2, leader: leader.memberId })
  expect(again.members.map((member) => member.memberId).sort()).toEqual([leader.memberId, memberId].sort())
  expect(follower).toMatchObject({ generationId: 2, leader: leader.memberId, memberId, members: [] })
})

test.each([
  [5999, ErrorCode.INVALID_SESSION_TIMEOUT],
  [6000, ErrorCode.NONE],
  [1_800_000, ErrorCode.NONE],
  [1_800_001, ErrorCode.INVALID_SESSION_TIMEOUT],
])(
  'group.min.session.timeout.ms and group.max.session.timeout.ms: one of %i ms answers %i',
  async (sessionTimeoutMs, errorCode) => {
    expect(await fixture.join('g', { sessionTimeoutMs }, 3)).toMatchObject({ errorCode })
  },
)

test('without a rebalance time-out (v0) the session time-out counts', async () => {
  const first = await fixture.join('g', { sessionTimeoutMs: 20_000 }, 0)
  await fixture.sync('g', { memberId: first.memberId, generationId: 1 }, [], 0)
  const second = fixture.join('g', { sessionTimeoutMs: 20_000 }, 0)
  await fixture.turn()
  fixture.clock.advance(19_999)
  // The member that is there lives, but does not join again.
  await fixture.heartbeat('g', { memberId: first.memberId, generationId: 1 })
  fixture.clock.advance(1)
  expect(await second).toMatchObject({ errorCode: ErrorCode.NONE, generationId: 2, members: [{}] })
})

test('what is refused keeps the member id of the request', async () => {
  const refused = { generationId: -1, leader: '', members: [], protocolName: null }
  expect(await fixture.join('g', { memberId: 'stranger' })).toMatchObject({
    ...refused,
    errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
    memberId: 'stranger',
  })
  expect(await fixture.join('')).toMatchObject({ ...refused, errorCode: ErrorCode.INVALID_GROUP_ID })
  expect(await fixture.join('g', { protocols: [] })).toMatchObject({
    ...refused,
    errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
  })
})

test('a member that names a protocol twice is answered, where Kafka is silent', async () => {
  const protocols = ['range', 'sticky', 'range'].map((name) => ({ name, metadata: subscription(['t']) }))
  expect(await fixture.join('g', { protocols, memberId: 'm' })).toMatchObject({
    errorCode: ErrorCode.INVALID_REQUEST,
    memberId: 'm',
  })
})

test('who may not read the group does not join it', async () => {
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  for (const version of [6, 9]) {
    expect(await fixture.join('g', { memberId: 'm' }, version, stranger)).toMatchObject({
      errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
      memberId: '',
      protocolName: version >= 7 ? null : '',
    })
  }
})

test('another node than the coordinator says so', async () => {
  await fixture.join('g')
  expect(await fixture.join('g', {}, 9, fixture.client(2))).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
})

test('a client without a name gets a member id all the same', async () => {
  const request = {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 1000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
  }
  const joined = await fixture.settle(fixture.client(1, { clientId: null }).send(JoinGroup, 3, request))
  expect(joined?.memberId).toMatch(/^-/)
})
