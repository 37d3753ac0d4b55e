import { assert } from '@odradek/core'
import type { GroupMetadataValue } from '@odradek/protocol/records'
import type { ClassicGroup } from './classic/group.ts'
import { EMPTY_BYTES } from './classic/member.ts'
import { restoreGroup, snapshotRecord } from './classic/persistence.ts'
import type { GroupCommand } from './commands.ts'
import type { KeptBytes } from './kept-bytes.ts'
import type { OffsetStore } from './offset-store.ts'
import type { GroupShard } from './shard.ts'
import { joinTimerKey, sessionTimerKey, syncTimerKey } from './timer-keys.ts'

export interface ShardInside {
  readonly offsets: OffsetStore
  readonly metadata: ReadonlyMap<string, GroupMetadataValue>
  readonly groups: ReadonlyMap<string, ClassicGroup>
  readonly kept: KeptBytes
}

export interface MachineView {
  readonly inside: ShardInside
  readonly deadlines: ReadonlyMap<string, { readonly dueMs: number }>
  readonly pending: ReadonlyMap<number, { readonly command: GroupCommand }>
  readonly nowMs: number
}

export function insideOf(shard: GroupShard): ShardInside {
  return shard as unknown as ShardInside
}

/** By what the log calls it: values are replaced whole, never changed. */
export function hardStateOf({ offsets, metadata }: ShardInside): ReadonlyMap<string, unknown> {
  const state = new Map<string, unknown>()
  for (const [groupId, value] of metadata) state.set(`group ${groupId}`, value)
  for (const groupId of offsets.groupIds()) {
    for (const [topic, partitions] of offsets.ofGroup(groupId)) {
      for (const [partition, committed] of partitions) state.set(`offset ${groupId} ${topic} ${partition}`, committed)
    }
    for (const [topic, partitions] of offsets.pending.ofGroup(groupId)) {
      for (const [partition, byProducer] of partitions) {
        for (const [producerId, pending] of byProducer)
          state.set(`pending ${groupId} ${topic} ${partition} ${producerId}`, pending)
      }
    }
  }
  return state
}

export function isSameHardState(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  if (one.size !== other.size) return false
  for (const [name, value] of one) if (other.get(name) !== value) return false
  return true
}

/** The invariants of SPEC.md that a single look can check. */
export function checkMachine(view: MachineView): void {
  for (const groupId of view.inside.offsets.groupIds())
    assert(view.inside.groups.has(groupId), '15: a group with offsets exists')
  checkKept(view.inside)
  for (const group of view.inside.groups.values()) {
    checkMembers(group)
    checkWaiting(group, view)
    checkTimers(group, view)
    checkSnapshot(group, view.inside)
  }
}

/** 21 */
function checkKept({ kept, groups, offsets }: ShardInside): void {
  let bytes = 0
  let count = 0
  for (const groupId of offsets.groupIds()) {
    for (const partitions of offsets.ofGroup(groupId).values())
      for (const { metadata } of partitions.values()) {
        bytes += metadata.length
        count += 1
      }
    for (const partitions of offsets.pending.ofGroup(groupId).values()) {
      for (const byProducer of partitions.values())
        for (const { offset } of byProducer.values()) {
          bytes += offset.metadata.length
          count += 1
        }
    }
  }
  for (const { groupId, members, pendingMembers } of groups.values()) {
    bytes += groupId.length
    for (const member of members.values()) bytes += member.keptBytes
    for (const memberId of pendingMembers) bytes += memberId.length
  }
  assert(offsets.size === count, `21: ${offsets.size} offsets are counted where ${count} are kept`)
  assert(kept.bytes === bytes, `21: ${kept.bytes} bytes are counted where ${bytes} are kept`)
}

/** 1, 3, 4, 5 */
function checkMembers(group: ClassicGroup): void {
  const { state, members, leaderId } = group
  assert(state !== 'Dead', 'who is dead is gone')
  if (state !== 'PreparingRebalance')
    assert((state === 'Empty') === (members.size === 0), '1: Empty is without members')
  if (members.size === 0) {
    assert(leaderId === null, '3: nobody leads nobody')
    return
  }
  assert(leaderId !== null && members.has(leaderId), '3: the leader is a member')
  const selected = group.selectProtocol()
  for (const member of members.values()) {
    assert(!group.pendingMembers.has(member.memberId), 'a member is not pending')
    const names = member.protocols.map(({ name }) => name)
    assert(names.includes(selected), '5: a protocol in common')
    assert(
      state === 'PreparingRebalance' || names.includes(group.protocolName ?? ''),
      '5: the chosen protocol is supported by all',
    )
    if (member.groupInstanceId !== null)
      assert(group.staticMember(member.groupInstanceId) === member, '4: an instance names its member')
  }
}

/** 2, and that who waits in a group is a request that has no answer yet */
function checkWaiting(group: ClassicGroup, { pending }: MachineView): void {
  let joining = 0
  for (const { joinRequestId, syncRequestId } of group.members.values()) {
    if (joinRequestId !== null) {
      joining++
      assert(group.state === 'PreparingRebalance', '2: one waits in JoinGroup only in a round')
      assert(pending.get(joinRequestId)?.command.kind === 'JoinGroup', 'who waits has not been answered')
    }
    if (syncRequestId !== null) {
      assert(group.state === 'CompletingRebalance', '2: one waits in SyncGroup only for the leader')
      assert(pending.get(syncRequestId)?.command.kind === 'SyncGroup', 'who waits has not been answered')
    }
  }
  assert(group.joiningCount === joining, 'those who have joined are counted')
}

/** 8, 9 */
function checkTimers(group: ClassicGroup, { deadlines, nowMs }: MachineView): void {
  const { groupId, state } = group
  for (const memberId of group.pendingMembers)
    assert(deadlines.has(sessionTimerKey(groupId, memberId)), '8: an id that was given out ends')
  for (const member of group.members.values()) {
    if (member.isParked && !member.isNew) continue
    const dueMs = deadlines.get(sessionTimerKey(groupId, member.memberId))?.dueMs
    assert(dueMs !== undefined && dueMs >= nowMs && dueMs <= member.sessionDeadlineMs, '8: a session ends')
    assert(dueMs === member.sessionTimerDueMs, '8: the timer is where the member knows it')
  }
  if (state === 'PreparingRebalance') assert(deadlines.has(joinTimerKey(groupId)), '9: a round has a timer')
  const isWaitingForSyncs = (state === 'CompletingRebalance' || state === 'Stable') && group.pendingSyncMembers.size > 0
  assert(deadlines.has(syncTimerKey(groupId)) === isWaitingForSyncs, '9: assignments are waited for with a timer')
  if (state === 'CompletingRebalance') assert(isWaitingForSyncs, '9: the leader is waited for')
}

/** 18 */
function checkSnapshot(group: ClassicGroup, { metadata }: ShardInside): void {
  const value = metadata.get(group.groupId)
  assert(value !== undefined || group.state !== 'Stable', '18: a Stable group is in the log')
  const isSettled = group.state === 'Stable' || group.state === 'Empty'
  if (value === undefined || !isSettled) return
  const restored = snapshotRecord(restoreGroup(group.groupId, value)).value ?? EMPTY_BYTES
  assert(Buffer.compare(restored, snapshotRecord(group).value ?? EMPTY_BYTES) === 0, '18: a restart finds what lives')
}
