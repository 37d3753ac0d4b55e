import { assert, ManualClock, type Prng, producerId, type WallMs } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ShardRunner } from '../runtime/runner.ts'
import type { Append, Now, Step } from '../runtime/shard.ts'
import type { ClassicGroup } from './classic/group.ts'
import type { GroupCommand, GroupResponse, GroupResponseOf, JoinGroupResult } from './commands.ts'
import { defaultGroupConfig, type GroupConfig } from './config.ts'
import { groupAppendErrorCode, groupErrorResponse } from './errors.ts'
import { FUZZ_PRODUCERS } from './fuzz-client.ts'
import { checkMachine, hardStateOf, insideOf, isSameHardState, type MachineView } from './fuzz-invariants.ts'
import { checkOffsets } from './fuzz-offsets.ts'
import { GroupShard } from './shard.ts'

const fuzzConfig: GroupConfig = {
  ...defaultGroupConfig,
  groupInitialRebalanceDelayMs: 500,
  offsetsRetentionMs: 3_600_000,
}

interface GenerationSeen {
  readonly protocolName: string | null
  assigner: string | null
}

/** Looks at every decision as it is made. */
class WatchedShard extends GroupShard {
  private readonly generations = new WeakMap<ClassicGroup, Map<number, GenerationSeen>>()

  override decide(requestId: number, command: GroupCommand, now: Now): Step<GroupResponse> {
    return this.watched(() => super.decide(requestId, command, now))
  }

  override expire(timerKey: string, now: Now): Step<GroupResponse> {
    return this.watched(() => super.expire(timerKey, now))
  }

  private watched(decide: () => Step<GroupResponse>): Step<GroupResponse> {
    const before = hardStateOf(insideOf(this))
    const step = decide()
    assert(isSameHardState(hardStateOf(insideOf(this)), before), '19: deciding changes no hard state')
    for (const { response } of step.replies) {
      if (response.kind === 'JoinGroup' && response.errorCode === ErrorCode.NONE) this.sawJoin(response)
    }
    return step
  }

  /** Invariants 6 and 7. */
  private sawJoin({ memberId, generationId, protocolName, leader, members, skipAssignment }: JoinGroupResult): void {
    const group = [...insideOf(this).groups.values()].find((candidate) => candidate.members.has(memberId))
    assert(group !== undefined, 'who joined is a member')
    const generations = this.generations.get(group) ?? new Map<number, GenerationSeen>()
    this.generations.set(group, generations)
    const seen = generations.get(generationId) ?? { protocolName, assigner: null }
    assert(generations.has(generationId) || generationId > Math.max(0, ...generations.keys()), '7: generations rise')
    generations.set(generationId, seen)
    assert(protocolName === seen.protocolName, '6: one protocol in a generation')
    if (members.length === 0 || skipAssignment) return
    assert(memberId === leader, '6: the leader assigns')
    assert(memberId === (seen.assigner ?? memberId), '6: one assigns')
    seen.assigner = memberId
  }
}

/** A machine whose appends become durable late, or fail, and that crashes now and then; watched from inside and outside. */
export class FuzzWorld {
  readonly clock = new ManualClock()
  readonly prng: Prng
  private log: { readonly append: Append; readonly wallMs: WallMs }[] = []
  private readonly held: (() => void)[] = []
  private shard = new WatchedShard(() => fuzzConfig)
  private runner: ShardRunner<GroupCommand, GroupResponse>
  /** What a machine would know that was started now. */
  private readonly durable = new GroupShard(() => fuzzConfig)
  private durableAppends = 0
  private failures = 0
  private failuresUnderWay = 0
  private answers = 0
  private requests = 0
  private failNextAppend = false

  constructor(prng: Prng) {
    this.prng = prng
    this.runner = this.startRunner()
    this.runner.loaded()
  }

  submit<Kind extends GroupCommand['kind']>(
    command: Extract<GroupCommand, { readonly kind: Kind }>,
    done: (response: GroupResponseOf<Kind>) => void,
  ): void {
    let isAnswered = false
    this.requests++
    this.runner.submit(command, (response) => {
      assert(!isAnswered, '10: answered once')
      isAnswered = true
      this.answers++
      assert(response.kind === command.kind, 'an answer of the kind of the question')
      if (this.runner.state === 'active') this.checkDurable(command, response)
      done(response as GroupResponseOf<Kind>)
    })
  }

  get unanswered(): number {
    return this.requests - this.answers
  }

  /** Lets some or all of the appends that are under way become durable. */
  settle(count: number): void {
    for (const done of this.held.splice(0, count)) done()
    if (this.failures > 0 && this.held.length === 0) this.reload()
  }

  endTransaction(): void {
    const { prng } = this
    const producer = { producerId: producerId(BigInt(prng.below(FUZZ_PRODUCERS))), producerEpoch: 0 }
    const committed = prng.below(2) === 0
    this.submit(
      { kind: 'EndTransaction', ...producer, coordinatorEpoch: 0, transactionVersion: 0, committed },
      () => {},
    )
  }

  failAppend(): void {
    this.failNextAppend = true
  }

  /** As a machine without power: what was not yet durable is gone. Whoever waits hears nothing, here an error. */
  crash(): void {
    this.held.length = 0
    this.log.length = this.durableAppends
    this.failures = 0
    this.failuresUnderWay = 0
    this.runner.stop()
    this.shard = new WatchedShard(() => fuzzConfig)
    this.runner = this.startRunner()
    this.load()
  }

  check(): void {
    if (this.runner.state !== 'active') return
    checkMachine(this.view())
  }

  /** Invariant 22. */
  checkOffsets(): void {
    if (this.runner.state !== 'active' || this.failuresUnderWay > 0) return
    checkOffsets(
      this.log.map(({ append }) => append),
      insideOf(this.shard).offsets,
    )
  }

  /** Invariants 17 and 18. */
  checkRestart(): void {
    // What fails is not in the log, but the machine does not know yet.
    if (this.runner.state !== 'active' || this.failuresUnderWay > 0) return
    const replayed = new GroupShard(() => fuzzConfig)
    for (const { append, wallMs } of this.log) replay(replayed, append, wallMs)
    expect(new Map(hardStateOf(insideOf(replayed)))).toEqual(new Map(hardStateOf(insideOf(this.shard))))
    const now = { wallMs: this.clock.wallMs(), monotonicMs: this.clock.monotonicMs() }
    expect(replayed.loaded(now).records).toEqual([])
  }

  /** Nobody sends anything any more: with time alone all must be answered (invariant 10). */
  finish(): void {
    for (let minute = 0; minute < 60 && this.unanswered > 0; minute++) {
      this.settle(Number.POSITIVE_INFINITY)
      this.clock.advance(30_000)
      this.check()
    }
    this.settle(Number.POSITIVE_INFINITY)
    assert(this.unanswered === 0 && this.runner.pendingRequests === 0, '10: everybody is answered')
  }

  private becomeDurable(append: Append, wallMs: WallMs): void {
    this.durableAppends++
    replay(this.durable, append, wallMs)
  }

  /** Invariant 20: an answer says no more, and no less, than what is durable when it leaves. */
  private checkDurable(command: GroupCommand, response: GroupResponse): void {
    const { offsets, metadata } = insideOf(this.durable)
    if (
      command.kind === 'OffsetCommit' &&
      response.kind === 'OffsetCommit' &&
      response.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
    ) {
      for (const { name, partitions } of command.topics) {
        const last = new Map(partitions.map((partition) => [partition.partitionIndex, partition.committedOffset]))
        for (const [index, offset] of last)
          assert(offsets.get(command.groupId, name, index)?.offset === offset, '20: a commit is durable')
      }
    }
    if (
      command.kind === 'TxnOffsetCommit' &&
      response.kind === 'TxnOffsetCommit' &&
      response.topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE
    ) {
      for (const { name, partitions } of command.topics) {
        for (const { partitionIndex } of partitions)
          assert(offsets.pending.has(command.groupId, name, partitionIndex), '20: a pending offset is durable')
      }
    }
    if (command.kind === 'OffsetFetch' && response.kind === 'OffsetFetch') {
      for (const { name, partitions } of response.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of partitions) {
          const isUnstable = command.requireStable && offsets.pending.has(command.groupId, name, partitionIndex)
          assert(isUnstable === (errorCode === ErrorCode.UNSTABLE_OFFSET_COMMIT), '20: what is pending is durable')
          const offset = isUnstable ? undefined : offsets.get(command.groupId, name, partitionIndex)?.offset
          assert((offset ?? -1n) === committedOffset, '20: what is read is durable')
        }
      }
    }
    if (command.kind === 'SyncGroup' && response.kind === 'SyncGroup' && response.errorCode === ErrorCode.NONE) {
      const stored = metadata.get(command.groupId)
      const member = stored?.members.find(({ memberId }) => memberId === command.memberId)
      assert(stored?.generation === command.generationId && member !== undefined, '20: an assignment is durable')
      assert(Buffer.compare(member.assignment, response.assignment) === 0, '20: the durable assignment is handed out')
    }
  }

  private view(): MachineView {
    const { deadlines, pending } = this.runner as unknown as {
      readonly deadlines: { readonly entries: ReadonlyMap<string, { readonly dueMs: number }> }
      readonly pending: ReadonlyMap<number, { readonly command: GroupCommand }>
    }
    return { inside: insideOf(this.shard), deadlines: deadlines.entries, pending, nowMs: this.clock.monotonicMs() }
  }

  private startRunner(): ShardRunner<GroupCommand, GroupResponse> {
    return new ShardRunner({
      clock: this.clock,
      createShard: () => this.shard,
      append: (append, done) => this.append(append, done),
      errorResponse: groupErrorResponse,
      appendErrorCode: groupAppendErrorCode,
      onFailed: (_errorCode, error) => {
        if (error !== null) throw error
        this.failures++
      },
    })
  }

  private append(append: Append, done: (errorCode: ErrorCode) => void): void {
    const errorCode = this.failNextAppend ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NONE
    this.failNextAppend = false
    const wallMs = this.clock.wallMs()
    if (errorCode === ErrorCode.NONE) this.log.push({ append, wallMs })
    else this.failuresUnderWay++
    this.held.push(() => {
      if (errorCode === ErrorCode.NONE) this.becomeDurable(append, wallMs)
      done(errorCode)
    })
  }

  private reload(): void {
    this.failures = 0
    this.failuresUnderWay = 0
    this.shard = new WatchedShard(() => fuzzConfig)
    this.runner.reload()
    this.load()
  }

  private load(): void {
    for (const { append, wallMs } of this.log) {
      for (const record of append.records) this.runner.replay(record, wallMs, append.producer)
      if (append.marker !== undefined) this.runner.replayMarker(append.marker)
    }
    this.runner.loaded()
  }
}

function replay(shard: GroupShard, { records, producer, marker }: Append, wallMs: WallMs): void {
  for (const record of records) shard.replay(record, wallMs, producer)
  if (marker !== undefined) shard.replayMarker(marker)
}
