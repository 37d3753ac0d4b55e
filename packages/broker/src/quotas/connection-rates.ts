import type { Clock } from '@odradek/core'
import { type QuotaWindow, SampledRate } from './sampled-rate.ts'
import { SensorCache } from './sensor-cache.ts'

/** Connections a second; infinite where there is no limit. */
export interface ConnectionRateLimits {
  /** max.connection.creation.rate */
  broker(): number
  /** listener.name.NAME.max.connection.creation.rate */
  listener(name: string): number
  /** connection_creation_rate */
  address(address: string): number
}

export interface ConnectionRatesOptions {
  readonly limits: ConnectionRateLimits
  /** quota.window.num, quota.window.size.seconds */
  readonly window: QuotaWindow
  readonly clock: Clock
}

/** How many connections come in at one node (KIP-612). */
export class ConnectionRates {
  private readonly limits: ConnectionRateLimits
  private readonly clock: Clock
  private readonly throttleMsMax: number
  private readonly broker: SampledRate
  private readonly listeners: SensorCache<SampledRate>
  private readonly addresses: SensorCache<SampledRate>

  constructor({ limits, window, clock }: ConnectionRatesOptions) {
    this.limits = limits
    this.clock = clock
    this.throttleMsMax = window.sampleMs
    this.broker = new SampledRate(window)
    this.listeners = new SensorCache(() => new SampledRate(window))
    this.addresses = new SensorCache(() => new SampledRate(window))
  }

  /** Counts a connection. For how long it, and all that come after it on its listener, are to wait. */
  delayMs(listener: string): number {
    const nowMs = this.clock.monotonicMs()
    const brokerLimit = this.limits.broker()
    const listenerLimit = this.limits.listener(listener)
    let delayMs = 0
    if (Number.isFinite(brokerLimit)) delayMs = this.count(this.broker, brokerLimit, nowMs)
    if (Number.isFinite(listenerLimit)) {
      const rate = this.listeners.use(listener, nowMs)
      delayMs = Math.max(delayMs, this.count(rate, listenerLimit, nowMs))
    }
    return delayMs
  }

  /** Counts a connection of this address. Above 0: one too many, to be closed after so long; it then does not count. */
  refusalMs(address: string): number {
    const limit = this.limits.address(address)
    if (!Number.isFinite(limit)) return 0
    const nowMs = this.clock.monotonicMs()
    const rate = this.addresses.use(address, nowMs)
    const refusalMs = this.count(rate, limit, nowMs)
    if (refusalMs > 0) rate.record(-1, nowMs)
    return refusalMs
  }

  private count(rate: SampledRate, limit: number, nowMs: number): number {
    rate.record(1, nowMs)
    return Math.min(rate.throttleMs(limit, nowMs), this.throttleMsMax)
  }
}
