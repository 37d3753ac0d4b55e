import type { Family } from './family.ts'

type PromClient = typeof import('prom-client')

let families: readonly Family[] | null = null

/**
 * CPU, memory, garbage collection and delay of the event loop, as prom-client measures them. They are of the process, and
 * begin to be measured when first asked for: once, however many brokers a process has.
 */
export function processFamilies(prom: PromClient): readonly Family[] {
  families ??= defaultFamilies(prom)
  return families
}

function defaultFamilies(prom: PromClient): readonly Family[] {
  const register = new prom.Registry()
  prom.collectDefaultMetrics({ register })
  return register.getMetricsAsArray().map(({ name, help }) => {
    const metric = register.getSingleMetric(name)
    return {
      name,
      help,
      type: typeOf(prom, metric),
      labels: [],
      collect: async (samples) => {
        for (const { labels, value, ...more } of (await metric?.get())?.values ?? []) {
          const part =
            'metricName' in more && typeof more.metricName === 'string' ? { metricName: more.metricName } : {}
          const given = Object.entries(labels).flatMap(([label, text]) => (text === undefined ? [] : [[label, text]]))
          samples.addSample({ labels: Object.fromEntries(given), value, ...part })
        }
      },
    }
  })
}

function typeOf(prom: PromClient, metric: unknown): Family['type'] {
  if (metric instanceof prom.Counter) return 'counter'
  if (metric instanceof prom.Histogram) return 'histogram'
  return metric instanceof prom.Summary ? 'summary' : 'gauge'
}
