import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { type Brokers, startKafka, startOdradek } from './brokers.ts'
import type { Case } from './case.ts'
import { GroupMember } from './group-member.ts'
import type { Stage } from './load-stage.ts'
import { cpuMs, residentBytes, watchMachine } from './process-cost.ts'
import type { Broker, TargetName } from './target.ts'

const MEMBERS = 100
const GROUPS = 1000
const CONNECTIONS = 20
const SETTLE_MS_MAX = 60_000

/** Runs `work` and adds what it took of broker and machine. */
async function costOf(broker: Broker, work: () => Promise<void>) {
  const shares = watchMachine()
  const [brokerBefore, ownBefore, begunMs] = [cpuMs(broker.pid), cpuMs(process.pid), performance.now()]
  await work()
  const ms = performance.now() - begunMs
  const brokerCpuMs = cpuMs(broker.pid) - brokerBefore
  return { ms, brokerCpuMs, machine: shares(brokerCpuMs + cpuMs(process.pid) - ownBefore) }
}

const haveSettled = (members: readonly GroupMember[]): boolean =>
  members.every(({ generation }) => generation >= 0 && generation === members[0]?.generation)

let groups = 0

/** A group of 100 that stays; each round one more comes, and goes again. */
async function rebalanceStage(brokers: Brokers, target: 'odradek' | 'kafka'): Promise<Stage> {
  const broker = await brokers.get(target)
  const groupId = `rebalance-${process.pid}-${++groups}`
  const members: GroupMember[] = []
  for (let index = 0; index < MEMBERS; index++) members.push(await GroupMember.open(broker.port, groupId))
  for (const member of members) member.start()
  await until('the group has settled', () => haveSettled(members), SETTLE_MS_MAX)
  return {
    async round() {
      const generation = members[0]?.generation ?? 0
      const added = await GroupMember.open(broker.port, groupId)
      const all = [...members, added]
      const haveMoved = () => haveSettled(all) && added.generation > generation
      const { ms, brokerCpuMs, machine } = await costOf(broker, async () => {
        added.start()
        await until('everybody has an assignment', haveMoved, SETTLE_MS_MAX)
      })
      const between = added.generation
      await added.leave()
      const haveMovedAgain = () => haveSettled(members) && (members[0]?.generation ?? 0) > between
      await until('the group has settled without it', haveMovedAgain, SETTLE_MS_MAX)
      const figures = { rebalanceMs: ms, cpuUsPerRequest: (brokerCpuMs * 1000) / all.length }
      return { figures, ...machine, generatorShare: 0 }
    },
    async end() {
      await Promise.all(members.map((member) => member.leave()))
    },
  }
}

/** A broker of its own each round, so that its memory can be looked at. */
function manyGroupsStage(brokers: Brokers, target: TargetName): Stage {
  const formGroups = async (port: number, count: number): Promise<void> => {
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => WireClient.open(port)))
    const name = `many-${++groups}`
    await Promise.all(
      clients.map(async (client, index) => {
        for (let number = index; number < count; number += CONNECTIONS)
          await new GroupMember(client, `${name}-${number}`).join()
      }),
    )
    for (const client of clients) client.close()
  }
  return {
    async round() {
      const directory = brokers.directory.next(target)
      const broker = await (target === 'kafka' ? startKafka(directory) : startOdradek(directory))
      try {
        await formGroups(broker.port, CONNECTIONS)
        const before = residentBytes(broker.pid)
        const { ms, brokerCpuMs, machine } = await costOf(broker, () => formGroups(broker.port, GROUPS))
        const bytes = residentBytes(broker.pid)
        const figures = {
          requestsPerSecond: GROUPS / (ms / 1000),
          cpuUsPerRequest: (brokerCpuMs * 1000) / GROUPS,
          kbPerGroup: (bytes - before) / 1000 / GROUPS,
          residentMb: bytes / 1e6,
        }
        return { figures, ...machine, generatorShare: 0 }
      } finally {
        await broker.end()
      }
    },
    end: async () => {},
  }
}

export const GROUP_CASES: readonly Case[] = [
  {
    name: 'rebalance of a group of 100 members',
    targets: ['odradek', 'kafka'],
    open(brokers, target) {
      if (target === 'limit') throw new Error('the C program has no groups')
      return rebalanceStage(brokers, target)
    },
  },
  {
    name: '1,000 groups formed',
    targets: ['odradek', 'kafka'],
    rounds: 3,
    open: async (brokers, target) => manyGroupsStage(brokers, target),
  },
]
