import { connect } from 'node:net'
import type { Prng } from '@odradek/core'
import kafkajs, { type Producer, type Transaction } from 'kafkajs'
import type { History, SentTransaction } from './history.ts'

const RECORDS_MAX = 6
const ABORT_PERCENT = 15

export interface KafkajsProducerOptions {
  /** All its connections go there; or, to several nodes, to where they say that they are. */
  readonly port: number | readonly string[]
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly prng: Prng
  readonly history: History
}

/** Transactions of a stock client, with all its retries; a client that has failed is given up for a new one. */
export class KafkajsProducer {
  private readonly options: KafkajsProducerOptions
  private readonly kafka: kafkajs.Kafka
  private records = 0
  private offset = 0
  private isStopped = false
  private readonly running: Promise<void>

  constructor(options: KafkajsProducerOptions) {
    this.options = options
    const { port, name } = options
    this.kafka = new kafkajs.Kafka({
      clientId: name,
      brokers: typeof port === 'number' ? [`127.0.0.1:${port}`] : [...port],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 20, retries: 20, maxRetryTime: 200 },
      requestTimeout: 15_000,
      ...(typeof port === 'number' && {
        // Wherever the broker says that it is: the connection is one that can be cut.
        socketFactory: ({ onConnect }: kafkajs.ISocketFactoryArgs) =>
          connect({ port, host: '127.0.0.1', noDelay: true }, onConnect),
      }),
    })
    this.running = this.run()
    this.running.catch(() => {})
  }

  /** Resolves when nothing of it is open. @throws what a client must never meet. */
  async stop(): Promise<void> {
    this.isStopped = true
    await this.running
  }

  private newProducer(): Producer {
    const { name } = this.options
    return this.kafka.producer({
      transactionalId: name,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const producer = this.newProducer()
      try {
        await producer.connect()
        while (!this.isStopped) await this.transaction(producer)
      } catch {
        // What it failed with is in the history: as a transaction that is not known to be committed.
      } finally {
        await disconnected(producer)
      }
    }
  }

  private async transaction(producer: Producer): Promise<void> {
    const { name, topic, history, prng } = this.options
    const sent: SentTransaction = { producer: name, records: [], offsets: [], outcome: 'aborted' }
    const transaction = await producer.transaction()
    history.transactions.push(sent)
    try {
      await this.send(transaction, sent)
      const offset = { group: `group-${name}`, partition: `${topic}-0`, offset: ++this.offset }
      sent.offsets.push(offset)
      const partitions = [{ partition: 0, offset: String(offset.offset) }]
      await transaction.sendOffsets({ consumerGroupId: offset.group, topics: [{ topic, partitions }] })
    } catch (error) {
      await transaction.abort()
      throw error
    }
    if (prng.below(100) < ABORT_PERCENT) return transaction.abort()
    sent.outcome = 'unknown'
    await transaction.commit()
    sent.outcome = 'committed'
  }

  private async send(transaction: Transaction, sent: SentTransaction): Promise<void> {
    const { name, topic, partitions, prng } = this.options
    const messages = Array.from({ length: 1 + prng.below(RECORDS_MAX) }, () => {
      const partition = prng.below(partitions)
      const value = `${name}/${this.records++}`
      sent.records.push({ partition: `${topic}-${partition}`, value, offset: null })
      return { partition, value }
    })
    // kafkajs remembers which brokers have answered a request, not which partitions: when leaders move, a request over
    // several of them loses records or sends them twice, with every broker.
    for (const partition of new Set(messages.map((message) => message.partition)))
      await transaction.send({ topic, messages: messages.filter((message) => message.partition === partition) })
  }
}

async function disconnected(producer: Producer): Promise<void> {
  try {
    await producer.disconnect()
  } catch {
    // It has lost its connection already.
  }
}
