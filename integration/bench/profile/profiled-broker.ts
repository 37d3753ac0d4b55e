import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PRELOAD = join(process.cwd(), 'integration/bench/profile/preload.cjs')
const STEP_MS_MAX = 60_000
const POLL_MS = 20

/** What the broker's environment must have, so that `Profiler` can steer it. */
export const profilingEnvironment = (directory: string): Record<string, string> => ({
  NODE_OPTIONS: `--require ${JSON.stringify(PRELOAD)}`,
  ODRADEK_PROFILE_DIRECTORY: directory,
})

/** Steers what preload.cjs does in the broker. */
export class Profiler {
  private readonly pid: number
  private readonly directory: string

  constructor(pid: number, directory: string) {
    this.pid = pid
    this.directory = directory
  }

  /** The CPU profile of what happens during `work`; once only, and before the heap's. */
  async cpu(work: () => Promise<void>): Promise<string> {
    await this.step('cpu-begun')
    await work()
    return this.step('cpuprofile')
  }

  async heap(work: () => Promise<void>): Promise<string> {
    await this.step('heap-begun')
    await work()
    return this.step('heapprofile')
  }

  private async step(name: string): Promise<string> {
    process.kill(this.pid, 'SIGUSR2')
    const path = join(this.directory, name)
    const endMs = performance.now() + STEP_MS_MAX
    while (!existsSync(path)) {
      if (performance.now() > endMs) throw new Error(`the broker did not get to ${name} within ${STEP_MS_MAX} ms`)
      await pause(POLL_MS)
    }
    return readFileSync(path, 'utf8')
  }
}
