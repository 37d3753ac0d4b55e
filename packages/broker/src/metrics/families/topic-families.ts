import { eachNode, NODE } from '../by-node.ts'
import { type Family, OTHER } from '../family.ts'
import type { Scrape } from '../scrape.ts'
import type { TopicCounters } from '../topic-metrics.ts'

const ROWS: readonly (readonly [string, string, (counters: TopicCounters) => number])[] = [
  ['messagesin', 'Records appended for producers.', ({ messagesIn }) => messagesIn],
  ['bytesin', 'Bytes of batches appended for producers.', ({ bytesIn }) => bytesIn],
  ['bytesout', 'Bytes of records given to consumers.', ({ bytesOut }) => bytesOut],
  ['totalproducerequests', 'Partitions in Produce requests.', ({ produceRequests }) => produceRequests],
  ['totalfetchrequests', 'Partitions in answers to Fetch.', ({ fetchRequests }) => fetchRequests],
  ['failedproducerequests', 'Of these, with an error.', ({ failedProduceRequests }) => failedProduceRequests],
  ['failedfetchrequests', 'Of these, with an error.', ({ failedFetchRequests }) => failedFetchRequests],
]

/** kafka.server:type=BrokerTopicMetrics: the sum over all topics without a label, and by topic. */
export function topicFamilies(): readonly Family[] {
  return ROWS.map(([name, help, figureOf]) => ({
    name: `kafka_server_brokertopicmetrics_${name}_total`,
    help,
    type: 'counter',
    labels: ['topic', NODE],
    collect: async (samples, scrape) => {
      let rows = 0
      for (const { metrics, labels } of eachNode(scrape)) {
        const { topics } = metrics
        samples.add(labels, figureOf(topics.total()))
        for (const [topic, counters] of topics.entries()) {
          samples.add({ topic, ...labels }, figureOf(counters))
          await samples.pace(rows++)
        }
        if (topics.othersCount > 0) samples.add({ topic: OTHER, ...labels }, figureOf(topics.others))
      }
    },
  }))
}

/** How many topics have no row of their own, each node's counted. */
export function topicsWithoutRow(scrape: Scrape): number {
  let count = 0
  for (const { metrics } of eachNode(scrape)) count += metrics.topics.othersCount
  return count
}
