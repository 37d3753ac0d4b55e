import { apiByKey, errorName } from '@odradek/protocol'
import type { Family } from '../family.ts'
import type { FixedHistogram } from '../fixed-histogram.ts'
import type { RequestMetrics, VersionMetrics } from '../request-metrics.ts'
import type { Scrape } from '../scrape.ts'

const PREFIX = 'kafka_network_requestmetrics_'
const BY_VERSION = ['request', 'version']

/** kafka.network:type=RequestMetrics: by API and version, for those that have been asked for. */
export function requestFamilies(): readonly Family[] {
  const histogram = (name: string, help: string, of: (metrics: VersionMetrics) => FixedHistogram): Family => ({
    name: PREFIX + name,
    help,
    type: 'histogram',
    labels: BY_VERSION,
    collect: (samples, scrape) =>
      requestsOf(scrape).eachVersion((apiKey, version, metrics) =>
        samples.addHistogram({ request: apiName(apiKey), version }, of(metrics)),
      ),
  })
  return [
    {
      name: `${PREFIX}requests_total`,
      help: 'Requests served.',
      type: 'counter',
      labels: BY_VERSION,
      collect: (samples, scrape) =>
        requestsOf(scrape).eachVersion((apiKey, version, { timesMs }) =>
          samples.add({ request: apiName(apiKey), version }, timesMs.count),
        ),
    },
    {
      name: `${PREFIX}errors_total`,
      help: 'Error codes in answers, at whatever depth; NONE counts too.',
      type: 'counter',
      labels: ['request', 'error'],
      collect: (samples, scrape) =>
        requestsOf(scrape).eachError((apiKey, code, count) =>
          samples.add({ request: apiName(apiKey), error: errorName(code) }, count),
        ),
    },
    histogram('totaltimems', 'Milliseconds from a whole request to its answer.', ({ timesMs }) => timesMs),
    histogram('requestbytes', 'Bytes of requests.', ({ requestBytes }) => requestBytes),
    histogram('responsebytes', 'Bytes of answers; 0 where there is none.', ({ responseBytes }) => responseBytes),
    {
      name: `${PREFIX}throttletimems`,
      help: 'Milliseconds for which quotas held up a connection, where they did.',
      type: 'histogram',
      labels: ['request'],
      collect: (samples, scrape) =>
        requestsOf(scrape).eachThrottle((apiKey, throttlesMs) =>
          samples.addHistogram({ request: apiName(apiKey) }, throttlesMs),
        ),
    },
    purgatory(),
  ]
}

/** The requests that Kafka keeps in a purgatory, by its names for these. */
const PURGATORIES: readonly (readonly [string, readonly number[]])[] = [
  ['Produce', [0]],
  ['Fetch', [1]],
  ['Rebalance', [11, 14]],
  ['DeleteRecords', [21]],
]

function purgatory(): Family {
  return {
    name: 'kafka_server_delayedoperationpurgatory_purgatorysize',
    help: 'Requests that wait: for records, for the device, for a rebalance.',
    type: 'gauge',
    labels: ['delayedoperation'],
    collect: (samples, scrape) => {
      const requests = requestsOf(scrape)
      for (const [delayedoperation, apiKeys] of PURGATORIES) {
        const waiting = apiKeys.reduce((sum, apiKey) => sum + requests.waiting(apiKey), 0)
        samples.add({ delayedoperation }, waiting)
      }
    },
  }
}

function apiName(apiKey: number): string {
  return apiByKey(apiKey)?.name ?? String(apiKey)
}

function requestsOf({ sources }: Scrape): RequestMetrics {
  return sources.services.metrics.requests
}
