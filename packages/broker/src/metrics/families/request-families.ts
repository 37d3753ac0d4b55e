import { apiByKey, errorName } from '@odradek/protocol'
import { eachNode, NODE } from '../by-node.ts'
import type { Family, Labels } from '../family.ts'
import type { FixedHistogram } from '../fixed-histogram.ts'
import type { RequestMetrics, VersionMetrics } from '../request-metrics.ts'
import type { Scrape } from '../scrape.ts'

const PREFIX = 'kafka_network_requestmetrics_'
const BY_VERSION = ['request', 'version', NODE]

/** kafka.network:type=RequestMetrics: by API and version, for those that have been asked for. */
export function requestFamilies(): readonly Family[] {
  const histogram = (name: string, help: string, of: (metrics: VersionMetrics) => FixedHistogram): Family => ({
    name: PREFIX + name,
    help,
    type: 'histogram',
    labels: BY_VERSION,
    collect: (samples, scrape) =>
      eachRequests(scrape, (requests, node) =>
        requests.eachVersion((apiKey, version, metrics) =>
          samples.addHistogram({ request: apiName(apiKey), version, ...node }, of(metrics)),
        ),
      ),
  })
  return [
    {
      name: `${PREFIX}requests_total`,
      help: 'Requests served.',
      type: 'counter',
      labels: BY_VERSION,
      collect: (samples, scrape) =>
        eachRequests(scrape, (requests, node) =>
          requests.eachVersion((apiKey, version, { timesMs }) =>
            samples.add({ request: apiName(apiKey), version, ...node }, timesMs.count),
          ),
        ),
    },
    {
      name: `${PREFIX}errors_total`,
      help: 'Error codes in answers, at whatever depth; NONE counts too.',
      type: 'counter',
      labels: ['request', 'error', NODE],
      collect: (samples, scrape) =>
        eachRequests(scrape, (requests, node) =>
          requests.eachError((apiKey, code, count) =>
            samples.add({ request: apiName(apiKey), error: errorName(code), ...node }, count),
          ),
        ),
    },
    histogram('totaltimems', 'Milliseconds from a whole request to its answer.', ({ timesMs }) => timesMs),
    histogram('requestbytes', 'Bytes of requests.', ({ requestBytes }) => requestBytes),
    histogram('responsebytes', 'Bytes of answers; 0 where there is none.', ({ responseBytes }) => responseBytes),
    {
      name: `${PREFIX}throttletimems`,
      help: 'Milliseconds for which quotas held up a connection, where they did.',
      type: 'histogram',
      labels: ['request', NODE],
      collect: (samples, scrape) =>
        eachRequests(scrape, (requests, node) =>
          requests.eachThrottle((apiKey, throttlesMs) =>
            samples.addHistogram({ request: apiName(apiKey), ...node }, throttlesMs),
          ),
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
    labels: ['delayedoperation', NODE],
    collect: (samples, scrape) =>
      eachRequests(scrape, (requests, node) => {
        for (const [delayedoperation, apiKeys] of PURGATORIES) {
          const waiting = apiKeys.reduce((sum, apiKey) => sum + requests.waiting(apiKey), 0)
          samples.add({ delayedoperation, ...node }, waiting)
        }
      }),
  }
}

function apiName(apiKey: number): string {
  return apiByKey(apiKey)?.name ?? String(apiKey)
}

function eachRequests(scrape: Scrape, visit: (requests: RequestMetrics, node: Labels) => void): void {
  for (const { metrics, labels } of eachNode(scrape)) visit(metrics.requests, labels)
}
