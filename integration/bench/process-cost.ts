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

interface CpuTimes {
  readonly steal: number
  readonly all: number
}

function machineTimes(): CpuTimes {
  const times = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number)
  return { steal: times[7] ?? 0, all: times.reduce((sum, time) => sum + time, 0) }
}

/** Measures which share of the machine's time others took away between now and the call of the result. */
export function watchSteal(): () => number {
  const before = machineTimes()
  return () => {
    const after = machineTimes()
    return (after.steal - before.steal) / Math.max(1, after.all - before.all)
  }
}
