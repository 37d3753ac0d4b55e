import type { RequestContext } from '../../request-context.ts'

/** Who has failed waits for his answer, so that guessing takes time. Ends early when he does not wait. */
export function afterDelay(context: Pick<RequestContext, 'services' | 'onClosed'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = context.services.clock.after(delayMs, resolve)
    context.onClosed(() => {
      cancel()
      resolve()
    })
  })
}
