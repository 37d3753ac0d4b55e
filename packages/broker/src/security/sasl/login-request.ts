import type { RequestContext } from '../../request-context.ts'

/**
 * Who has failed waits for his answer, so that guessing takes time; also who has ended his side, and so says that he sends
 * nothing more: he may read the answer.
 */
export function afterDelay({ services }: Pick<RequestContext, 'services'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    services.clock.after(delayMs, resolve)
  })
}
