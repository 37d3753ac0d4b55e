import {
  DeleteGroups,
  DescribeGroups,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  type JoinGroupRequestInput,
  LeaveGroup,
  ListGroups,
  SyncGroup,
} from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

/** From this version on a new member is told its id first. */
const MEMBER_ID_FIRST_VERSION = 4
const INSTANCE_IDS_VERSION = 5
const SESSION_MS = 30_000
const JOINED_VERSION = 5

const metadata = (topics: readonly string[] = ['t']): Buffer =>
  Buffer.from(encodeRecordValue(ConsumerProtocolSubscription, 0, { topics }))

function joining(version: number, groupId: string, rest: Partial<JoinGroupRequestInput> = {}): JoinGroupRequestInput {
  return {
    groupId,
    sessionTimeoutMs: SESSION_MS,
    ...(version >= 1 && { rebalanceTimeoutMs: SESSION_MS }),
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: metadata() }],
    ...rest,
  }
}

interface Joined {
  readonly memberId: string
  readonly generationId: number
}

/** A group of one, stable; asked for in versions that do not matter. */
async function stable(
  world: World,
  suffix = 'g',
  groupInstanceId: string | null = null,
): Promise<Joined & { groupId: string }> {
  const groupId = await world.coordinator(suffix)
  const instance = { groupInstanceId }
  const ask = (memberId: string) =>
    world.quietly(JoinGroup, JOINED_VERSION, joining(JOINED_VERSION, groupId, { memberId, ...instance }))
  const first = await ask('')
  const { memberId, generationId } = first.generationId > 0 ? first : await ask(first.memberId)
  const assignments = [{ memberId, assignment: Buffer.from('mine') }]
  await world.quietly(SyncGroup, 3, { groupId, generationId, memberId, assignments, ...instance })
  return { groupId, memberId, generationId }
}

/** Joins as a client of that version does. */
async function join(
  world: World,
  version: number,
  groupId: string,
  rest: Partial<JoinGroupRequestInput> = {},
): Promise<Joined> {
  const first = await world.ask(JoinGroup, version, joining(version, groupId, rest))
  const asked = { memberId: first?.memberId ?? '', generationId: first?.generationId ?? -1 }
  if (version < MEMBER_ID_FIRST_VERSION || asked.generationId > 0) return asked
  const second = await world.ask(JoinGroup, version, joining(version, groupId, { ...rest, memberId: asked.memberId }))
  return { memberId: second?.memberId ?? '', generationId: second?.generationId ?? -1 }
}

const joins: readonly Scenario[] = [
  ...eachVersion(JoinGroup, {}, 'a group of one', async (world, version) => {
    const groupId = await world.coordinator('g')
    const { memberId } = await join(world, version, groupId)
    await world.ask(JoinGroup, version, joining(version, groupId, { memberId }))
    await world.ask(JoinGroup, version, joining(version, groupId, { memberId, protocols: [] }))
    await world.ask(JoinGroup, version, joining(version, groupId, { memberId, protocolType: 'other' }))
  }),
  ...eachVersion(JoinGroup, {}, 'refused', async (world, version) => {
    const groupId = await world.coordinator('g')
    for (const sessionTimeoutMs of [5999, 1_800_001, 0, -1])
      await world.ask(JoinGroup, version, joining(version, groupId, { sessionTimeoutMs }))
    await world.ask(JoinGroup, version, joining(version, ''))
    await world.ask(JoinGroup, version, joining(version, groupId, { memberId: 'stranger' }))
    await world.ask(JoinGroup, version, joining(version, groupId, { protocols: [] }))
    await world.ask(JoinGroup, version, joining(version, groupId, { protocolType: '' }))
  }),
  ...eachVersion(JoinGroup, {}, 'into a group with other protocols', async (world, version) => {
    const { groupId } = await stable(world)
    const protocols = [{ name: 'sticky', metadata: metadata() }]
    await world.ask(JoinGroup, version, joining(version, groupId, { protocols }))
    await world.ask(JoinGroup, version, joining(version, groupId, { protocolType: 'connect' }))
  }),
  ...eachVersion(
    JoinGroup,
    { first: INSTANCE_IDS_VERSION },
    'a static member that comes back',
    async (world, version) => {
      const { groupId, memberId } = await stable(world, 'g', 'instance')
      const groupInstanceId = 'instance'
      await world.ask(JoinGroup, version, joining(version, groupId, { groupInstanceId }))
      await world.ask(JoinGroup, version, joining(version, groupId, { groupInstanceId, memberId }))
      await world.ask(JoinGroup, version, joining(version, groupId, { groupInstanceId: 'other', memberId: 'stranger' }))
    },
  ),
]

const syncs: readonly Scenario[] = [
  ...eachVersion(SyncGroup, {}, 'in and out of turn', async (world, version) => {
    const { groupId, memberId, generationId } = await stable(world)
    const names = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}
    const sync = (rest: object) =>
      world.ask(SyncGroup, version, { groupId, memberId, generationId, ...names, assignments: [], ...rest })
    await sync({})
    await sync({ assignments: [{ memberId, assignment: Buffer.from('another') }] })
    await sync({ generationId: generationId + 1 })
    await sync({ memberId: 'stranger' })
    await sync({ memberId: 'stranger', generationId: 9 })
    await sync({ groupId: world.name('not-there') })
    await sync({ groupId: '' })
  }),
  ...eachVersion(SyncGroup, { first: 5 }, "protocols that are not the group's", async (world, version) => {
    const { groupId, memberId, generationId } = await stable(world)
    const member = { groupId, memberId, generationId, assignments: [] }
    for (const [protocolType, protocolName] of [
      ['consumer', 'sticky'],
      ['connect', 'range'],
      [null, 'range'],
      ['consumer', null],
    ] as const)
      await world.ask(SyncGroup, version, { ...member, protocolType, protocolName })
  }),
]

const lives: readonly Scenario[] = [
  ...eachVersion(Heartbeat, {}, 'of members and strangers', async (world, version) => {
    const { groupId, memberId, generationId } = await stable(world)
    const beat = (rest: object) => world.ask(Heartbeat, version, { groupId, memberId, generationId, ...rest })
    await beat({})
    await beat({ generationId: generationId - 1 })
    await beat({ memberId: 'stranger' })
    await beat({ memberId: '' })
    await beat({ groupId: world.name('not-there') })
    await beat({ groupId: '' })
  }),
  ...eachVersion(Heartbeat, { first: 3 }, 'of static members', async (world, version) => {
    const { groupId, memberId, generationId } = await stable(world, 'g', 'instance')
    for (const groupInstanceId of ['instance', null, 'other'])
      await world.ask(Heartbeat, version, { groupId, memberId, generationId, groupInstanceId })
    await world.ask(Heartbeat, version, { groupId, memberId: 'x', generationId, groupInstanceId: 'instance' })
  }),
  ...eachVersion(LeaveGroup, { last: 2 }, 'members and strangers', async (world, version) => {
    const { groupId, memberId } = await stable(world)
    const missing = world.name('not-there')
    for (const [group, member] of [
      [groupId, 'stranger'],
      [groupId, ''],
      [missing, memberId],
      ['', memberId],
      [groupId, memberId],
      [groupId, memberId],
    ] as const)
      await world.ask(LeaveGroup, version, { groupId: group, memberId: member })
  }),
  ...eachVersion(LeaveGroup, { first: 3 }, 'several at once', async (world, version) => {
    const { groupId, memberId } = await stable(world)
    const leave = (group: string, ...members: readonly (readonly [string, string | null])[]) =>
      world.ask(LeaveGroup, version, {
        groupId: group,
        members: members.map(([id, groupInstanceId]) => ({ memberId: id, groupInstanceId })),
      })
    await leave(groupId)
    await leave(world.name('not-there'))
    await leave(world.name('not-there'), ['stranger', null])
    await leave('', [memberId, null])
    await leave(groupId, ['stranger', null], ['', null], ['', 'nobody'], [memberId, 'nobody'])
    await leave(groupId, [memberId, null], [memberId, null])
  }),
]

const administration: readonly Scenario[] = [
  ...eachVersion(DescribeGroups, {}, 'stable, empty and missing groups', async (world, version) => {
    const { groupId } = await stable(world)
    const emptied = await stable(world, 'emptied')
    await world.quietly(LeaveGroup, 2, emptied)
    const groups = [groupId, world.name('not-there'), '', emptied.groupId, groupId]
    await world.ask(DescribeGroups, version, {
      groups,
      ...(version >= 3 && { includeAuthorizedOperations: true }),
    })
    await world.ask(DescribeGroups, version, { groups: [] })
  }),
  ...eachVersion(ListGroups, {}, 'all', async (world, version) => {
    await stable(world)
    await world.ask(ListGroups, version, {})
  }),
  ...eachVersion(ListGroups, { first: 4 }, 'by state', async (world, version) => {
    await stable(world)
    for (const statesFilter of [['Stable'], ['stable', 'Empty'], ['Empty'], ['Nonsense'], []])
      await world.ask(ListGroups, version, { statesFilter })
  }),
  ...eachVersion(ListGroups, { first: 5 }, 'by type', async (world, version) => {
    await stable(world)
    for (const typesFilter of [['classic'], ['Classic', 'consumer'], ['consumer'], ['nonsense']])
      await world.ask(ListGroups, version, { typesFilter })
  }),
  ...eachVersion(DeleteGroups, {}, 'with members, empty and missing', async (world, version) => {
    const { groupId } = await stable(world)
    const emptied = await stable(world, 'emptied')
    await world.quietly(LeaveGroup, 2, emptied)
    const groupsNames = [groupId, world.name('not-there'), '', emptied.groupId, emptied.groupId]
    await world.ask(DeleteGroups, version, { groupsNames })
    await world.ask(DeleteGroups, version, { groupsNames: [emptied.groupId] })
    await world.ask(DeleteGroups, version, { groupsNames: [] })
  }),
  ...eachVersion(FindCoordinator, { last: 3 }, 'one key', async (world, version) => {
    await world.coordinator('g')
    await world.coordinator('tx', 1)
    const keyTypes = version === 0 ? [undefined] : [0, 1, 2, 3, -1]
    for (const keyType of keyTypes)
      for (const key of [world.name('g'), ''])
        await world.ask(FindCoordinator, version, { key, ...(keyType !== undefined && { keyType }) })
  }),
  ...eachVersion(FindCoordinator, { first: 4 }, 'several keys', async (world, version) => {
    await world.coordinator('g')
    await world.coordinator('tx', 1)
    for (const keyType of [0, 1, 3, -1])
      await world.ask(FindCoordinator, version, { keyType, coordinatorKeys: [world.name('g'), '', world.name('g')] })
    await world.ask(FindCoordinator, version, { keyType: 0, coordinatorKeys: [] })
  }),
]

export const classicGroups: readonly Scenario[] = [...joins, ...syncs, ...lives, ...administration]
