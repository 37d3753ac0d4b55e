import { assert, present, type WallMs } from '@odradek/core'
import type { GroupProtocol } from '../commands.ts'
import { consumerProtocolType, subscribedTopicsOf } from '../consumer-subscription.ts'
import { KeptBytes } from '../kept-bytes.ts'
import type { ClassicMember } from './member.ts'
import { type ClassicGroupEvent, type ClassicGroupState, transitions } from './transitions.ts'

/** How long the first round of an Empty group still waits for more members. */
export interface InitialDelay {
  readonly delayMs: number
  readonly remainingMs: number
}

// Most groups that there can be keep offsets alone; empty collections would be most of what these take.
const NO_MEMBERS: ReadonlyMap<string, ClassicMember> = new Map()
const NO_IDS: ReadonlySet<string> = new Set()

/**
 * A classic group as it lives: members, round and generation. It knows nothing of requests' answers, timers and records;
 * what it holds beyond the last GroupMetadata record is soft and may be lost with the machine.
 */
export class ClassicGroup {
  readonly groupId: string
  private currentState: ClassicGroupState = 'Empty'
  /** When the present state began; null where the log did not say (records of old versions). */
  stateTimestampMs: bigint | null = null
  generationId = 0
  /** Null: no member ever; a simple group (offsets without members). */
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** Null: not known, since there was no round yet, another protocol type, or metadata that cannot be read. */
  private subscribedTopics: ReadonlySet<string> | null = null
  private membersById: Map<string, ClassicMember> | null = null
  private staticMemberIds: Map<string, string> | null = null
  private pending: Set<string> | null = null
  private pendingSync: Set<string> | null = null
  /** Set in the round that an Empty group begins with. */
  initialDelay: InitialDelay | null = null
  newMemberAdded = false
  /** Per protocol, how many members support it. */
  private supporters: Map<string, number> | null = null
  private joiningMembers = 0

  private readonly kept: KeptBytes

  constructor(groupId: string, kept = new KeptBytes()) {
    this.groupId = groupId
    this.kept = kept
    kept.change(groupId.length)
  }

  /** Its machine has forgotten it. */
  dispose(): void {
    for (const memberId of [...this.pendingMembers]) this.removePending(memberId)
    this.kept.change(-this.groupId.length)
  }

  get state(): ClassicGroupState {
    return this.currentState
  }

  transition(event: ClassicGroupEvent, wallMs: WallMs): void {
    const next = transitions[this.currentState][event]
    assert(next !== null, `a group that is ${this.currentState} cannot be ${event}`)
    this.currentState = next
    this.stateTimestampMs = BigInt(Math.trunc(wallMs))
  }

  /** A group whose members came from the log. */
  restoreStable(): void {
    assert(this.currentState === 'Empty' && this.members.size > 0, 'restored once, with members')
    this.currentState = 'Stable'
  }

  // --- members ---

  /** In the order of joining. */
  get members(): ReadonlyMap<string, ClassicMember> {
    return this.membersById ?? NO_MEMBERS
  }

  add(member: ClassicMember, protocolType: string): void {
    assert(!this.members.has(member.memberId), 'a member is added once')
    if (this.members.size === 0) this.protocolType = protocolType
    if (member.groupInstanceId !== null) {
      this.staticMemberIds ??= new Map()
      this.staticMemberIds.set(member.groupInstanceId, member.memberId)
    }
    this.leaderId ??= member.memberId
    this.membersById ??= new Map()
    this.membersById.set(member.memberId, member)
    this.removePending(member.memberId)
    this.kept.change(member.keptBytes)
    this.countSupport(member, 1)
  }

  remove(member: ClassicMember): void {
    assert(member.joinRequestId === null && member.syncRequestId === null, 'who leaves has been answered')
    assert(this.membersById?.delete(member.memberId) === true, 'a member is removed once')
    this.kept.change(-member.keptBytes)
    this.countSupport(member, -1)
    if (member.groupInstanceId !== null) this.staticMemberIds?.delete(member.groupInstanceId)
    this.pendingSync?.delete(member.memberId)
    if (this.leaderId === member.memberId) this.leaderId = this.firstMember()?.memberId ?? null
  }

  /** Ids that were given out with MEMBER_ID_REQUIRED and have not come back (KIP-394). */
  get pendingMembers(): ReadonlySet<string> {
    return this.pending ?? NO_IDS
  }

  addPending(memberId: string): void {
    this.pending ??= new Set()
    assert(!this.pending.has(memberId), 'an id is given out once')
    this.pending.add(memberId)
    this.kept.change(memberId.length)
  }

  /** Whether it was one. */
  removePending(memberId: string): boolean {
    if (this.pending?.delete(memberId) !== true) return false
    this.kept.change(-memberId.length)
    return true
  }

  setAssignment(member: ClassicMember, assignment: Uint8Array): void {
    this.kept.change(assignment.length - member.assignment.length)
    member.assignment = assignment
  }

  /** `growth`: what would be kept more than now. */
  hasRoomFor(growth: number, bytesMax: number): boolean {
    return this.kept.hasRoomFor(growth, bytesMax)
  }

  /** `member` takes the place of the static member `old`, which is the same instance under a new id. */
  replaceStatic(old: ClassicMember, member: ClassicMember): void {
    assert(old.groupInstanceId !== null && old.groupInstanceId === member.groupInstanceId, 'the same instance')
    const wasLeader = this.leaderId === old.memberId
    const wasPendingSync = this.pendingSyncMembers.has(old.memberId)
    const { protocolType } = this
    this.remove(old)
    this.add(member, present(protocolType, 'a group with members has a protocol type'))
    if (wasLeader) this.leaderId = member.memberId
    if (wasPendingSync) this.expectSync(member)
  }

  /** Members of this generation that have not asked for their assignment. */
  get pendingSyncMembers(): ReadonlySet<string> {
    return this.pendingSync ?? NO_IDS
  }

  expectSync({ memberId }: ClassicMember): void {
    this.pendingSync ??= new Set()
    this.pendingSync.add(memberId)
  }

  noteSync({ memberId }: ClassicMember): void {
    this.pendingSync?.delete(memberId)
  }

  expectNoSync(): void {
    this.pendingSync = null
  }

  staticMember(groupInstanceId: string): ClassicMember | null {
    const memberId = this.staticMemberIds?.get(groupInstanceId)
    return memberId === undefined ? null : present(this.members.get(memberId), 'a static member is a member')
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId
  }

  /** Keeps the leader if it takes part in this round, else takes the first who does. False when nobody does. */
  electLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader !== undefined && leader.joinRequestId !== null) return true
    for (const member of this.members.values()) {
      if (member.joinRequestId === null) continue
      this.leaderId = member.memberId
      return true
    }
    return false
  }

  private firstMember(): ClassicMember | undefined {
    return this.members.values().next().value
  }

  // --- the round ---

  get joiningCount(): number {
    return this.joiningMembers
  }

  /** Everybody has joined, and nobody who was given an id is still to come. */
  get hasAllMembersJoined(): boolean {
    return this.joiningMembers === this.members.size && this.pendingMembers.size === 0
  }

  parkJoin(member: ClassicMember, requestId: number): void {
    assert(member.joinRequestId === null, 'one JoinGroup of a member waits at a time')
    member.joinRequestId = requestId
    this.joiningMembers++
  }

  unparkJoin(member: ClassicMember): number {
    const requestId = present(member.joinRequestId, 'a JoinGroup of the member waits')
    member.joinRequestId = null
    this.joiningMembers--
    return requestId
  }

  /** The longest that any member needs to come back; 0 without members. */
  get rebalanceTimeoutMs(): number {
    let timeoutMs = 0
    for (const member of this.members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs)
    return timeoutMs
  }

  nextGeneration(wallMs: WallMs): void {
    this.generationId++
    this.initialDelay = null
    this.protocolName = this.members.size > 0 ? this.selectProtocol() : null
    this.subscribedTopics = this.computeSubscribedTopics()
    this.expectNoSync()
    this.transition(this.members.size > 0 ? 'joined' : 'emptied', wallMs)
  }

  // --- protocols ---

  /** Whether a member with these protocols could be in the group: one of them is supported by all. */
  supportsProtocols(protocolType: string, protocols: readonly GroupProtocol[]): boolean {
    if (this.currentState === 'Empty') return protocolType !== '' && protocols.length > 0
    return this.protocolType === protocolType && protocols.some(({ name }) => this.isSupportedByAll(name))
  }

  setProtocols(member: ClassicMember, protocols: readonly GroupProtocol[]): void {
    const before = member.keptBytes
    this.countSupport(member, -1)
    member.setProtocols(protocols)
    this.countSupport(member, 1)
    this.kept.change(member.keptBytes - before)
  }

  /** Each member votes for the first of its protocols that all support; the most votes win, the earliest where equal. */
  selectProtocol(): string {
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const name = member.vote((candidate) => this.isSupportedByAll(candidate))
      votes.set(name, (votes.get(name) ?? 0) + 1)
    }
    let selected: string | null = null
    for (const [name, count] of votes) {
      if (selected === null || count > (votes.get(selected) ?? 0)) selected = name
    }
    return present(selected, 'a protocol is chosen for members')
  }

  private isSupportedByAll(name: string): boolean {
    return (this.supporters?.get(name) ?? 0) === this.members.size
  }

  private countSupport(member: ClassicMember, change: 1 | -1): void {
    const supporters = this.supporters ?? new Map<string, number>()
    for (const { name } of member.protocols) {
      const count = (supporters.get(name) ?? 0) + change
      if (count === 0) supporters.delete(name)
      else supporters.set(name, count)
    }
    this.supporters = supporters.size === 0 ? null : supporters
  }

  // --- subscriptions ---

  get usesConsumerProtocol(): boolean {
    return this.protocolType === consumerProtocolType
  }

  get knowsSubscribedTopics(): boolean {
    return this.subscribedTopics !== null
  }

  /** Where the subscriptions cannot be read, consumers are taken to subscribe to everything. */
  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics === null ? this.usesConsumerProtocol : this.subscribedTopics.has(topic)
  }

  refreshSubscribedTopics(): void {
    this.subscribedTopics = this.computeSubscribedTopics()
  }

  private computeSubscribedTopics(): ReadonlySet<string> | null {
    if (!this.usesConsumerProtocol) return null
    const topics = new Set<string>()
    if (this.members.size === 0) return topics
    if (this.protocolName === null) return null
    for (const member of this.members.values()) {
      const subscribed = subscribedTopicsOf(member.metadata(this.protocolName))
      if (subscribed === null) return null
      for (const topic of subscribed) topics.add(topic)
    }
    return topics
  }
}
