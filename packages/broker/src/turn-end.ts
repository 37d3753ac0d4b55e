/** Who has something to do once the present callback, and what it has resolved, is over. */
export interface TurnEndListener {
  turnEnded(): void
}

/**
 * Calls all who have asked for it when the callback that runs is over. One entry in Node's queue for all connections that
 * are answered in a turn, where one each costs as much as finding out what to answer.
 */
export class TurnEnd {
  private waiting: TurnEndListener[] = []
  private readonly defer: (run: () => void) => void

  constructor(defer: (run: () => void) => void = (run) => process.nextTick(run)) {
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
    for (const listener of waiting) listener.turnEnded()
  }
}
