import { ErrorCode } from '@odradek/protocol'
import { GroupFixture, type Member } from '../group-fixture.ts'

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

test('odradek.max.committed.offsets: so many over all groups, and not one more', async () => {
  await set({ offsetsMax: 20 })
  await fixture.createTopic('u', { partitions: 20 })
  const commit = (groupId: string, ...indexes: number[]) => {
    const partitions = indexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: 1n,
      committedMetadata: null,
    }))
    return fixture.commit(groupId, {}, { topics: [{ name: 'u', partitions }] })
  }
  const { NONE, POLICY_VIOLATION } = ErrorCode
  for (const groupId of groupIds(9)) expect(await commit(groupId, 0, 1)).toEqual([NONE, NONE])
  expect(await commit('late', 0, 1, 2)).toEqual([NONE, NONE, POLICY_VIOLATION])
  // Those that are there go on.
  expect(await commit('late', 0, 1)).toEqual([NONE, NONE])
  expect(await commit('group 3', 1, 2)).toEqual([NONE, POLICY_VIOLATION])
  await fixture.restart()
  expect(await commit('group 3', 2)).toEqual([POLICY_VIOLATION])
  await fixture.deleteTopic('u')
  await fixture.createTopic('u', { partitions: 20 })
  const all = Array.from({ length: 20 }, (_, index) => index)
  expect(await commit('late', ...all)).toEqual(all.map(() => NONE))
  expect(await commit('group 3', 0)).toEqual([POLICY_VIOLATION])
})

test('group.max.size: so many members, one more is refused', async () => {
  await set({ groupMaxSize: 1 })
  await fixture.stableGroup('g')
  expect((await fixture.join('g', { memberId: (await fixture.join('g')).memberId })).errorCode).toBe(
    ErrorCode.GROUP_MAX_SIZE_REACHED,
  )
})

describe('odradek.max.group.bytes', () => {
  const WITHOUT_MEMBER_ID = 3
  const KILOBYTE = 1000
  const protocols = (bytes: number) => [{ name: 'range', metadata: Buffer.alloc(bytes) }]
  const join = (groupId: string, bytes: number, memberId = '') =>
    fixture.join(groupId, { memberId, protocols: protocols(bytes) }, WITHOUT_MEMBER_ID)

  async function fill(count: number): Promise<readonly Member[]> {
    const members: Member[] = []
    for (const groupId of groupIds(count)) {
      const { errorCode, memberId, generationId } = await join(groupId, KILOBYTE)
      expect(errorCode).toBe(ErrorCode.NONE)
      await fixture.sync(groupId, { memberId, generationId }, [{ memberId, assignment: Buffer.from('mine') }])
      members.push({ memberId, generationId })
    }
    return members
  }

  test('so many bytes of members are kept, and whoever brings more is refused, whichever way', async () => {
    await set({ groupBytesMax: 5 * KILOBYTE })
    const [first = { memberId: '', generationId: 0 }] = await fill(4)
    const { POLICY_VIOLATION, NONE } = ErrorCode
    expect((await join('late', KILOBYTE)).errorCode).toBe(POLICY_VIOLATION)
    expect((await join('group 0', 2 * KILOBYTE, first.memberId)).errorCode).toBe(POLICY_VIOLATION)
    const again = await join('group 0', KILOBYTE, first.memberId)
    expect(again.errorCode).toBe(NONE)
    const large = [{ memberId: again.memberId, assignment: Buffer.alloc(KILOBYTE) }]
    expect((await fixture.sync('group 0', again, large)).errorCode).toBe(POLICY_VIOLATION)
    expect((await join('late', 10)).errorCode).toBe(NONE)
  })

  test('ids count that were given out and have not come back, and a name that only has offsets', async () => {
    // Two ids of 41 characters and the group's name are 83, and to join takes 50 more for the moment.
    await set({ groupBytesMax: 100 })
    const codes: number[] = []
    for (let index = 0; index < 3; index++) {
      codes.push((await fixture.join('g', { protocols: protocols(0) })).errorCode)
    }
    expect(codes).toEqual([ErrorCode.MEMBER_ID_REQUIRED, ErrorCode.MEMBER_ID_REQUIRED, ErrorCode.POLICY_VIOLATION])
    expect(await fixture.commit('n'.repeat(18), { 0: 1 })).toEqual([ErrorCode.POLICY_VIOLATION])
    expect(await fixture.commit('n'.repeat(17), { 0: 1 })).toEqual([ErrorCode.NONE])
  })

  test('metadata of offsets counts; commits without any, or with less than before, go on', async () => {
    await set({ groupBytesMax: KILOBYTE })
    const commit = (groupId: string, chars: number) => {
      const committedMetadata = 'm'.repeat(chars)
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata }]
      return fixture.commit(groupId, {}, { topics: [{ name: 't', partitions }] })
    }
    const { NONE, OFFSET_METADATA_TOO_LARGE } = ErrorCode
    expect(await commit('a', 999)).toEqual([NONE])
    expect(await commit('b', 0)).toEqual([ErrorCode.POLICY_VIOLATION])
    expect(await commit('a', 1000)).toEqual([OFFSET_METADATA_TOO_LARGE])
    expect(await commit('a', 900)).toEqual([NONE])
    expect(await commit('b', 98)).toEqual([NONE])
    expect(await commit('b', 99)).toEqual([OFFSET_METADATA_TOO_LARGE])
    await fixture.restart()
    expect(await commit('b', 99)).toEqual([OFFSET_METADATA_TOO_LARGE])
    expect(await commit('b', 0)).toEqual([NONE])
    expect(await commit('a', 998)).toEqual([NONE])
  })

  test('what was kept before a restart counts after it', async () => {
    await fill(4)
    await set({ groupBytesMax: 5 * KILOBYTE })
    expect((await join('late', KILOBYTE)).errorCode).toBe(ErrorCode.POLICY_VIOLATION)
    await set({ groupBytesMax: 6 * KILOBYTE })
    expect((await join('late', KILOBYTE)).errorCode).toBe(ErrorCode.NONE)
  })
})
