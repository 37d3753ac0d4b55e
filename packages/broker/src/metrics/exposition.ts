import type { RegistryContentType } from 'prom-client'
import { type Family, ROWS_PER_TURN_MAX, type Sample, Samples } from './family.ts'
import type { Scrape } from './scrape.ts'

type PromClient = typeof import('prom-client')

export type ExpositionFormat = 'prometheus' | 'openmetrics'

export interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** Loaded when metrics are first asked for: a broker that nobody watches never needs it. */
let loading: Promise<PromClient> | null = null

export function promClient(): Promise<PromClient> {
  loading ??= import('prom-client')
  return loading
}

/**
 * Writes all families in their order, one in a turn of the event loop, so that clients have theirs in between. prom-client
 * does the format; values come from where they are counted, not from its own counters.
 */
export async function exposition(
  families: readonly Family[],
  scrape: Scrape,
  format: ExpositionFormat,
  turn: () => Promise<void>,
): Promise<Exposition> {
  const prom = await promClient()
  const isOpenMetrics = format === 'openmetrics'
  const { OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE } = prom.Registry
  const contentType = isOpenMetrics ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE
  const parts: string[] = []
  for (const family of families) {
    const samples = new Samples(family.name, turn)
    await family.collect(samples, scrape)
    if (samples.all.length === 0) continue
    await turn()
    const write = (rows: readonly Sample[]) => familyText(prom, family, rows, isOpenMetrics)
    parts.push(await inTurns(samples.all, write, turn))
  }
  return { contentType, text: isOpenMetrics ? `${parts.join('\n')}\n# EOF\n` : `${parts.join('\n\n')}\n` }
}

/** A family of very many rows is written piece by piece, and declared by its first piece alone. */
async function inTurns(
  rows: readonly Sample[],
  write: (rows: readonly Sample[]) => Promise<string>,
  turn: () => Promise<void>,
): Promise<string> {
  const pieces: string[] = []
  for (let begin = 0; begin < rows.length; begin += ROWS_PER_TURN_MAX) {
    const text = await write(rows.slice(begin, begin + ROWS_PER_TURN_MAX))
    pieces.push(begin === 0 ? text : text.replace(DECLARATION, ''))
    await turn()
  }
  return pieces.join('\n')
}

/** The lines with which prom-client begins: HELP and TYPE. */
const DECLARATION = /^(#.*\n)*/

/** The names of counters end in _total; in OpenMetrics the family's does not, and prom-client adds it to each value. */
const COUNTER_SUFFIX = /_total$/

async function familyText(
  prom: PromClient,
  family: Family,
  rows: readonly Sample[],
  isOpenMetrics: boolean,
): Promise<string> {
  const registry = new prom.Registry<RegistryContentType>()
  registry.setContentType(
    isOpenMetrics ? prom.Registry.OPENMETRICS_CONTENT_TYPE : prom.Registry.PROMETHEUS_CONTENT_TYPE,
  )
  const name = isOpenMetrics && family.type === 'counter' ? family.name.replace(COUNTER_SUFFIX, '') : family.name
  registry.registerMetric(await collected(prom, { ...family, name }, rows))
  return registry.getSingleMetricAsString(name)
}

/** A metric of prom-client's whose values are given: counters and histograms of its own can only be counted up. */
async function collected(prom: PromClient, { name, help, type }: Family, rows: readonly Sample[]) {
  const values = rows.map((sample) => ({ ...sample, labels: { ...sample.labels } }))
  const configuration = { name, help, registers: [] }
  switch (type) {
    case 'counter': {
      const shape = { ...(await new prom.Counter(configuration).get()), values }
      return Object.assign(new prom.Counter(configuration), { get: async () => shape })
    }
    case 'gauge': {
      const shape = { ...(await new prom.Gauge(configuration).get()), values }
      return Object.assign(new prom.Gauge(configuration), { get: async () => shape })
    }
    case 'histogram': {
      const shape = { ...(await new prom.Histogram(configuration).get()), values }
      // Where there is a getForPromString, prom-client calls it in place of `get`.
      return Object.assign(new prom.Histogram(configuration), {
        get: async () => shape,
        getForPromString: async () => shape,
      })
    }
    case 'summary': {
      const shape = { ...(await new prom.Summary(configuration).get()), values }
      return Object.assign(new prom.Summary(configuration), { get: async () => shape })
    }
  }
}
