import { setTimeout as pause } from 'node:timers/promises'
import { BrokerProcess } from '../../harness/broker-process.ts'
import { residentBytes } from '../process-cost.ts'
import { CURVES } from './curves.ts'
import { cpuUs } from './thread-cpu.ts'

/** What one of something costs a broker that has nothing to do. */
export interface IdleCost {
  readonly what: string
  readonly count: number
  readonly bytes: number
  readonly cpuUsPerSecond: number
}

const SETTLE_MS = 5000
const WATCH_MS = 5000
const COUNT = 10_000
/** Constant and small: ten thousand take one hundredth of a processor at most. */
export const IDLE_CPU_US_MAX = 1
/** Resident: about half of it is room that V8 leaves itself until its next collection, which an idle broker has no cause for. */
export const IDLE_BYTES_MAX = 16 * 1024

const KINDS = [
  { what: 'partition', curve: 'produce to one of n partitions' },
  { what: 'group', curve: 'commit of one of n groups' },
]

interface Rest {
  readonly bytes: number
  readonly cpuUsPerSecond: number
}

async function atRest(pid: number): Promise<Rest> {
  await pause(SETTLE_MS)
  const before = cpuUs(pid)
  await pause(WATCH_MS)
  return { bytes: residentBytes(pid), cpuUsPerSecond: ((cpuUs(pid) - before) * 1000) / WATCH_MS }
}

/** Against the same broker before there was any. */
export async function idleCosts(): Promise<IdleCost[]> {
  const costs: IdleCost[] = []
  for (const { what, curve } of KINDS) {
    const grow = CURVES.find(({ name }) => name === curve)?.grow
    if (grow === undefined) throw new Error(`no curve is called ${curve}`)
    const broker = await BrokerProcess.start({ flags: ['--flush', 'os'] })
    try {
      const port = Number(broker.bootstrap[0]?.split(':').at(-1))
      const before = await atRest(broker.pid)
      await grow(port, 0, COUNT)
      const after = await atRest(broker.pid)
      costs.push({
        what,
        count: COUNT,
        bytes: (after.bytes - before.bytes) / COUNT,
        cpuUsPerSecond: (after.cpuUsPerSecond - before.cpuUsPerSecond) / COUNT,
      })
    } finally {
      await broker.dispose()
    }
  }
  return costs
}
