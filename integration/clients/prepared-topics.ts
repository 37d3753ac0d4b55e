import { Kafka, logLevel } from 'kafkajs'

/** Of the first record of NAME-time; each of the others is a second later. In the past, where no clock of today comes. */
const TIME_MS = 1_700_000_000_000
const RECORDS = 20

/**
 * What a program finds when it starts: NAME-three of three partitions, NAME-txn of one, NAME-small which takes no batch over 1,000 bytes,
 * and NAME-time with 20 records, value N at offset N and N seconds after 1700000000000. Some clients cannot make topics themselves.
 */
export async function prepareTopics(bootstrap: string, name: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: `${name}-three`, numPartitions: 3 },
      { topic: `${name}-txn`, numPartitions: 1 },
      { topic: `${name}-small`, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '1000' }] },
      { topic: `${name}-time`, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: '-1' }] },
    ],
  })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: RECORDS }, (_, at) => ({
    value: String(at),
    timestamp: String(TIME_MS + at * 1000),
  }))
  await producer.send({ topic: `${name}-time`, messages })
  await producer.disconnect()
}
