import { assert } from '@odradek/core'

/** A connection as the budget sees it. */
export interface BudgetMember {
  /** Stop or go on reading; called only while the member has a frame under way. */
  budgetPaused(paused: boolean): void
}

/** Reading goes on once what is held has fallen to this share of the limit: not at every byte around it. */
const RESUME_SHARE = 0.75

/**
 * Memory that requests hold over all connections, as Kafka's `queued.max.request.bytes`. Counts bytes that have come,
 * not sizes announced, so an announcement alone takes nothing from others. Above the limit, connections with a frame
 * under way stop reading; those whose requests fit a single read need no memory and go on. One of the stopped may
 * finish, and the next when something is given back, or a second later: frames that are all half done would else wait
 * for each other for ever.
 */
export class ReceiveBudget {
  private readonly limitBytes: number
  private held = 0
  private over = false
  private readonly underWay = new Set<BudgetMember>()
  private favoured: BudgetMember | null = null

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get heldBytes(): number {
    return this.held
  }

  hold(bytes: number): void {
    this.held += bytes
    if (this.over || this.held <= this.limitBytes) return
    this.over = true
    for (const member of this.underWay) member.budgetPaused(true)
    this.favourNext()
  }

  release(bytes: number): void {
    this.held -= bytes
    assert(this.held >= 0, 'more request bytes were released than held')
    if (!this.over) return
    if (this.held > this.limitBytes * RESUME_SHARE) {
      if (this.favoured === null) this.favourNext()
      return
    }
    this.over = false
    this.favoured = null
    for (const member of this.underWay) member.budgetPaused(false)
  }

  /** `member` holds the beginning of a frame and wants the rest. */
  frameBegun(member: BudgetMember): void {
    this.underWay.add(member)
    if (this.over) member.budgetPaused(true)
  }

  /** The frame is whole, or its connection gone. */
  frameEnded(member: BudgetMember): void {
    if (!this.underWay.delete(member) || !this.over) return
    member.budgetPaused(false)
    // The next follows when what this one holds is given back: its request may have to wait.
    if (this.favoured === member) this.favoured = null
  }

  /** Passes the right to finish on, lest one who sends nothing keeps it. Called about once a second. */
  rotate(): void {
    if (!this.over) return
    const last = this.favoured
    if (last !== null) {
      if (this.underWay.size < 2) return
      this.underWay.delete(last)
      this.underWay.add(last)
      last.budgetPaused(true)
    }
    this.favourNext()
  }

  private favourNext(): void {
    const [next] = this.underWay
    this.favoured = next ?? null
    next?.budgetPaused(false)
  }
}
