import type { Clock, Later } from '@odradek/core'

/** Records that are read for fetches in one turn of the event loop before other connections have theirs, and the read that crosses it. */
export const READ_BYTES_PER_TURN = 512 * 1024
/** So little takes less time than to put it off. */
export const COUNTED_BYTES_MIN = 16 * 1024

/** Whose turn it is to read, over all fetches: what many ask for at once is not read at once, nor is all that one asks for. */
export class FetchTurns {
  private readonly clock: Pick<Clock, 'soon'>
  /** In this turn. */
  private bytes = 0
  private isPlanned = false
  private readonly waiting: (() => void)[] = []

  constructor(clock: Pick<Clock, 'soon'>) {
    this.clock = clock
  }

  /** Whether others have their turn before more is read. */
  get isOver(): boolean {
    return this.bytes >= READ_BYTES_PER_TURN
  }

  /** So much was read on the event loop's own thread. */
  note(bytes: number): void {
    if (bytes < COUNTED_BYTES_MIN) return
    this.bytes += bytes
    this.plan()
  }

  /** What `read` comes to when its turn has come, in the order of asking. */
  wait<Result>(read: () => Later<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(read())
        } catch (error) {
          reject(error)
        }
      })
      this.plan()
    })
  }

  private plan(): void {
    if (this.isPlanned) return
    this.isPlanned = true
    this.clock.soon(this.next)
  }

  private readonly next = (): void => {
    this.isPlanned = false
    this.bytes = 0
    // Who waits anew is behind those who are let in now.
    for (let count = this.waiting.length; count > 0 && !this.isOver; count--) this.waiting.shift()?.()
    if (this.waiting.length > 0) this.plan()
  }
}
