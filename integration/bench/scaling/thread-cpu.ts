import { readdirSync, readFileSync } from 'node:fs'

/** Processor time of a process so far, over all its threads, to the nanosecond: /proc/PID/stat knows only hundredths of a second. */
export function cpuUs(pid: number): number {
  const directory = `/proc/${pid}/task`
  let sum = 0
  for (const thread of readdirSync(directory)) {
    try {
      sum += Number(readFileSync(`${directory}/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum / 1000
}
