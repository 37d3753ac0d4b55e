import type { Cancel, Clock } from './clock.ts'
import type { MonotonicMs, WallMs } from './ids.ts'

interface Scheduled {
  readonly dueMs: number
  readonly sequence: number
  readonly run: () => void
}

/** Time that moves only when told to: tests and the simulation own it. */
export class ManualClock implements Clock {
  private wall: number
  private monotonic = 0
  private sequence = 0
  private scheduled: Scheduled[] = []
  private ready: (() => void)[] = []

  constructor(wallMs = 1_760_000_000_000) {
    this.wall = wallMs
  }

  wallMs(): WallMs {
    return this.wall as WallMs
  }

  monotonicMs(): MonotonicMs {
    return this.monotonic as MonotonicMs
  }

  after(delayMs: number, run: () => void): Cancel {
    const entry = { dueMs: this.monotonic + Math.max(0, delayMs), sequence: this.sequence++, run }
    this.scheduled.push(entry)
    return () => {
      this.scheduled = this.scheduled.filter((other) => other !== entry)
    }
  }

  soon(run: () => void): void {
    this.ready.push(run)
  }

  /** Runs all that was asked for with `soon`, and what that asks for in turn. */
  tick(): void {
    while (this.ready.length > 0) {
      const runs = this.ready
      this.ready = []
      for (const run of runs) run()
    }
  }

  /** Moves both clocks, firing what falls due in order of time. */
  advance(ms: number): void {
    const endMs = this.monotonic + ms
    this.tick()
    for (;;) {
      const next = this.scheduled
        .filter((entry) => entry.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs || a.sequence - b.sequence)[0]
      if (next === undefined) break
      this.scheduled = this.scheduled.filter((entry) => entry !== next)
      this.moveTo(Math.max(this.monotonic, next.dueMs))
      next.run()
      this.tick()
    }
    this.moveTo(endMs)
    this.tick()
  }

  /** Sets the wall clock off, forwards or backwards; no timer notices. */
  jumpWall(ms: number): void {
    this.wall += ms
  }

  private moveTo(monotonicMs: number): void {
    this.wall += monotonicMs - this.monotonic
    this.monotonic = monotonicMs
  }
}
