import { type Prng, producerId } from '@odradek/core'
import { ErrorCode, InitProducerId } from '@odradek/protocol'
import { ConnectionLost, type WireClient } from '../harness/wire-client.ts'
import { produce } from './broker-calls.ts'
import type { SentBatch } from './history.ts'
import { LoadClient, RetryLater } from './load-client.ts'
import { type ProducerIdentity, randomBatch } from './random-batch.ts'

/** The most that a broker's memory of five batches a producer makes safe to retry. */
const IN_FLIGHT_MAX = 5
const FULL_DISK_RETRY_MS = 20

const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
])

export interface LoadProducerOptions {
  readonly port: number
  readonly name: string
  readonly topic: string
  readonly partitions: number
  readonly isIdempotent: boolean
  readonly prng: Prng
  readonly sent: SentBatch[]
  /** Called before each new batch: false ends sending. */
  readonly mayGoOn: (bytes: number) => boolean
}

interface Entry {
  readonly sent: SentBatch
  readonly partition: number
  readonly bytes: Uint8Array
}

/**
 * Sends random batches to random partitions, several at a time. Without an answer, an idempotent one sends the same bytes
 * again on its next connection, in order; any other forgets them.
 */
export class LoadProducer extends LoadClient {
  retried = 0
  acknowledged = 0
  private readonly options: LoadProducerOptions
  private identity: ProducerIdentity | null = null
  private readonly sequences = new Map<number, number>()
  private readonly inFlightMax: number
  private unanswered: Entry[] = []
  private count = 0

  constructor(options: LoadProducerOptions) {
    super(options.port)
    this.options = options
    this.inFlightMax = 1 + options.prng.below(IN_FLIGHT_MAX)
  }

  protected override async serve(client: WireClient): Promise<void> {
    if (this.options.isIdempotent) this.identity ??= await this.newIdentity(client)
    const again = this.unanswered
    this.retried += again.length
    await allOf(again.map((entry) => this.send(client, entry)))
    await allOf(Array.from({ length: this.inFlightMax }, () => this.sendOn(client)))
  }

  private async newIdentity(client: WireClient): Promise<ProducerIdentity> {
    const answer = await client.call(InitProducerId, 4, { transactionalId: null, transactionTimeoutMs: 60_000 })
    if (answer.errorCode !== ErrorCode.NONE) throw new RetryLater()
    return { producerId: producerId(answer.producerId), producerEpoch: answer.producerEpoch }
  }

  private async sendOn(client: WireClient): Promise<void> {
    while (!this.isStopped && !client.isLost) {
      const entry = this.next()
      if (!this.options.mayGoOn(entry.bytes.length)) return
      this.options.sent.push(entry.sent)
      this.unanswered.push(entry)
      await this.send(client, entry)
    }
  }

  private next(): Entry {
    const { name, topic, partitions, prng } = this.options
    const partition = prng.below(partitions)
    const baseSequence = this.sequences.get(partition) ?? 0
    const identity = this.identity === null ? null : { ...this.identity, baseSequence }
    const { bytes, records, batch } = randomBatch(prng, `${name} ${this.count++}`, identity, Date.now())
    this.sequences.set(partition, baseSequence + records.length)
    const sent: SentBatch = {
      producer: name,
      partition: `${topic}-${partition}`,
      records,
      batch,
      outcome: { kind: 'lost' },
    }
    return { sent, partition, bytes }
  }

  private async send(client: WireClient, entry: Entry): Promise<void> {
    const { topic, isIdempotent, name } = this.options
    try {
      const { errorCode, baseOffset } = await produce(client, topic, entry.partition, entry.bytes)
      if (errorCode === ErrorCode.NONE) {
        entry.sent.outcome = { kind: 'acknowledged', baseOffset }
        this.acknowledged += 1
      } else if (!RETRIABLE.has(errorCode)) {
        throw new Error(`${name} was refused with error ${errorCode}`)
      } else if (isIdempotent) {
        await new Promise((resume) => setTimeout(resume, FULL_DISK_RETRY_MS))
        throw new RetryLater()
      } else {
        entry.sent.outcome = { kind: 'refused', errorCode }
      }
      this.forget(entry)
    } catch (error) {
      if (error instanceof ConnectionLost && !isIdempotent) this.forget(entry)
      throw error
    }
  }

  private forget(entry: Entry): void {
    this.unanswered = this.unanswered.filter((other) => other !== entry)
  }
}

/** Waits for all, so that nothing is under way any more; the first failure that says more than a lost connection counts. */
async function allOf(tasks: readonly Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(tasks)).flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  const worst = failures.find((error) => !(error instanceof ConnectionLost || error instanceof RetryLater))
  if (failures.length > 0) throw worst ?? failures[0]
}
