import { assert, type Cancel, type Clock } from '@odradek/core'

interface Entry {
  readonly key: string
  readonly dueMs: number
  readonly sequence: number
}

/** Replaced and cancelled entries may fill at most half of the heap, and this many. */
const STALE_ENTRIES_SLACK = 64

/**
 * Keyed deadlines over a clock, one timer of the clock for all of them: a machine has one for every member of every
 * group. Those that fall due together run in the order of their due times.
 */
export class Deadlines {
  private readonly clock: Clock
  private readonly onDue: (key: string) => void
  private readonly entries = new Map<string, Entry>()
  private heap: Entry[] = []
  private sequence = 0
  private wake: { readonly dueMs: number; readonly cancel: Cancel } | null = null
  private firing = false

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.clock = clock
    this.onDue = onDue
  }

  get size(): number {
    return this.entries.size
  }

  /** Sets or replaces the deadline of `key`. */
  set(key: string, delayMs: number): void {
    assert(delayMs >= 0, 'a deadline lies in the future')
    const entry = { key, dueMs: this.clock.monotonicMs() + delayMs, sequence: this.sequence++ }
    this.entries.set(key, entry)
    if (this.heap.length > 2 * this.entries.size + STALE_ENTRIES_SLACK) this.rebuild()
    else this.push(entry)
    this.plan()
  }

  cancel(key: string): void {
    this.entries.delete(key)
  }

  clear(): void {
    this.entries.clear()
    this.heap = []
    this.wake?.cancel()
    this.wake = null
  }

  private plan(): void {
    const next = this.heap[0]
    if (this.firing || next === undefined) return
    if (this.wake !== null) {
      if (this.wake.dueMs <= next.dueMs) return
      this.wake.cancel()
    }
    const delayMs = Math.ceil(next.dueMs - this.clock.monotonicMs())
    // `soon` lets the sockets be read first: after a stall of the process, heartbeats that are already here count.
    const cancel = this.clock.after(delayMs, () => this.clock.soon(() => this.fire()))
    this.wake = { dueMs: next.dueMs, cancel }
  }

  private fire(): void {
    this.wake = null
    this.firing = true
    try {
      const nowMs = this.clock.monotonicMs()
      for (let next = this.heap[0]; next !== undefined && next.dueMs <= nowMs; next = this.heap[0]) {
        this.pop()
        if (this.entries.get(next.key) !== next) continue
        this.entries.delete(next.key)
        this.onDue(next.key)
      }
    } finally {
      this.firing = false
    }
    this.plan()
  }

  private rebuild(): void {
    this.heap = []
    for (const entry of this.entries.values()) this.push(entry)
  }

  private push(entry: Entry): void {
    let index = this.heap.length
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.heap[parentIndex]
      if (parent === undefined || !isBefore(entry, parent)) break
      this.heap[index] = parent
      index = parentIndex
    }
    this.heap[index] = entry
  }

  private pop(): void {
    const last = this.heap.pop()
    if (last === undefined || this.heap.length === 0) return
    let index = 0
    for (;;) {
      const child = this.earlierChild(index)
      if (child === null || !isBefore(child.entry, last)) break
      this.heap[index] = child.entry
      index = child.index
    }
    this.heap[index] = last
  }

  private earlierChild(index: number): { readonly index: number; readonly entry: Entry } | null {
    const leftIndex = 2 * index + 1
    const left = this.heap[leftIndex]
    if (left === undefined) return null
    const right = this.heap[leftIndex + 1]
    if (right === undefined || isBefore(left, right)) return { index: leftIndex, entry: left }
    return { index: leftIndex + 1, entry: right }
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.sequence < other.sequence)
}
