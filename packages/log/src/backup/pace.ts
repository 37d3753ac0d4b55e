import type { Clock } from '@odradek/core'

/** So soon does somebody who waits notice that there is nothing to wait for any more. */
const WAIT_MS_MAX = 100

/**
 * Lets other work have its turn after each piece, and no more than so many bytes a second on the average. Rejects with
 * what `check` throws, which is asked before each turn.
 */
export function paceOf(
  clock: Clock,
  bytesPerSecondMax: number | null,
  check: () => void = () => {},
): (bytes: number) => Promise<void> {
  const startedMs = clock.monotonicMs()
  let total = 0
  return async (bytes) => {
    total += bytes
    const dueMs = bytesPerSecondMax === null ? 0 : startedMs + (total / bytesPerSecondMax) * 1000
    for (;;) {
      check()
      const waitMs = dueMs - clock.monotonicMs()
      if (waitMs < 1) break
      await new Promise<void>((resolve) => clock.after(Math.min(waitMs, WAIT_MS_MAX), resolve))
    }
    await new Promise<void>((resolve) => clock.soon(resolve))
  }
}
