import { present } from '@odradek/core'
import {
  Heartbeat,
  JoinGroup,
  type JoinGroupRequestInput,
  type JoinGroupResponse,
  OffsetCommit,
  type OffsetCommitRequestInput,
  OffsetFetch,
  SyncGroup,
  type SyncGroupResponse,
} from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import { DataFixture } from './data-fixture.ts'
import type { Harness } from './harness.ts'

/** A member that has joined and synced. */
export interface Member {
  readonly memberId: string
  readonly generationId: number
}

/** Groups as clients see them, in newest versions unless told otherwise. */
export class GroupFixture extends DataFixture {
  readonly by: Harness = this.client()

  async join(
    groupId: string,
    rest: Partial<JoinGroupRequestInput> = {},
    version = 9,
    by = this.by,
  ): Promise<JoinGroupResponse> {
    const request = {
      groupId,
      sessionTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription(['t']) }],
      ...rest,
    }
    return present(
      await this.settle(
        by.send(JoinGroup, version, version >= 1 ? { rebalanceTimeoutMs: 10_000, ...request } : request),
      ),
      'an answer',
    )
  }

  async sync(
    groupId: string,
    member: Member,
    assignments: { memberId: string; assignment: Uint8Array }[],
    version = 5,
  ): Promise<SyncGroupResponse> {
    const names = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}
    return present(
      await this.settle(this.by.send(SyncGroup, version, { groupId, ...member, ...names, assignments })),
      'an answer',
    )
  }

  /** A group of one member, stable. */
  async stableGroup(groupId: string, assignment = Buffer.from('mine')): Promise<Member> {
    const { memberId } = await this.join(groupId)
    const { generationId } = await this.join(groupId, { memberId })
    const member = { memberId, generationId }
    await this.sync(groupId, member, [{ memberId, assignment }])
    return member
  }

  async heartbeat(groupId: string, member: Member, version = 4): Promise<number> {
    return present(await this.settle(this.by.send(Heartbeat, version, { groupId, ...member })), 'an answer').errorCode
  }

  /** Error codes of the rows of a commit, by default outside any group. */
  async commit(
    groupId: string,
    offsets: Readonly<Record<number, number>>,
    rest: Partial<OffsetCommitRequestInput> = {},
    version = 9,
  ): Promise<number[]> {
    const partitions = Object.entries(offsets).map(([index, offset]) => ({
      partitionIndex: Number(index),
      committedOffset: BigInt(offset),
      committedMetadata: null,
    }))
    const request = { groupId, memberId: '', topics: [{ name: 't', partitions }], ...rest }
    const answer = await this.settle(this.by.send(OffsetCommit, version, request))
    return present(answer, 'an answer').topics.flatMap((topic) => topic.partitions.map((row) => row.errorCode))
  }

  /** Committed offsets of partitions of `t`; -1 for none. */
  async committed(groupId: string, partitionIndexes: number[]): Promise<number[]> {
    const answer = await this.settle(
      this.by.send(OffsetFetch, 7, { groupId, topics: [{ name: 't', partitionIndexes }] }),
    )
    return present(answer, 'an answer').topics.flatMap((topic) =>
      topic.partitions.map((row) => Number(row.committedOffset)),
    )
  }
}

/** What a consumer says it wants, version 0. */
export function subscription(topics: string[]): Uint8Array {
  return encodeRecordValue(ConsumerProtocolSubscription, 0, { topics, userData: null, ownedPartitions: [] })
}
