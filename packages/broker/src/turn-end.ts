import type { Clock, MonotonicMs } from '@odradek/core'

/** Who has something to do once the present callback, and what it has resolved, is over. */
export interface TurnEndListener {
  turnEnded(nowMs: MonotonicMs): void
}

/**
 * Calls all who have asked for it when the callback that runs is over. One entry in Node's queue for all connections that
 * are answered in a turn, where one each costs as much as finding out what to answer.
 */
export class TurnEnd {
  private waiting: TurnEndListener[] = []
  private readonly clock: Clock
  private readonly defer: (run: () => void) => void

  constructor(clock: Clock, defer: (run: () => void) => void = (run) => process.nextTick(run)) {
    this.clock = clock
    this.defer = defer
  }

  /** Once for each call: who asks twice is called twice. */
  add(listener: TurnEndListener): void {
    this.waiting.push(listener)
    if (this.waiting.length === 1) this.defer(this.run)
  }

  private readonly run = (): void => {
    const { waiting } = this
    this.waiting = []
    const nowMs = this.clock.monotonicMs()
    for (const listener of waiting) listener.turnEnded(nowMs)
  }
}
