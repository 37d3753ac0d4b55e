import type { Later } from '@odradek/core'

/** All results in their order, at once when none of them is late. */
export function allLater<T>(results: readonly Later<T>[]): Later<T[]> {
  const values: T[] = []
  for (const result of results) {
    if (result instanceof Promise) return Promise.all(results)
    values.push(result)
  }
  return values
}
