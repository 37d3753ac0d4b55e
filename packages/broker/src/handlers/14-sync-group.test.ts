import { ErrorCode, SyncGroup } from '@odradek/protocol'
import { GroupFixture } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

test.each([0, 1, 2, 3, 4, 5])('v%i: the leader assigns, and gets its own', async (version) => {
  const { memberId, generationId } = await fixture.join('g', {}, 3)
  const assignment = Buffer.from('its own')
  const synced = await fixture.sync('g', { memberId, generationId }, [{ memberId, assignment }], version)
  expect(synced).toMatchObject({
    errorCode: ErrorCode.NONE,
    assignment,
    protocolType: version >= 5 ? 'consumer' : null,
    protocolName: version >= 5 ? 'range' : null,
  })
  expect(await fixture.sync('g', { memberId, generationId }, [])).toMatchObject({ assignment })
})

test('followers wait for the leader; who is left out gets empty bytes', async () => {
  const [one, two, three] = await Promise.all(
    ['one', 'two', 'three'].map((groupInstanceId) => fixture.join('g', { groupInstanceId })),
  )
  const members = [one!, two!, three!]
  const generationId = Math.max(...members.map((member) => member.generationId))
  const rejoined = await Promise.all(
    members.map(({ memberId }, index) =>
      fixture.join('g', { memberId, groupInstanceId: ['one', 'two', 'three'][index]! }),
    ),
  )
  const current = rejoined.map(({ memberId, generationId: generation }) => ({ memberId, generationId: generation }))
  expect(current[0]!.generationId).toBeGreaterThanOrEqual(generationId)
  const leader = current.find(({ memberId }) => memberId === rejoined[0]!.leader)!
  const followers = current.filter((member) => member !== leader)
  const waiting = followers.map((member) => fixture.sync('g', member, []))
  await fixture.turn()
  const assigned = [{ memberId: followers[0]!.memberId, assignment: Buffer.from('half') }]
  const own = await fixture.sync('g', leader, assigned)
  const [first, second] = await Promise.all(waiting)
  expect(own.assignment).toEqual(Buffer.alloc(0))
  expect(first?.assignment).toEqual(Buffer.from('half'))
  expect(second).toMatchObject({ errorCode: ErrorCode.NONE, assignment: Buffer.alloc(0) })
})

test('JoinGroup and SyncGroup wait without the rows that came with them', async () => {
  const weights: number[] = []
  const by = fixture.client(1, { requestResized: ({ elements, weightBytes }) => weights.push(elements, weightBytes) })
  const { memberId, generationId } = await fixture.join('g', {}, 3, by)
  expect(weights).toEqual([1, 0])
  const assignments = [
    { memberId, assignment: Buffer.from('its own') },
    { memberId: 'other', assignment: Buffer.from('not its own') },
  ]
  const sent = by.send(SyncGroup, 3, { groupId: 'g', memberId, generationId, assignments })
  expect(await fixture.settle(sent)).toMatchObject({ errorCode: ErrorCode.NONE, assignment: Buffer.from('its own') })
  expect(weights).toEqual([1, 0, 2, 0])
})

test("v5: the protocol has to be named, and be the group's", async () => {
  const { memberId, generationId } = await fixture.join('g', {}, 3)
  const request = { groupId: 'g', memberId, generationId, assignments: [] }
  for (const names of [
    {},
    { protocolType: 'consumer' },
    { protocolType: 'connect', protocolName: 'range' },
    { protocolType: 'consumer', protocolName: 'sticky' },
  ])
    expect(await fixture.settle(fixture.by.send(SyncGroup, 5, { ...request, ...names }))).toMatchObject({
      errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    })
})

test('what is wrong', async () => {
  const { memberId, generationId } = await fixture.join('g', {}, 3)
  const sync = async (groupId: string, id: string, generation: number) =>
    (await fixture.sync(groupId, { memberId: id, generationId: generation }, [])).errorCode
  expect(await sync('g', 'other', generationId)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(await sync('g', memberId, generationId + 1)).toBe(ErrorCode.ILLEGAL_GENERATION)
  expect(await sync('none', memberId, generationId)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  expect(await sync('', memberId, generationId)).toBe(ErrorCode.INVALID_GROUP_ID)
  const request = { groupId: 'g', memberId, generationId, assignments: [] }
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await stranger.send(SyncGroup, 4, request)).toMatchObject({ errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED })
  expect(await fixture.client(2).send(SyncGroup, 4, request)).toMatchObject({ errorCode: ErrorCode.NOT_COORDINATOR })
})
