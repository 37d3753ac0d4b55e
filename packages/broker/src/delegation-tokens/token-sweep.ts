import type { Cancel, Clock, Logger } from '@odradek/core'
import type { Metadata } from '../metadata/metadata.ts'
import { textOf } from '../operator/request-service.ts'

export interface TokenSweepOptions {
  /** delegation.token.expiry.check.interval.ms */
  readonly intervalMs: number
  readonly metadata: Pick<Metadata, 'removeExpiredTokens'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Takes delegation tokens that have expired out of the metadata, from time to time. */
export class TokenSweep {
  private readonly options: TokenSweepOptions
  private cancel: Cancel = () => {}
  private running: Promise<void> = Promise.resolve()

  constructor(options: TokenSweepOptions) {
    this.options = options
    this.schedule()
  }

  async stop(): Promise<void> {
    this.cancel()
    await this.running
  }

  private schedule(): void {
    const { clock, intervalMs } = this.options
    this.cancel = clock.after(intervalMs, () => {
      this.schedule()
      this.running = this.sweep()
    })
  }

  private async sweep(): Promise<void> {
    const { logger, metadata } = this.options
    await metadata.removeExpiredTokens().catch((error: unknown) => {
      logger.error('expired delegation tokens could not be taken away', { error: textOf(error) })
    })
  }
}
