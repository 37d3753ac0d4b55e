import { LastUsedMap, type MonotonicMs } from '@odradek/core'

/** Clients whose use of one quota is kept; past it, that of the client that was idle longest is forgotten. */
export const SENSORS_MAX = 10_000

/** What a client has used is forgotten after this time without any use, as in Kafka. */
export const SENSOR_IDLE_MS_MAX = 3_600_000

interface Kept<Sensor> {
  readonly sensor: Sensor
  usedMs: number
}

/** What is counted for each client, for as long as it matters. */
export class SensorCache<Sensor> {
  private readonly make: () => Sensor
  private readonly kept = new LastUsedMap<string, Kept<Sensor>>()

  constructor(make: () => Sensor) {
    this.make = make
  }

  get size(): number {
    return this.kept.size
  }

  use(key: string, nowMs: MonotonicMs): Sensor {
    const used = this.kept.get(key) ?? { sensor: this.make(), usedMs: nowMs }
    used.usedMs = nowMs
    this.kept.use(key, used)
    for (const [oldest, { usedMs }] of this.kept.entries()) {
      if (this.kept.size <= SENSORS_MAX && nowMs - usedMs <= SENSOR_IDLE_MS_MAX) break
      this.kept.delete(oldest)
    }
    return used.sensor
  }
}
