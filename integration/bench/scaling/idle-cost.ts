import { setTimeout as pause } from 'node:timers/promises'
import { BrokerProcess } from '../../harness/broker-process.ts'
import { residentBytes } from '../process-cost.ts'
import { CURVES } from './curves.ts'
import { cpuUs } from './thread-cpu.ts'

/** What one of something costs a broker that has nothing to do. */
export interface IdleCost {
  readonly what: string
  /** So many more than before. */
  readonly added: number
  readonly before: number
  readonly bytes: number
  readonly cpuUsPerSecond: number
}

const SETTLE_MS = 5000
const WATCH_MS = 5000
/** The first few show a broker that has all loaded and compiled; what comes after them is what one more costs. */
const SIZES = [1000, 10_000]
/** Constant and small: ten thousand take one hundredth of a processor at most. */
export const IDLE_CPU_US_MAX = 1
/** Resident: about half of it is room that V8 leaves itself until its next collection, which an idle broker has no cause for. */
export const IDLE_BYTES_MAX = 16 * 1024

const KINDS = [
  // A topic of its own for each size: those of the last stay.
  { what: 'partition', curve: 'produce to one of n partitions', added: (_: number, size: number) => size },
  { what: 'group', curve: 'commit of one of n groups', added: (from: number, size: number) => size - from },
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

/** Against the same broker before there were so many. */
export async function idleCosts(): Promise<IdleCost[]> {
  const costs: IdleCost[] = []
  for (const { what, curve, added } of KINDS) {
    const grow = CURVES.find(({ name }) => name === curve)?.grow
    if (grow === undefined) throw new Error(`no curve is called ${curve}`)
    const broker = await BrokerProcess.start({ flags: ['--flush', 'os'] })
    try {
      const port = Number(broker.bootstrap[0]?.split(':').at(-1))
      let [from, count] = [0, 0]
      let rest = await atRest(broker.pid)
      for (const size of SIZES) {
        await grow(port, from, size)
        const [after, more] = [await atRest(broker.pid), added(from, size)]
        const bytes = (after.bytes - rest.bytes) / more
        const cpuUsPerSecond = (after.cpuUsPerSecond - rest.cpuUsPerSecond) / more
        costs.push({ what, added: more, before: count, bytes, cpuUsPerSecond })
        ;[from, count, rest] = [size, count + more, after]
      }
    } finally {
      await broker.dispose()
    }
  }
  return costs
}
