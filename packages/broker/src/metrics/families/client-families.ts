import type { PushedSeries } from '../../telemetry/pushed-series.ts'
import type { Family } from '../family.ts'

/** Of every metric that a client has pushed; the label values are the client's attributes and the metric's own. */
const CLIENT_LABELS: readonly string[] = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
]

/** What clients have pushed (KIP-714): each a metric of its own as long as one of them is there. */
export function clientFamilies(pushed: PushedSeries, nowMs: number): readonly Family[] {
  return pushed.current(nowMs).map(({ name, help, type }) => ({
    name,
    help,
    type,
    labels: CLIENT_LABELS,
    collect: async (samples) => {
      let rows = 0
      for (const { labels, value } of pushed.valuesOf(name)) {
        samples.add(labels, value)
        await samples.pace(rows++)
      }
    },
  }))
}

export function droppedFamily(): Family {
  return {
    name: 'odradek_client_metrics_dropped_total',
    help: 'Values pushed by clients that found no room, or were none.',
    type: 'counter',
    labels: [],
    collect: (samples, { sources }) => samples.add({}, sources.services.pushed.droppedCount),
  }
}
