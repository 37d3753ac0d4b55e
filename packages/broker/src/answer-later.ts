import { assert, type Later } from '@odradek/core'

/** Who waits for an answer. */
export interface AnswerReceiver<Response> {
  given(response: Response): void
}

/**
 * An answer that comes later, given to one who waits in the same call that it comes in. A promise would add a place
 * in the queue of microtasks for each request.
 */
export class AnswerLater<Response> {
  private receiver: AnswerReceiver<Response> | null = null

  /** Who waits, before the answer is there. */
  giveTo(receiver: AnswerReceiver<Response>): void {
    assert(this.receiver === null, 'one waits for an answer')
    this.receiver = receiver
  }

  /** Once, and never in the call that this was returned from. */
  give(response: Response): void {
    assert(this.receiver !== null, 'somebody waits for an answer')
    this.receiver.given(response)
  }

  toPromise(): Promise<Response> {
    return new Promise((resolve) => this.giveTo({ given: resolve }))
  }
}

/** For those who wait by promises. */
export const asLater = <Response>(outcome: Later<Response> | AnswerLater<Response>): Later<Response> =>
  outcome instanceof AnswerLater ? outcome.toPromise() : outcome
