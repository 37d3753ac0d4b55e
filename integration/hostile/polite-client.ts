import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'

const PROGRAM = resolve(process.cwd(), 'integration/hostile/polite-client.cjs')

/** How long a well-behaved client had to wait for its answers. */
export class Waits {
  readonly sortedMs: readonly number[]
  /** Its connection was closed. */
  readonly isLost: boolean

  constructor(waitsMs: readonly number[], isLost: boolean) {
    this.sortedMs = [...waitsMs].sort((a, b) => a - b)
    this.isLost = isLost
  }

  /** Of several times as of one. */
  static together(some: readonly Waits[]): Waits {
    return new Waits(
      some.flatMap(({ sortedMs }) => sortedMs),
      some.some(({ isLost }) => isLost),
    )
  }

  get count(): number {
    return this.sortedMs.length
  }

  get p99Ms(): number {
    return this.at(0.99)
  }

  get maxMs(): number {
    return this.at(1)
  }

  /** What so many of them are no longer than, as a share of 1. */
  at(share: number): number {
    const { sortedMs } = this
    return sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * share))] ?? 0
  }
}

/** A well-behaved client, in a process of its own so that what the others do here does not count. */
export class PoliteClient {
  private readonly child: ChildProcess

  /** Asks `frames` (with their sizes) in turn. */
  constructor(port: number, frames: readonly Buffer[]) {
    const hex = frames.map((frame) => frame.toString('hex'))
    this.child = fork(PROGRAM, [String(port), ...hex], { execArgv: [] })
  }

  /** Since the last time it was asked. */
  waits(): Promise<Waits> {
    return new Promise((answered) => {
      this.child.once('message', ({ all, isLost }: { readonly all: readonly number[]; readonly isLost: boolean }) =>
        answered(new Waits(all, isLost)),
      )
      this.child.send('waits')
    })
  }

  stop(): void {
    this.child.disconnect()
  }
}
