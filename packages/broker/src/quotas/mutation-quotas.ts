import type { Clock } from '@odradek/core'
import type { ClientQuotas } from '../metadata/client-quota.ts'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import { QuotaMeter } from './quota-meter.ts'
import type { QuotaWindow } from './sampled-rate.ts'
import { TokenBucket } from './token-bucket.ts'

export interface MutationQuotasOptions {
  readonly quotas: ClientQuotas
  /** controller.quota.window.num, controller.quota.window.size.seconds */
  readonly window: QuotaWindow
  readonly clock: Clock
}

/** What clients change in the metadata, over all nodes: the one controller counts it. */
export class MutationQuotas {
  private readonly meter: QuotaMeter<TokenBucket>
  private readonly clock: Clock
  private readonly throttleMsMax: number

  constructor({ quotas, window, clock }: MutationQuotasOptions) {
    const makeSensor = () => new TokenBucket(window)
    this.meter = new QuotaMeter({ quotas, key: 'controller_mutation_rate', clock, makeSensor })
    this.clock = clock
    this.throttleMsMax = window.samples * window.sampleMs
  }

  /** For one request. Strict: what is over the quota is refused. Otherwise it is done, and the client slowed down. */
  quotaOf(principal: string, clientId: string | null, isStrict: boolean): MutationQuota {
    const metering = this.meter.find(principal, clientId)
    if (metering === null) return unlimitedMutations
    const { sensor, limit } = metering
    return new LimitedMutations(sensor, limit, { clock: this.clock, isStrict, throttleMsMax: this.throttleMsMax })
  }
}

interface Terms {
  readonly clock: Clock
  readonly isStrict: boolean
  readonly throttleMsMax: number
}

class LimitedMutations implements MutationQuota {
  private readonly bucket: TokenBucket
  private readonly limit: number
  private readonly terms: Terms
  private throttledUntilMs = 0

  constructor(bucket: TokenBucket, limit: number, terms: Terms) {
    this.bucket = bucket
    this.limit = limit
    this.terms = terms
  }

  admits(partitions: number): boolean {
    const { isStrict } = this.terms
    // Whoever owes nothing may take more than there is: the next one waits for it.
    if (isStrict && this.isThrottled()) return false
    this.bucket.take(partitions, this.limit, this.terms.clock.monotonicMs())
    if (!isStrict) this.isThrottled()
    return true
  }

  /** From when the quota was last found exceeded; the request may have taken a while since. */
  throttleMs(): number {
    return Math.round(Math.max(0, this.throttledUntilMs - this.terms.clock.monotonicMs()))
  }

  private isThrottled(): boolean {
    const nowMs = this.terms.clock.monotonicMs()
    const throttleMs = this.bucket.throttleMs(this.limit, nowMs)
    if (throttleMs > 0) this.throttledUntilMs = nowMs + Math.min(throttleMs, this.terms.throttleMsMax)
    return throttleMs > 0
  }
}
