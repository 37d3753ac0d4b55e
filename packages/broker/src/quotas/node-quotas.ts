import type { Clock } from '@odradek/core'
import { Produce } from '@odradek/protocol'
import type { ClientQuotas, QuotaKey } from '../metadata/client-quota.ts'
import type { CountedRequest, MutationQuota, Quotas } from '../quotas.ts'
import type { MutationQuotas } from './mutation-quotas.ts'
import { QuotaMeter } from './quota-meter.ts'
import { type QuotaWindow, SampledRate } from './sampled-rate.ts'

export interface NodeQuotasOptions {
  readonly quotas: ClientQuotas
  /** quota.window.num, quota.window.size.seconds */
  readonly window: QuotaWindow
  /** Shared by all nodes. */
  readonly mutations: MutationQuotas
  readonly clock: Clock
}

/** A millisecond of the one thread there is, as percent of a second of it. */
const PERCENT_SECONDS_PER_MS = 0.1

/**
 * What the clients of one node use, and how they are slowed down for it. Differs from Kafka on purpose: nobody is
 * throttled for longer than the window, after which Kafka has forgotten why it was.
 */
export class NodeQuotas implements Quotas {
  private readonly quotas: ClientQuotas
  private readonly clock: Clock
  private readonly window: QuotaWindow
  private readonly windowMs: number
  private readonly mutations: MutationQuotas
  private readonly produced: QuotaMeter<SampledRate>
  private readonly fetched: QuotaMeter<SampledRate>
  private readonly requested: QuotaMeter<SampledRate>

  constructor({ quotas, window, mutations, clock }: NodeQuotasOptions) {
    this.quotas = quotas
    this.clock = clock
    this.window = window
    this.windowMs = window.samples * window.sampleMs
    this.mutations = mutations
    const makeSensor = () => new SampledRate(window)
    const meter = (key: QuotaKey) => new QuotaMeter({ quotas, key, clock, makeSensor })
    this.produced = meter('producer_byte_rate')
    this.fetched = meter('consumer_byte_rate')
    this.requested = meter('request_percentage')
  }

  get isActive(): boolean {
    return this.quotas.limitsRequests
  }

  get timesRequests(): boolean {
    return this.quotas.has('request_percentage')
  }

  throttleMs(principal: string, request: CountedRequest): number {
    if (request.decidedThrottleMs !== null) return request.decidedThrottleMs
    const { clientId, apiKey, frameBytes, busyMs } = request
    const bytesMs = apiKey === Produce.key ? this.count(this.produced, principal, clientId, frameBytes) : 0
    const mutationsMs = request.mutations?.throttleMs() ?? 0
    const isTimed = request.hasResponse && !request.isExempt
    return Math.max(bytesMs, mutationsMs, isTimed ? this.countTime(principal, clientId, busyMs) : 0)
  }

  addTime(principal: string, clientId: string | null, busyMs: number): void {
    this.requested.find(principal, clientId)?.sensor.record(busyMs * PERCENT_SECONDS_PER_MS, this.clock.monotonicMs())
  }

  fetchBytesMax(principal: string, clientId: string | null): number {
    const limit = this.fetched.limitOf(principal, clientId)
    if (limit === null) return Number.POSITIVE_INFINITY
    return Math.floor((limit * (this.window.samples - 1) * this.window.sampleMs) / 1000)
  }

  fetchThrottleMs(principal: string, clientId: string | null, answerBytes: number, busyMs: number): number {
    const timeMs = this.countTime(principal, clientId, busyMs)
    const bytesMs = this.count(this.fetched, principal, clientId, answerBytes)
    const throttleMs = Math.max(timeMs, bytesMs)
    // What is not sent was not used.
    if (throttleMs > 0) this.count(this.fetched, principal, clientId, -answerBytes)
    return throttleMs
  }

  mutationQuota(principal: string, clientId: string | null, isStrict: boolean): MutationQuota {
    return this.mutations.quotaOf(principal, clientId, isStrict)
  }

  /** At most one sample long, as in Kafka: clients whose requests only take time keep their sessions. */
  private countTime(principal: string, clientId: string | null, busyMs: number): number {
    const throttleMs = this.count(this.requested, principal, clientId, busyMs * PERCENT_SECONDS_PER_MS)
    return Math.min(throttleMs, this.window.sampleMs)
  }

  private count(meter: QuotaMeter<SampledRate>, principal: string, clientId: string | null, value: number): number {
    const metering = meter.find(principal, clientId)
    if (metering === null) return 0
    const nowMs = this.clock.monotonicMs()
    metering.sensor.record(value, nowMs)
    return Math.min(metering.sensor.throttleMs(metering.limit, nowMs), this.windowMs)
  }
}
