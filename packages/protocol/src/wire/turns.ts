/** Work that yields when others should have a turn of the event loop; it goes on where it was. */
export type Turns<Result> = Generator<void, Result, void>

/** Elements of arrays that are read or written in one turn of the event loop: a millisecond or two. */
export const elementsPerTurn = 2000

/** For what is known to be small, or has nobody beside it. */
export function atOneGo<Result>(work: Turns<Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
