import { readFileSync } from 'node:fs'

/** Clock ticks of /proc: 100 a second on every Linux that Node supports. */
const TICK_MS = 10
const PAGE_BYTES = 4096

/** CPU time of a process, user and system of all its threads, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

export function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
}

interface MachineTimes {
  readonly busyMs: number
  readonly stealMs: number
  readonly allMs: number
}

function machineTimes(): MachineTimes {
  const times = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number)
  const [, , , idle = 0, waiting = 0, , , steal = 0] = times
  // Time of guests is in user time already.
  const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0)
  return { busyMs: (all - idle - waiting - steal) * TICK_MS, stealMs: steal * TICK_MS, allMs: all * TICK_MS }
}

export interface MachineShares {
  readonly stealShare: number
  readonly foreignShare: number
}

/** Which shares of the machine's time went elsewhere between now and the call of the result; `ownMs` is spent on the measurement. */
export function watchMachine(): (ownMs: number) => MachineShares {
  const before = machineTimes()
  return (ownMs) => {
    const after = machineTimes()
    const allMs = Math.max(TICK_MS, after.allMs - before.allMs)
    return {
      stealShare: (after.stealMs - before.stealMs) / allMs,
      foreignShare: Math.max(0, after.busyMs - before.busyMs - ownMs) / allMs,
    }
  }
}
