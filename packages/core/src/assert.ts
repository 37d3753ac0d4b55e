/** A broken invariant: always our bug, never the client's. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Stops at once when an invariant does not hold; stays on in production. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** `value`, which our own code knows to be there. */
export function present<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionError(message)
  return value
}
