import type { PushedPoint } from './otlp-metrics.ts'
import type { ClientAttributes } from './subscription.ts'

/** Names of all clients together. */
export const PUSHED_NAMES_MAX = 1000
/** One client cannot take all the room there is. */
export const SERIES_PER_CLIENT_MAX = 1000
/** Text of a label, or of a name, is cut here. */
const TEXT_CHARS_MAX = 200
/** All names begin so, hence none is one of the broker's own. */
const PREFIX = 'kafka_client_'
const KAFKA_NAMESPACE = /^org\.apache\.kafka\./

export interface PushedFamily {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
}

interface Series {
  readonly labels: Readonly<Record<string, string>>
  value: number
}

interface Client {
  /** By family's name, then by labels. */
  readonly series: Map<string, Map<string, Series>>
  seriesCount: number
  expiresMs: number
}

/**
 * The last values of what clients have pushed. Bounded in names, in rows of a client and of all; what finds no room is
 * counted, and the rows of a client that has gone make room for others.
 */
export class PushedSeries {
  private readonly seriesMax: () => number
  private readonly clients = new Map<string, Client>()
  private readonly families = new Map<string, PushedFamily>()
  private seriesCount = 0
  /** Values that found no room, or were none. */
  droppedCount = 0

  constructor(seriesMax: () => number) {
    this.seriesMax = seriesMax
  }

  /** `expiresMs`: when the client counts as gone, unless it pushes again. */
  take(attributes: ClientAttributes, points: readonly PushedPoint[], nowMs: number, expiresMs: number): void {
    this.expire(nowMs)
    const id = attributes.client_instance_id
    const client = this.clients.get(id) ?? { series: new Map(), seriesCount: 0, expiresMs }
    client.expiresMs = expiresMs
    for (const point of points) if (!this.takePoint(client, attributes, point)) this.droppedCount++
    // One that has no value here is not kept: ids cost nothing, and would be more than any limit of values.
    if (client.seriesCount > 0) this.clients.set(id, client)
  }

  /** Clients that have values here: at most as many as there are values. */
  get clientCount(): number {
    return this.clients.size
  }

  /** Families that have values now. */
  current(nowMs: number): readonly PushedFamily[] {
    this.expire(nowMs)
    return [...this.families.values()]
  }

  /** The values of one family, over all clients. */
  *valuesOf(name: string): Iterable<Series> {
    for (const { series } of this.clients.values()) yield* series.get(name)?.values() ?? []
  }

  private takePoint(client: Client, attributes: ClientAttributes, point: PushedPoint): boolean {
    const family = this.familyOf(point)
    if (family === null || !Number.isFinite(point.value)) return false
    if (family.type === 'counter' && point.value < 0) return false
    const labels = labelsOf(attributes, point)
    const key = JSON.stringify(labels)
    const known = client.series.get(family.name)?.get(key)
    if (known !== undefined) {
      known.value = point.isDelta ? known.value + point.value : point.value
      return true
    }
    if (this.seriesCount >= this.seriesMax() || client.seriesCount >= SERIES_PER_CLIENT_MAX) return false
    const ofFamily = client.series.get(family.name) ?? new Map<string, Series>()
    client.series.set(family.name, ofFamily.set(key, { labels, value: point.value }))
    this.families.set(family.name, family)
    client.seriesCount++
    this.seriesCount++
    return true
  }

  /** Null where the name is taken by a metric of the other type, which one format cannot hold beside it, or there are too many. */
  private familyOf({ name, description, kind }: PushedPoint): PushedFamily | null {
    const base = familyBase(name)
    const own = kind === 'counter' ? `${base}_total` : base
    const other = kind === 'counter' ? base : `${base}_total`
    const known = this.families.get(own)
    if (known !== undefined) return known
    if (this.families.has(other) || this.families.size >= PUSHED_NAMES_MAX) return null
    const help = description.slice(0, TEXT_CHARS_MAX) || `${name.slice(0, TEXT_CHARS_MAX)}, as clients push it.`
    return { name: own, help, type: kind }
  }

  private expire(nowMs: number): void {
    let hasGone = false
    for (const [id, client] of this.clients) {
      if (client.expiresMs > nowMs) continue
      this.clients.delete(id)
      this.seriesCount -= client.seriesCount
      hasGone = true
    }
    if (!hasGone) return
    const used = new Set(Array.from(this.clients.values()).flatMap(({ series }) => [...series.keys()]))
    for (const name of this.families.keys()) if (!used.has(name)) this.families.delete(name)
  }
}

/** `org.apache.kafka.producer.record.send.total` is kafka_client_producer_record_send, as a counter with _total behind it. */
function familyBase(name: string): string {
  const words = name.replace(KAFKA_NAMESPACE, '').slice(0, TEXT_CHARS_MAX)
  const base = `${PREFIX}${words.replaceAll(/[^a-zA-Z0-9_]/g, '_')}`.replace(/(_total)+$/, '')
  // Reserved beside a counter of the same name.
  return base.replace(/_created$/, '_created_value')
}

/** What the broker knows of the client counts before what the client says. */
function labelsOf(client: ClientAttributes, { attributes }: PushedPoint): Readonly<Record<string, string>> {
  const { client_instance_id, client_id, client_software_name, client_software_version } = client
  const labels = Object.fromEntries(Array.from(attributes, ([name, text]) => [labelName(name), shortened(text)]))
  return {
    ...labels,
    client_instance_id,
    client_id: shortened(client_id),
    client_software_name: shortened(client_software_name),
    client_software_version: shortened(client_software_version),
  }
}

/** Names that begin with two underscores are Prometheus' own, `le` and `quantile` belong to histograms and summaries. */
function labelName(name: string): string {
  const label = name.slice(0, TEXT_CHARS_MAX).replaceAll(/[^a-zA-Z0-9_]/g, '_')
  return /^([0-9]|__|le$|quantile$|$)/.test(label) ? `attribute_${label.replace(/^_+/, '')}` : label
}

function shortened(text: string): string {
  return text.slice(0, TEXT_CHARS_MAX)
}
