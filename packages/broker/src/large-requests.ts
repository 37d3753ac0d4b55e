import type { Clock } from '@odradek/core'

/** Who takes longer waits for something: it keeps no others out any more. */
const STAY_MS_MAX = 5000

interface Waiting {
  readonly elements: number
  readonly enter: () => void
}

/**
 * Requests with very many elements, of all connections. Each is worked on in turns of the event loop, and while it is, its
 * rows and those of its answer take many times the memory of its bytes: so only so many are at the same time, in the order
 * they came.
 */
export class LargeRequests {
  private readonly elementsMax: number
  private readonly clock: Pick<Clock, 'after'>
  private elements = 0
  private readonly waiting: Waiting[] = []

  /** `elementsMax`: of all of them; one alone may have more. */
  constructor(elementsMax: number, clock: Pick<Clock, 'after'>) {
    this.elementsMax = elementsMax
    this.clock = clock
  }

  /** Resolves when there is room for one with so many elements, with what ends its stay. */
  enter(elements: number): Promise<() => void> {
    return new Promise((resolve) => {
      this.waiting.push({ elements, enter: () => resolve(this.stay(elements)) })
      this.letIn()
    })
  }

  private letIn(): void {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (this.elements > 0 && this.elements + next.elements > this.elementsMax) return
      this.waiting.shift()
      this.elements += next.elements
      next.enter()
    }
  }

  private stay(elements: number): () => void {
    let isOver = false
    const leave = () => {
      if (isOver) return
      isOver = true
      cancel()
      this.elements -= elements
      this.letIn()
    }
    const cancel = this.clock.after(STAY_MS_MAX, leave)
    return leave
  }
}
