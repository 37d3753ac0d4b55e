import kafkajs, { type Consumer, type EachBatchPayload, type Producer } from 'kafkajs'

const MAX_BYTES_PER_PARTITION = 32 * 1024

/** A partition in the hands of this process, whose transactional id is the partition's. */
interface Owned {
  readonly producer: Producer
  next: number
}

/**
 * Consume, transform, produce, with one transactional id for each input partition: the client has no generation to send with
 * its offsets (KIP-447), so the id must fence the former owner before the committed offset is looked at. Anything unusual
 * ends the process.
 */
class Transformer {
  private readonly kafka: kafkajs.Kafka
  private readonly input: string
  private readonly output: string
  private readonly group: string
  private readonly owned = new Map<number, Owned>()
  private readonly admin: kafkajs.Admin

  constructor(bootstrap: string, input: string, output: string, group: string) {
    this.kafka = new kafkajs.Kafka({
      clientId: 'transformer',
      brokers: [bootstrap],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 50, retries: 40, maxRetryTime: 300 },
    })
    this.admin = this.kafka.admin()
    this.input = input
    this.output = output
    this.group = group
  }

  async run(): Promise<void> {
    await this.admin.connect()
    const consumer = this.kafka.consumer({
      groupId: this.group,
      sessionTimeout: 2000,
      heartbeatInterval: 300,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      maxWaitTimeInMs: 100,
    })
    // Another process may have had any partition in the meantime.
    consumer.on(consumer.events.GROUP_JOIN, () => this.owned.clear())
    consumer.on(consumer.events.CRASH, () => process.exit(4))
    await consumer.connect()
    await consumer.subscribe({ topics: [this.input], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 2,
      eachBatch: async (payload) => {
        try {
          await this.transform(consumer, payload)
        } catch (error) {
          console.error(error)
          process.exit(3)
        }
        // What it throws is the client's own: a rebalance, and it joins again.
        await payload.heartbeat()
      },
    })
    console.log('begun')
  }

  private async transform(consumer: Consumer, { batch, isStale, resolveOffset }: EachBatchPayload): Promise<void> {
    const { partition } = batch
    const owned = this.owned.get(partition) ?? (await this.own(partition))
    if (isStale()) return
    const messages = batch.messages.filter(({ offset }) => Number(offset) >= owned.next)
    const [first] = messages
    const last = messages.at(-1)
    if (first === undefined || last === undefined || Number(first.offset) !== owned.next) {
      consumer.seek({ topic: this.input, partition, offset: String(owned.next) })
      return
    }
    const transaction = await owned.producer.transaction()
    const transformed = messages.map(({ key, value }) => ({ key, value: `t${value}`, partition }))
    await transaction.send({ topic: this.output, messages: transformed })
    const next = Number(last.offset) + 1
    const partitions = [{ partition, offset: String(next) }]
    await transaction.sendOffsets({ consumerGroupId: this.group, topics: [{ topic: this.input, partitions }] })
    await transaction.commit()
    owned.next = next
    resolveOffset(last.offset)
  }

  private async own(partition: number): Promise<Owned> {
    const producer = this.kafka.producer({
      transactionalId: `${this.group}-${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    const [topic] = await this.admin.fetchOffsets({ groupId: this.group, topics: [this.input] })
    const committed = Number(topic?.partitions.find((found) => found.partition === partition)?.offset ?? -1)
    const owned = { producer, next: Math.max(0, committed) }
    this.owned.set(partition, owned)
    return owned
  }
}

const [bootstrap = '', input = '', output = '', group = ''] = process.argv.slice(2)
new Transformer(bootstrap, input, output, group).run().catch((error: unknown) => {
  console.error(error)
  process.exit(3)
})
