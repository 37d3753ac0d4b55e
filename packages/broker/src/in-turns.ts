import type { Clock, Later } from '@odradek/core'
import type { Turns } from '@odradek/protocol/wire'

/** Rows of one request that are worked on in one turn of the event loop before other connections have theirs. */
export const ROWS_PER_TURN = 500

/** Who waits for a turn, by whose turns they are. */
const waiting = new WeakMap<Pick<Clock, 'soon'>, (() => void)[]>()

/**
 * Resolves in a turn of the event loop of one's own: what a hundred requests do in turns would else be done a hundred times in
 * each. In the order of asking.
 */
export function nextTurn(clock: Pick<Clock, 'soon'>): Promise<void> {
  const queue = waiting.get(clock) ?? []
  if (queue.length === 0) waiting.set(clock, queue)
  return new Promise((resolve) => {
    queue.push(resolve)
    if (queue.length === 1) clock.soon(() => letNext(clock, queue))
  })
}

function letNext(clock: Pick<Clock, 'soon'>, queue: (() => void)[]): void {
  const next = queue.shift()
  if (queue.length > 0) clock.soon(() => letNext(clock, queue))
  next?.()
}

/** All results in their order, in as many turns as many rows need. Small requests lose no time. */
export async function mapInTurns<Item, Result>(
  clock: Pick<Clock, 'soon'>,
  items: readonly Item[],
  map: (item: Item) => Later<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += ROWS_PER_TURN) {
    if (start > 0) await nextTurn(clock)
    for (const result of await Promise.all(items.slice(start, start + ROWS_PER_TURN).map(map))) results.push(result)
  }
  return results
}

/**
 * `find`, which is asked once for each name: rows of one answer that are the same are one in memory, however often a
 * request of a few bytes names them.
 */
export function eachOnce<Key, Result>(find: (key: Key) => Result): (key: Key) => Result {
  const found = new Map<Key, { readonly result: Result }>()
  return (key) => {
    const known = found.get(key) ?? { result: find(key) }
    found.set(key, known)
    return known.result
  }
}

/** What work that yields comes to, with a turn of the event loop for each of its steps. `run` makes one. */
export async function finishInTurns<Result>(
  clock: Pick<Clock, 'soon'>,
  work: Turns<Result>,
  run: <Step>(step: () => Step) => Step = (step) => step(),
): Promise<Result> {
  for (;;) {
    const step = run(() => work.next())
    if (step.done === true) return step.value
    await nextTurn(clock)
  }
}
