import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'

const PROGRAM = resolve(process.cwd(), 'integration/hostile/polite-client.cjs')

/** How long a well-behaved client had to wait for its answers. */
export interface Waits {
  readonly count: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Its connection was closed. */
  readonly isLost: boolean
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
      this.child.once('message', (waits: Waits) => answered(waits))
      this.child.send('waits')
    })
  }

  stop(): void {
    this.child.disconnect()
  }
}
