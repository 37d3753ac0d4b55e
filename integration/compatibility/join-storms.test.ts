import { ErrorCode, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@odradek/protocol'
import { startBroker, type TestBroker } from '@odradek/testing'
import { WireClient } from '../harness/wire-client.ts'

const MEMBERS = 3
const STORMS = 50
const SESSION_TIMEOUT_MS = 60_000
const PROTOCOLS = [{ name: 'range', metadata: new Uint8Array([1]) }]

let broker: TestBroker

beforeAll(async () => {
  broker = await startBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } })
})

afterAll(() => broker.stop())

/** One consumer over raw requests, which counts every answer that it gets. */
class Member {
  private readonly client: WireClient
  private readonly counts: Map<number, number>
  private memberId = ''
  private generationId = -1

  constructor(client: WireClient, counts: Map<number, number>) {
    this.client = client
    this.counts = counts
  }

  private count(errorCode: number): number {
    this.counts.set(errorCode, (this.counts.get(errorCode) ?? 0) + 1)
    return errorCode
  }

  /** Joins and takes its assignment, again as long as others come and go meanwhile. */
  async join(groupId: string): Promise<void> {
    for (;;) {
      const answer = await this.client.call(JoinGroup, 7, {
        groupId,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
        memberId: this.memberId,
        protocolType: 'consumer',
        protocols: PROTOCOLS,
      })
      this.memberId = answer.memberId
      if (this.count(answer.errorCode) === ErrorCode.MEMBER_ID_REQUIRED) continue
      if (answer.errorCode !== ErrorCode.NONE) throw new Error(`JoinGroup answered ${answer.errorCode}`)
      this.generationId = answer.generationId
      const assignments = answer.members.map(({ memberId }) => ({ memberId, assignment: Buffer.from(memberId) }))
      const sync = { groupId, generationId: answer.generationId, memberId: this.memberId, assignments }
      const synced = await this.client.call(SyncGroup, 3, sync)
      if (this.count(synced.errorCode) === ErrorCode.REBALANCE_IN_PROGRESS) continue
      if (synced.errorCode !== ErrorCode.NONE) throw new Error(`SyncGroup answered ${synced.errorCode}`)
      if (Buffer.from(synced.assignment).toString() !== this.memberId) throw new Error("another member's assignment")
      return
    }
  }

  /** @returns whether the group rebalances, so that it has to join again */
  async beat(groupId: string): Promise<boolean> {
    const { memberId, generationId } = this
    const { errorCode } = await this.client.call(Heartbeat, 3, { groupId, generationId, memberId })
    if (this.count(errorCode) === ErrorCode.REBALANCE_IN_PROGRESS) return true
    if (errorCode !== ErrorCode.NONE) throw new Error(`Heartbeat answered ${errorCode}`)
    return false
  }

  async leave(groupId: string): Promise<void> {
    const { members } = await this.client.call(LeaveGroup, 3, { groupId, members: [{ memberId: this.memberId }] })
    const [row] = members
    if (this.count(row?.errorCode ?? -1) !== ErrorCode.NONE) throw new Error(`LeaveGroup answered ${row?.errorCode}`)
    this.memberId = ''
  }
}

test(`compatibility 67: ${MEMBERS} members that join and leave ${STORMS} times are never strangers`, async () => {
  const port = Number(broker.bootstrap[0]?.split(':').at(-1))
  const clients = await Promise.all(Array.from({ length: MEMBERS }, () => WireClient.open(port)))
  const counts = new Map<number, number>()
  await Promise.all(
    clients.map(async (client, index) => {
      const member = new Member(client, counts)
      for (let storm = 0; storm < STORMS; storm++) {
        await member.join('stormy')
        // Some stay for a while, in which others come and go.
        for (let beats = 0; beats < (storm + index) % 4; beats++)
          if (await member.beat('stormy')) await member.join('stormy')
        await member.leave('stormy')
      }
    }),
  )
  for (const client of clients) client.close()
  expect(counts.get(ErrorCode.UNKNOWN_MEMBER_ID)).toBeUndefined()
  expect(counts.get(ErrorCode.ILLEGAL_GENERATION)).toBeUndefined()
  expect(counts.get(ErrorCode.MEMBER_ID_REQUIRED)).toBe(MEMBERS * STORMS)
  expect(counts.get(ErrorCode.REBALANCE_IN_PROGRESS)).toBeGreaterThan(0)
})
