import type { Cancel, Clock, Logger } from '@odradek/core'
import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { textOf } from '../operator/request-service.ts'

const MS_PER_SECOND = 1000
const INTERVAL_SECONDS_DEFAULT = '300'

export interface LeaderRebalanceOptions {
  readonly config: Pick<ResolvedBrokerConfig, 'text'>
  readonly metadata: Pick<Metadata, 'rebalanceLeaders'>
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Gives partitions back to their preferred replicas from time to time, so that a node that was away leads again
 * (auto.leader.rebalance.enable, leader.imbalance.check.interval.seconds).
 */
export class LeaderRebalance {
  private readonly options: LeaderRebalanceOptions
  private cancel: Cancel = () => {}
  private running: Promise<void> = Promise.resolve()

  constructor(options: LeaderRebalanceOptions) {
    this.options = options
    if (options.config.text('auto.leader.rebalance.enable') !== 'false') this.schedule()
  }

  async stop(): Promise<void> {
    this.cancel()
    this.cancel = () => {}
    await this.running
  }

  private schedule(): void {
    const { clock, config } = this.options
    const seconds = Number(config.text('leader.imbalance.check.interval.seconds') ?? INTERVAL_SECONDS_DEFAULT)
    this.cancel = clock.after(seconds * MS_PER_SECOND, () => {
      this.schedule()
      this.running = this.rebalance()
    })
  }

  private async rebalance(): Promise<void> {
    const { logger, metadata } = this.options
    await metadata.rebalanceLeaders().catch((error: unknown) => {
      logger.error('leaders could not be given back to their preferred replicas', { error: textOf(error) })
    })
  }
}
