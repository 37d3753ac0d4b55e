import { setTimeout as pause } from 'node:timers/promises'
import { ErrorCode, FindCoordinator, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@odradek/protocol'
import { WireClient } from '../harness/wire-client.ts'

const SESSION_MS = 60_000
const RETRY_MS = 20
const TRIES_MAX = 1000
/** Much more often than clients do, so that what is measured is the broker's part. */
const HEARTBEAT_MS = 50

/** While a coordinator is not there yet, or a rebalance has begun again. */
const PASSING: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.REBALANCE_IN_PROGRESS,
])

/** A member of a classic group, on a connection of its own unless one is given. */
export class GroupMember {
  /** Of the last round of joining that it has come through; -1 before. */
  generation = -1
  private readonly client: WireClient
  private readonly groupId: string
  private memberId = ''
  private isOver = false
  private running: Promise<void> = Promise.resolve()

  constructor(client: WireClient, groupId: string) {
    this.client = client
    this.groupId = groupId
  }

  static async open(port: number, groupId: string): Promise<GroupMember> {
    return new GroupMember(await WireClient.open(port), groupId)
  }

  /** Joins, and joins again whenever the group wants it, until `leave`. */
  start(): void {
    this.running = this.run()
    this.running.catch(() => {})
  }

  async leave(): Promise<void> {
    this.isOver = true
    await this.running
    await this.client.call(LeaveGroup, 1, { groupId: this.groupId, memberId: this.memberId, members: [] })
    this.client.close()
  }

  /** Resolves when it has its assignment. */
  async join(): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const errorCode = await this.joinOnce()
      if (errorCode === ErrorCode.NONE) return
      if (!PASSING.has(errorCode)) throw new Error(`group ${this.groupId}: error ${errorCode}`)
      if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) continue
      await this.client.call(FindCoordinator, 2, { key: this.groupId, keyType: 0, coordinatorKeys: [] })
      await pause(RETRY_MS)
    }
    throw new Error(`group ${this.groupId} came to no rest`)
  }

  private async run(): Promise<void> {
    await this.join()
    while (!this.isOver) {
      await pause(HEARTBEAT_MS)
      const { groupId, memberId, generation: generationId } = this
      const { errorCode } = await this.client.call(Heartbeat, 2, { groupId, memberId, generationId })
      if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) await this.join()
      else if (errorCode !== ErrorCode.NONE) throw new Error(`heartbeat: error ${errorCode}`)
    }
  }

  private async joinOnce(): Promise<number> {
    const { groupId } = this
    const joined = await this.client.call(JoinGroup, 3, {
      groupId,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: SESSION_MS,
      memberId: this.memberId,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(32) }],
    })
    if (joined.errorCode !== ErrorCode.NONE) return joined.errorCode
    this.memberId = joined.memberId
    const { generationId } = joined
    const assignments = joined.members.map(({ memberId }) => ({ memberId, assignment: Buffer.alloc(32) }))
    const synced = await this.client.call(SyncGroup, 2, { groupId, generationId, memberId: this.memberId, assignments })
    if (synced.errorCode === ErrorCode.NONE) this.generation = generationId
    return synced.errorCode
  }
}
