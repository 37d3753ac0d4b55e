import { DescribeGroups, ErrorCode } from '@odradek/protocol'
import { GroupFixture, subscription } from '../group-fixture.ts'

let fixture: GroupFixture

beforeEach(async () => {
  fixture = new GroupFixture()
  await fixture.createTopic('t')
})

async function describeAll(groups: string[], version = 6, includeAuthorizedOperations = false, by = fixture.by) {
  const asked = version >= 3 ? { groups, includeAuthorizedOperations } : { groups }
  return (await fixture.settle(by.send(DescribeGroups, version, asked)))!.groups
}

test.each([0, 1, 2, 3, 4, 5, 6])('v%i: a stable group with its member', async (version) => {
  const { memberId } = await fixture.stableGroup('g')
  expect(await describeAll(['g'], version)).toMatchObject([
    {
      errorCode: ErrorCode.NONE,
      groupId: 'g',
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
      authorizedOperations: -2147483648,
      members: [
        {
          memberId,
          clientId: 'test',
          clientHost: '/127.0.0.1',
          memberMetadata: Buffer.from(subscription(['t'])),
          memberAssignment: Buffer.from('mine'),
        },
      ],
    },
  ])
})

test('while members join, the protocol is not told; empty once they are gone', async () => {
  const member = await fixture.stableGroup('g')
  await fixture.join('g', { memberId: member.memberId })
  expect(await describeAll(['g'])).toMatchObject([
    { groupState: 'CompletingRebalance', protocolData: '', members: [{ memberMetadata: Buffer.alloc(0) }] },
  ])
  fixture.clock.advance(10_000)
  await fixture.turn()
  fixture.clock.advance(10_000)
  await fixture.turn()
  expect(await describeAll(['g'])).toMatchObject([{ groupState: 'Empty', members: [] }])
})

test.each([
  [5, ErrorCode.NONE],
  [6, ErrorCode.GROUP_ID_NOT_FOUND],
])('v%i: a missing group is "Dead" with %i', async (version, errorCode) => {
  const [group] = await describeAll(['none'], version, true)
  expect(group).toMatchObject({ errorCode, groupId: 'none', groupState: 'Dead', protocolType: '', members: [] })
  const operations = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11)
  expect(group?.authorizedOperations).toBe(version < 6 ? operations : -2147483648)
  expect(group?.errorMessage === null).toBe(version < 6)
})

test('in the order of the request, a group named twice twice', async () => {
  await fixture.stableGroup('g')
  expect((await describeAll(['none', 'g', 'none', 'g'])).map((one) => [one.groupId, one.errorCode])).toEqual([
    ['none', 69],
    ['g', 0],
    ['none', 69],
    ['g', 0],
  ])
})

test('rights and nodes, group by group', async () => {
  await fixture.stableGroup('g')
  const authorize = (_p: string, _h: string, operation: string, _r: string, name: string) =>
    name === 'g' && (operation === 'DESCRIBE' || operation === 'READ')
  const some = fixture.client(1, { authorizer: { authorize } })
  expect(await describeAll(['g', 'h'], 6, true, some)).toMatchObject([
    { errorCode: ErrorCode.NONE, authorizedOperations: (1 << 3) | (1 << 8) },
    { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, groupState: '', authorizedOperations: -2147483648 },
  ])
  expect(await describeAll(['g'], 6, false, fixture.client(2))).toMatchObject([
    { errorCode: ErrorCode.NOT_COORDINATOR, groupState: '' },
  ])
})

test('a group that is named very often is looked for once', async () => {
  await fixture.stableGroup('g')
  let asked = 0
  const authorize = () => {
    asked += 1
    return true
  }
  const rows = await describeAll(['g', 'g', 'g'], 0, false, fixture.client(1, { authorizer: { authorize } }))
  expect(rows.map(({ groupState }) => groupState)).toEqual(['Stable', 'Stable', 'Stable'])
  expect(asked).toBe(1)
})
