import type { Clock } from '@odradek/core'

/** What `work` comes to, or null when it takes longer than `timeoutMs`; it goes on all the same. */
export function within<T>(clock: Clock, timeoutMs: number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => resolve(null))
    work.then(resolve, reject).finally(cancel)
  })
}
