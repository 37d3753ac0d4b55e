import type { Clock } from '@odradek/core'
import type { ClientQuotas, QuotaKey } from '../metadata/client-quota.ts'
import { type FoundQuota, findQuota } from './find-quota.ts'
import { SensorCache } from './sensor-cache.ts'

/** Answers to "which quota has this client" that are remembered; past it all are asked for anew. */
const RESOLUTIONS_MAX = 10_000

interface Resolution extends FoundQuota {
  readonly key: string
}

/** What counts for a client, and its limit. */
export interface Metering<Sensor> {
  readonly sensor: Sensor
  readonly limit: number
}

export interface QuotaMeterOptions<Sensor> {
  readonly quotas: ClientQuotas
  readonly key: QuotaKey
  readonly clock: Clock
  makeSensor(): Sensor
}

/** What clients have used of one kind of quota: nothing is kept of those that have none. */
export class QuotaMeter<Sensor> {
  private readonly options: QuotaMeterOptions<Sensor>
  private readonly sensors: SensorCache<Sensor>
  private readonly resolutions = new Map<string, Resolution | null>()
  private version = -1

  constructor(options: QuotaMeterOptions<Sensor>) {
    this.options = options
    this.sensors = new SensorCache(() => options.makeSensor())
  }

  get size(): number {
    return this.sensors.size
  }

  /** Clients whose quota is remembered. */
  get resolved(): number {
    return this.resolutions.size
  }

  /** Null for a client without such a quota. */
  find(principal: string, clientId: string | null): Metering<Sensor> | null {
    const found = this.resolve(principal, clientId ?? '')
    if (found === null) return null
    const sensor = this.sensors.use(found.key, this.options.clock.monotonicMs())
    return { sensor, limit: found.limit }
  }

  limitOf(principal: string, clientId: string | null): number | null {
    return this.resolve(principal, clientId ?? '')?.limit ?? null
  }

  private resolve(principal: string, clientId: string): Resolution | null {
    const { quotas, key } = this.options
    if (this.version !== quotas.version || this.resolutions.size >= RESOLUTIONS_MAX) {
      this.resolutions.clear()
      this.version = quotas.version
    }
    const client = `${principal}\n${clientId}`
    const known = this.resolutions.get(client)
    if (known !== undefined) return known
    const found = findQuota(quotas, key, userOf(principal), clientId)
    const resolution = found === null ? null : { ...found, key: JSON.stringify([found.user, found.clientId]) }
    this.resolutions.set(client, resolution)
    return resolution
  }
}

/** Quotas are for names of users; a principal has its type in front. */
function userOf(principal: string): string {
  return principal.slice(principal.indexOf(':') + 1)
}
