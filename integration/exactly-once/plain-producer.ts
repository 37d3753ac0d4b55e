import { type Prng, timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import type { History, SentTransaction } from './history.ts'
import { type Identity, initProducerId, produceBatch } from './transaction-calls.ts'
import { TransactionClient } from './transaction-client.ts'

const INIT_VERSION = 4
const PRODUCE_VERSION = 11
const PAUSE_MS = 2

export interface PlainProducerOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly prng: Prng
  readonly history: History
}

/** An idempotent producer whose records stand between those of transactions, and wait for these at consumers. */
export class PlainProducer {
  private readonly options: PlainProducerOptions
  private readonly client: TransactionClient
  private readonly sequences = new Map<number, number>()
  private records = 0
  private isStopped = false
  private readonly running: Promise<void>

  constructor(options: PlainProducerOptions) {
    this.options = options
    this.client = new TransactionClient(options.port, options.name, options.name)
    this.running = this.run()
    this.running.catch(() => {})
  }

  /** @throws what a client must never meet. */
  async stop(): Promise<void> {
    this.isStopped = true
    await this.running
    this.client.close()
  }

  private async run(): Promise<void> {
    const identity = await this.client.ask('InitProducerId', (client) =>
      initProducerId(client, INIT_VERSION, null, 60_000),
    )
    if (identity.errorCode !== ErrorCode.NONE) throw new Error(`InitProducerId: error ${identity.errorCode}`)
    while (!this.isStopped) {
      await this.send(identity)
      await new Promise((resume) => setTimeout(resume, PAUSE_MS))
    }
  }

  private async send({ producerId, producerEpoch }: Identity): Promise<void> {
    const { name, topic, partitions, prng, history } = this.options
    const partition = prng.below(partitions)
    const value = `${name}/${this.records++}`
    const records = [{ partition: `${topic}-${partition}`, value, offset: null }]
    const batch: SentTransaction = { producer: name, records, offsets: [], outcome: 'unknown' }
    history.transactions.push(batch)
    const baseSequence = this.sequences.get(partition) ?? 0
    this.sequences.set(partition, baseSequence + 1)
    const bytes = buildBatch({
      records: [{ timestamp: timestamp(BigInt(Date.now())), key: null, value: Buffer.from(value) }],
      producerId,
      producerEpoch,
      baseSequence,
    })
    const answer = await this.client.ask('Produce', (client) =>
      produceBatch(client, PRODUCE_VERSION, null, topic, partition, bytes),
    )
    if (answer.errorCode !== ErrorCode.NONE) throw new Error(`${name} was refused with error ${answer.errorCode}`)
    batch.outcome = 'committed'
    for (const sent of batch.records) sent.offset = answer.baseOffset
  }
}
