import kafkajs, { type Consumer, type ConsumerConfig, type EachMessagePayload, type Kafka } from 'kafkajs'
import { until } from '../harness/until.ts'

/** A stock client, quiet: what goes wrong comes up as a failed promise. */
export function clientOf(bootstrap: readonly string[], clientId = 'kafkajs-it'): Kafka {
  return new kafkajs.Kafka({
    clientId,
    brokers: [...bootstrap],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 8 },
  })
}

export interface Seen {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: Record<string, string>
  readonly timestamp: string
}

function seen({ topic, partition, message }: EachMessagePayload): Seen {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key === null ? null : message.key.toString(),
    value: message.value === null ? null : message.value.toString(),
    headers: Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)])),
    timestamp: message.timestamp,
  }
}

export interface RunningConsumer {
  readonly consumer: Consumer
  readonly messages: Seen[]
  /** Partitions per topic of the latest assignment; empty until the first. */
  assignment(): Record<string, number[]>
  readonly joins: { count: number }
  stop(): Promise<void>
}

/** A consumer that collects all it gets from `topics`, from the beginning unless the group says otherwise. */
export async function runConsumer(
  kafka: Kafka,
  config: ConsumerConfig,
  topics: readonly string[],
  fromBeginning = true,
): Promise<RunningConsumer> {
  const consumer = kafka.consumer({ heartbeatInterval: 200, sessionTimeout: 6000, maxWaitTimeInMs: 100, ...config })
  const messages: Seen[] = []
  const joins = { count: 0 }
  let assignment: Record<string, number[]> = {}
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assignment = payload.memberAssignment
    joins.count += 1
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning })
  await consumer.run({
    eachMessage: async (payload) => {
      messages.push(seen(payload))
    },
  })
  return { consumer, messages, assignment: () => assignment, joins, stop: () => consumer.disconnect() }
}

/** All messages of a topic, read by a group of its own. */
export async function readAll(kafka: Kafka, topic: string, count: number, msMax = 20_000): Promise<Seen[]> {
  const reader = await runConsumer(kafka, { groupId: `read-${topic}-${Math.random()}` }, [topic])
  await until(`${count} messages of ${topic}`, () => reader.messages.length >= count, msMax)
  await reader.stop()
  return reader.messages
}
