import { assert, producerId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import type { GroupProtocol, GroupResponseOf, OffsetCommitTopic } from './commands.ts'
import type { FuzzWorld } from './fuzz-world.ts'

/** Transactional producers that all clients share. */
export const FUZZ_PRODUCERS = 4

type Phase = 'out' | 'waiting' | 'joined' | 'member'

/** A consumer that mostly does what consumers do, and sometimes what only a broken or malicious one would. */
export class FuzzClient {
  private readonly world: FuzzWorld
  private readonly name: string
  private readonly groupId: string
  private readonly groupInstanceId: string | null
  private readonly version: number
  private phase: Phase = 'out'
  private memberId = ''
  private generationId = -1
  private joined: GroupResponseOf<'JoinGroup'> | null = null
  /** Answers to requests of an earlier life of this client count for nothing. */
  private life = 0

  constructor(world: FuzzWorld, name: string, groupId: string, groupInstanceId: string | null, version: number) {
    this.world = world
    this.name = name
    this.groupId = groupId
    this.groupInstanceId = groupInstanceId
    this.version = version
  }

  step(): void {
    const { prng } = this.world
    const dice = prng.below(100)
    if (dice < 5) this.die()
    else if (dice < 10) this.misbehave()
    // Before KIP-447 producers said nothing of a member.
    else if (dice < 18) this.commitInTransaction('', -1)
    else if (this.phase === 'out') this.join()
    else if (this.phase === 'joined') this.sync()
    else if (this.phase === 'member') this.work(prng.below(10))
  }

  private work(dice: number): void {
    if (dice < 4) this.heartbeat()
    else if (dice < 5) this.commit(this.memberId, this.generationId)
    else if (dice < 6) this.commitInTransaction(this.memberId, this.generationId)
    else if (dice < 7) this.fetch()
    else if (dice < 9) this.join()
    else this.leave()
  }

  /** As a process that is killed: a dynamic member's id is lost, a static one's too, but not its instance. */
  private die(): void {
    this.life++
    this.phase = 'out'
    this.memberId = ''
  }

  private misbehave(): void {
    const { prng } = this.world
    const memberId = ['', 'nobody', this.memberId][prng.below(3)] ?? ''
    const generationId = [-1, 0, this.generationId - 1, this.generationId + 1][prng.below(4)] ?? 0
    const { groupId, groupInstanceId } = this
    switch (prng.below(8)) {
      case 0:
        this.world.submit({ kind: 'Heartbeat', groupId, generationId, memberId, groupInstanceId: 'other' }, ignore)
        break
      case 1:
        this.world.submit(
          {
            kind: 'SyncGroup',
            groupId,
            generationId,
            memberId,
            groupInstanceId,
            protocolType: null,
            protocolName: 'x',
            assignments: [],
          },
          ignore,
        )
        break
      case 2:
        if (prng.below(2) === 0) this.commit(memberId, generationId)
        else this.commitInTransaction(memberId, generationId)
        break
      case 3:
        this.world.submit(
          {
            kind: 'LeaveGroup',
            groupId,
            members: [
              { memberId, groupInstanceId },
              { memberId: 'x', groupInstanceId: null },
            ],
          },
          ignore,
        )
        break
      case 4:
        this.world.submit({ kind: 'DeleteGroup', groupId }, ignore)
        break
      case 5:
        this.world.submit(
          { kind: 'OffsetDelete', groupId, topics: [{ name: 'w', partitions: [{ partitionIndex: prng.below(3) }] }] },
          ignore,
        )
        break
      case 6:
        this.world.submit({ kind: 'DropTopic', name: 't', topicId: topicId('tttttttttttttttttttttA') }, ignore)
        break
      default:
        // Twice at once, as after a timeout of the client.
        if (this.phase === 'waiting') this.sendJoin()
    }
  }

  private join(): void {
    this.phase = 'waiting'
    this.sendJoin()
  }

  private sendJoin(): void {
    const { world, version } = this
    const sessionTimeoutMs = 6_000 + world.prng.below(20_000)
    this.world.submit(
      {
        kind: 'JoinGroup',
        groupId: this.groupId,
        memberId: this.memberId,
        groupInstanceId: this.groupInstanceId,
        clientId: this.name,
        clientHost: '/127.0.0.1',
        memberIdBytes: world.prng.bytes(16),
        sessionTimeoutMs,
        rebalanceTimeoutMs: version === 0 ? sessionTimeoutMs : world.prng.below(30_000),
        protocolType: 'consumer',
        protocols: this.protocols(),
        requiresKnownMemberId: version >= 4,
        supportsSkipAssignment: version >= 9,
      },
      this.ofThisLife((response) => this.onJoined(response)),
    )
  }

  private protocols(): readonly GroupProtocol[] {
    const { prng } = this.world
    const topics = prng.below(2) === 0 ? ['t'] : ['t', 'u']
    const metadata = encodeRecordValue(ConsumerProtocolSubscription, prng.below(4), { topics, userData: null })
    const range = { name: 'range', metadata }
    const sticky = { name: 'sticky', metadata }
    if (prng.below(10) === 0) return [range]
    return prng.below(2) === 0 ? [range, sticky] : [sticky, range]
  }

  private onJoined(response: GroupResponseOf<'JoinGroup'>): void {
    if (response.errorCode === ErrorCode.NONE) {
      this.memberId = response.memberId
      this.generationId = response.generationId
      this.joined = response
      this.phase = 'joined'
    } else {
      this.phase = 'out'
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED) this.memberId = response.memberId
      else this.onError(response.errorCode)
    }
  }

  private sync(): void {
    this.phase = 'waiting'
    const { groupId, generationId, memberId, groupInstanceId } = this
    const members = this.joined?.skipAssignment === true ? [] : (this.joined?.members ?? [])
    const assignments = members
      .filter(() => this.world.prng.below(10) > 0)
      .map((member) => ({ memberId: member.memberId, assignment: Buffer.from(`${generationId} ${member.memberId}`) }))
    this.world.submit(
      {
        kind: 'SyncGroup',
        groupId,
        generationId,
        memberId,
        groupInstanceId,
        protocolType: 'consumer',
        protocolName: this.joined?.protocolName ?? null,
        assignments,
      },
      this.ofThisLife((response) => {
        this.phase = response.errorCode === ErrorCode.NONE ? 'member' : 'out'
        if (response.errorCode !== ErrorCode.NONE) this.onError(response.errorCode)
        else this.checkAssignment(response.assignment)
      }),
    )
  }

  /** What somebody else was to get, or an earlier generation, is never handed out. A static member's old id may stand in it. */
  private checkAssignment(assignment: Uint8Array): void {
    if (assignment.length === 0) return
    const text = Buffer.from(assignment).toString()
    const [generation, memberId] = [text.slice(0, text.indexOf(' ')), text.slice(text.indexOf(' ') + 1)]
    assert(Number(generation) === this.generationId, 'an assignment of this generation')
    const isOwn =
      this.groupInstanceId === null ? memberId === this.memberId : memberId.startsWith(`${this.groupInstanceId}-`)
    assert(isOwn, 'an assignment of its own')
  }

  private heartbeat(): void {
    const { groupId, generationId, memberId, groupInstanceId } = this
    this.world.submit(
      { kind: 'Heartbeat', groupId, generationId, memberId, groupInstanceId },
      this.ofThisLife((response) => {
        if (this.phase !== 'member' || response.errorCode === ErrorCode.NONE) return
        this.phase = 'out'
        this.onError(response.errorCode)
      }),
    )
  }

  private commit(memberId: string, generationId: number): void {
    const { groupId, groupInstanceId } = this
    this.world.submit(
      {
        kind: 'OffsetCommit',
        groupId,
        generationIdOrMemberEpoch: generationId,
        memberId,
        groupInstanceId,
        retentionTimeMs: -1n,
        knowsGroupIdNotFound: true,
        topics: this.someOffsets(),
      },
      ignore,
    )
  }

  private commitInTransaction(memberId: string, generationId: number): void {
    const { groupId, groupInstanceId, world } = this
    const producer = { producerId: producerId(BigInt(world.prng.below(FUZZ_PRODUCERS))), producerEpoch: 0 }
    this.world.submit(
      {
        kind: 'TxnOffsetCommit',
        groupId,
        ...producer,
        generationIdOrMemberEpoch: generationId,
        memberId,
        groupInstanceId,
        topics: this.someOffsets(),
      },
      ignore,
    )
  }

  private someOffsets(): readonly OffsetCommitTopic[] {
    const { prng } = this.world
    const partitions = Array.from({ length: 1 + prng.below(3) }, () => ({
      partitionIndex: prng.below(3),
      committedOffset: BigInt(prng.below(1_000)),
      committedLeaderEpoch: -1,
      committedMetadata: null,
      commitTimestamp: -1n,
    }))
    return [{ name: ['t', 'w'][prng.below(2)] ?? 't', topicId: topicId('tttttttttttttttttttttA'), partitions }]
  }

  private fetch(): void {
    const { prng } = this.world
    const topics = ['t', 'w'].map((name) => ({ name, topicId: ZERO_TOPIC_ID, partitionIndexes: [0, 1, 2, 3] }))
    this.world.submit(
      {
        kind: 'OffsetFetch',
        groupId: this.groupId,
        memberId: null,
        memberEpoch: -1,
        requireStable: prng.below(2) === 0,
        topics,
      },
      ignore,
    )
  }

  private leave(): void {
    const { groupId, memberId, groupInstanceId } = this
    this.world.submit({ kind: 'LeaveGroup', groupId, members: [{ memberId, groupInstanceId }] }, ignore)
    this.die()
  }

  private onError(errorCode: ErrorCode): void {
    const isForgotten: readonly ErrorCode[] = [
      ErrorCode.UNKNOWN_MEMBER_ID,
      ErrorCode.FENCED_INSTANCE_ID,
      ErrorCode.GROUP_MAX_SIZE_REACHED,
      ErrorCode.INCONSISTENT_GROUP_PROTOCOL,
    ]
    if (isForgotten.includes(errorCode)) this.memberId = ''
  }

  private ofThisLife<Response>(then: (response: Response) => void): (response: Response) => void {
    const { life } = this
    return (response) => {
      if (life === this.life) then(response)
    }
  }
}

function ignore(): void {}
