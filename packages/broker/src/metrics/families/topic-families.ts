import { type Family, OTHER } from '../family.ts'
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
    labels: ['topic'],
    collect: async (samples, { sources }) => {
      const { topics } = sources.services.metrics
      samples.add({}, figureOf(topics.total()))
      let rows = 0
      for (const [topic, counters] of topics.entries()) {
        samples.add({ topic }, figureOf(counters))
        await samples.pace(rows++)
      }
      if (topics.othersCount > 0) samples.add({ topic: OTHER }, figureOf(topics.others))
    },
  }))
}
