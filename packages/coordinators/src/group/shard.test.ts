import { type MonotonicMs, topicId, type WallMs, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { encodeRecordKey, GroupMetadataKey } from '@odradek/protocol/records'
import type { CoordinatorRecord, Now } from '../runtime/shard.ts'
import type { GroupCommand, GroupResponse, JoinGroupCommand, OffsetFetchTopic } from './commands.ts'
import { defaultGroupConfig } from './config.ts'
import { GroupShard } from './shard.ts'

const nowAt = (ms: number): Now => ({ wallMs: (1_760_000_000_000 + ms) as WallMs, monotonicMs: ms as MonotonicMs })
const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')

function loadedShard(records: readonly CoordinatorRecord[] = []): GroupShard {
  const shard = new GroupShard(() => defaultGroupConfig)
  for (const record of records) shard.replay(record, nowAt(0).wallMs)
  const step = shard.loaded(nowAt(0))
  for (const record of step.records) shard.replay(record, nowAt(0).wallMs)
  return shard
}

/** Decides and replays; the answers, if there are any yet. */
function ask(shard: GroupShard, command: GroupCommand, now = nowAt(0)): readonly GroupResponse[] {
  const step = shard.decide(1, command, now)
  for (const record of step.records) shard.replay(record, now.wallMs)
  return step.replies.map(({ response }) => response)
}

function joinCommand(change: Partial<JoinGroupCommand> = {}): JoinGroupCommand {
  return {
    kind: 'JoinGroup',
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    clientId: 'c',
    clientHost: '/10.0.0.1',
    memberIdBytes: bytes('ff'.repeat(16)),
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: bytes('00') }],
    requiresKnownMemberId: true,
    supportsSkipAssignment: true,
    ...change,
  }
}

const fetch = (groupId: string, topics: readonly OffsetFetchTopic[] | null = null): GroupCommand => ({
  kind: 'OffsetFetch',
  groupId,
  memberId: null,
  memberEpoch: -1,
  requireStable: false,
  topics,
})

describe('records that Kafka has written', () => {
  // Values made by Kafka 4.4.0's own serializers, one of each version.
  const offsetKey = bytes('0001000572616e676500017400000006')
  test.each([
    [0, '000000000000000bb7db00067261636b2d6100000199db979680', 767963n, -1, 'rack-a', ZERO_TOPIC_ID],
    [
      1,
      '000100000000000e1e8f000a557365723a616c69636500000199fffb3e9600000199eae1a421',
      925327n,
      -1,
      'User:alice',
      ZERO_TOPIC_ID,
    ],
    [2, '00020000000000047c430008636f6e73756d657200000199e9791a87', 293955n, -1, 'consumer', ZERO_TOPIC_ID],
    [
      3,
      '00030000000000041af100000016000c726574656e74696f6e2e6d7300000199f6334f75',
      269041n,
      22,
      'retention.ms',
      ZERO_TOPIC_ID,
    ],
    [
      4,
      '000400000000000a4d2400000011077261636b2d6100000199d23ce4790100104008d2e70b78c4c963224170e63e4a6d',
      675108n,
      17,
      'rack-a',
      topicId('QAjS5wt4xMljIkFw5j5KbQ'),
    ],
  ])('an offset of version %i', (_version, hex, committedOffset, committedLeaderEpoch, metadata, id) => {
    const shard = loadedShard([{ key: offsetKey, value: bytes(hex) }])
    const partitions = [{ partitionIndex: 6, committedOffset, committedLeaderEpoch, metadata, errorCode: 0 }]
    expect(ask(shard, fetch('range'))).toEqual([
      { kind: 'OffsetFetch', errorCode: 0, topics: [{ name: 't', topicId: id, partitions }] },
    ])
  })

  test('an offset of the oldest brokers, and its removal', () => {
    const key = bytes('00000007756e69666f726d00066f72646572730000000b')
    const commit = { key, value: bytes('000000000000000a8223000572616e676500000199ebbc151f') }
    expect(ask(loadedShard([commit]), fetch('uniform'))).toMatchObject([
      {
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 11, committedOffset: 688675n, metadata: 'range' }] }],
      },
    ])
    expect(ask(loadedShard([commit, { key, value: null }]), fetch('uniform'))).toMatchObject([{ topics: [] }])
  })

  test.each([
    [
      0,
      '000000036d2d3100000004000572616e6765ffff00000002002d636c69656e742d312d38636534623136622d323262352d333839342d616138362d6334323165383735396466330008636c69656e742d3100033a3a3100000007000000019f0000000b6b711fc2a42f7123d03455002d636c69656e742d312d65313637313739372d633532652d333566372d613333382d3062343565383431656333320008636c69656e742d31000831302e302e302e37000000020000001165447782b469f68dedf0516198cb2b1cd60000000f6cd4192647c2c0c634a901ea597c2f',
      {
        groupState: 'Stable',
        protocolType: 'm-1',
        protocolData: 'range',
        members: [
          { memberId: 'client-1-8ce4b16b-22b5-3894-aa86-c421e8759df3', clientId: 'client-1', clientHost: '::1' },
          { memberId: 'client-1-e1671797-c52e-35f7-a338-0b45e841ec32', clientId: 'client-1', clientHost: '10.0.0.7' },
        ],
      },
    ],
    [
      1,
      '00010008636f6e73756d657200000006ffffffff00000001002d636c69656e742d312d62396563653138632d393530612d336266612d616230662d6462666134666637333164330008636c69656e742d3100096c6f63616c686f7374000000090000000700000008be92be59f9082a7f0000001381193eb2232ed09d0f87134def26b74b4441d4',
      { groupState: 'Stable', protocolType: 'consumer', protocolData: '', members: [{ clientHost: 'localhost' }] },
    ],
    [
      3,
      '0003000361206200000006000572616e6765000936303438303030303000000199d2cf34a900000001002d636c69656e742d312d33313734313633352d623431642d333335302d393832342d316665613033633165343766000c726574656e74696f6e2e6d730008636c69656e742d36001562726f6b65722d322e6578616d706c652e7465737400000002000000070000000d0fff7d1146a571109e3d371bed00000005e25a585718',
      {
        groupState: 'Stable',
        protocolType: 'a b',
        protocolData: 'range',
        members: [
          {
            memberId: 'client-1-31741635-b41d-3350-9824-1fea03c1e47f',
            groupInstanceId: 'retention.ms',
            memberMetadata: bytes('0fff7d1146a571109e3d371bed'),
            memberAssignment: bytes('e25a585718'),
          },
        ],
      },
    ],
  ])('a group of version %i', (_version, hex, described) => {
    const key = encodeRecordKey(GroupMetadataKey, { group: 'g' })
    const shard = loadedShard([{ key, value: bytes(hex) }])
    expect(ask(shard, { kind: 'DescribeGroup', groupId: 'g' })).toMatchObject([described])
  })

  test('records of the newer protocols and of types to come are left alone', () => {
    const newer = { key: bytes('0003000178'), value: bytes('0000000000160100080000000000000001') }
    const toCome = { key: bytes('7fff00'), value: bytes('0000') }
    const list: GroupCommand = { kind: 'ListGroups', statesFilter: [], typesFilter: [] }
    expect(ask(loadedShard([newer, toCome]), list)).toMatchObject([{ groups: [] }])
  })

  test('what is replayed does not hold on to the bytes it came in', () => {
    const value = bytes('00030000000000041af100000016000c726574656e74696f6e2e6d7300000199f6334f75')
    const group = bytes(
      '0003000361206200000006000572616e6765000936303438303030303000000199d2cf34a900000001002d636c69656e742d312d33313734313633352d623431642d333335302d393832342d316665613033633165343766000c726574656e74696f6e2e6d730008636c69656e742d36001562726f6b65722d322e6578616d706c652e7465737400000002000000070000000d0fff7d1146a571109e3d371bed00000005e25a585718',
    )
    const shard = new GroupShard(() => defaultGroupConfig)
    shard.replay({ key: offsetKey, value }, nowAt(0).wallMs)
    shard.replay({ key: encodeRecordKey(GroupMetadataKey, { group: 'g' }), value: group }, nowAt(0).wallMs)
    value.fill(0)
    group.fill(0)
    shard.loaded(nowAt(0))
    expect(ask(shard, { kind: 'DescribeGroup', groupId: 'g' })).toMatchObject([
      { members: [{ memberAssignment: bytes('e25a585718') }] },
    ])
  })
})

describe('member ids', () => {
  test('are the client id, or the instance id, and a random UUID', () => {
    const [dynamic] = ask(loadedShard(), joinCommand())
    expect(dynamic).toMatchObject({
      memberId: 'c-ffffffff-ffff-4fff-bfff-ffffffffffff',
      errorCode: ErrorCode.MEMBER_ID_REQUIRED,
    })
    const shard = loadedShard()
    expect(ask(shard, joinCommand({ groupInstanceId: 'i' }))).toEqual([])
    expect(ask(shard, { kind: 'DescribeGroup', groupId: 'g' })).toMatchObject([
      { members: [{ memberId: 'i-ffffffff-ffff-4fff-bfff-ffffffffffff' }] },
    ])
  })

  test('fit into a record: a client id that leaves no room is refused', () => {
    const longest = 'x'.repeat(32_767 - 37)
    expect(ask(loadedShard(), joinCommand({ clientId: longest }))).toMatchObject([
      { errorCode: ErrorCode.MEMBER_ID_REQUIRED },
    ])
    expect(ask(loadedShard(), joinCommand({ clientId: `${longest}x` }))).toMatchObject([
      { errorCode: ErrorCode.INVALID_REQUEST },
    ])
  })
})

describe('the cost of what happens often', () => {
  test('heartbeats write nothing and touch no timer', () => {
    const shard = loadedShard()
    ask(shard, joinCommand({ groupInstanceId: 'i' }))
    shard.expire('join:g', nowAt(0))
    const memberId = 'i-ffffffff-ffff-4fff-bfff-ffffffffffff'
    for (let second = 1; second < 9; second++) {
      const heartbeat: GroupCommand = {
        kind: 'Heartbeat',
        groupId: 'g',
        generationId: 1,
        memberId,
        groupInstanceId: 'i',
      }
      const step = shard.decide(second, heartbeat, nowAt(second * 1_000))
      expect(step.replies).toEqual([{ requestId: second, response: { kind: 'Heartbeat', errorCode: ErrorCode.NONE } }])
      expect([step.records, step.timers]).toEqual([[], []])
    }
  })

  test('many expired offsets are removed in parts', () => {
    const shard = loadedShard()
    const partitions = Array.from({ length: 1_000 }, (_, partitionIndex) => ({
      partitionIndex,
      committedOffset: 1n,
      committedLeaderEpoch: -1,
      committedMetadata: null,
      commitTimestamp: -1n,
    }))
    for (let group = 0; group < 12; group++) {
      ask(shard, {
        kind: 'OffsetCommit',
        groupId: `g${group}`,
        generationIdOrMemberEpoch: -1,
        memberId: '',
        groupInstanceId: null,
        retentionTimeMs: -1n,
        knowsGroupIdNotFound: true,
        topics: [{ name: 't', topicId: ZERO_TOPIC_ID, partitions }],
      })
    }
    const sizes: number[] = []
    const delays: (number | null | undefined)[] = []
    for (let round = 0; round < 3; round++) {
      const step = shard.expire('expiry:', nowAt(defaultGroupConfig.offsetsRetentionMs))
      for (const record of step.records) shard.replay(record, nowAt(0).wallMs)
      sizes.push(step.records.length)
      delays.push(step.timers[0]?.delayMs)
    }
    expect(sizes).toEqual([5_000, 5_000, 2_000])
    expect(delays).toEqual([0, 0, defaultGroupConfig.offsetsRetentionCheckIntervalMs])
  })
})
