/** What both brokers are started with, beyond what a Kafka of one node needs. */
export const SETTINGS: Readonly<Record<string, string>> = {
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
  'group.initial.rebalance.delay.ms': '0',
}
