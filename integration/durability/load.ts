import { type Prng, SeededPrng } from '@odradek/core'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { readWhole } from './broker-calls.ts'
import { emptyHistory, type History } from './history.ts'
import { LoadProducer } from './load-producer.ts'
import { LoadReader } from './load-reader.ts'

export interface LoadOptions {
  readonly port: number
  readonly topic: string
  readonly partitions: number
  readonly prng: Prng
  readonly producers?: number
  readonly readers?: number
  /** No new batch is sent beyond it. */
  readonly bytesMax?: number
  readonly ages?: boolean
}

const BYTES_MAX = 2 ** 30
const READ_AT_ONCE = 8

/** Producers, every second of them idempotent, and readers of one topic, for as long as the broker is killed under them. */
export class Load {
  readonly history: History = emptyHistory()
  private readonly options: LoadOptions
  private readonly producers: readonly LoadProducer[]
  private readonly readers: readonly LoadReader[]
  private bytes = 0

  constructor(options: LoadOptions) {
    const { port, topic, partitions, prng, producers = 8, readers = 2, bytesMax = BYTES_MAX, ages = false } = options
    this.options = options
    const mayGoOn = (bytes: number): boolean => {
      if (this.bytes + bytes > bytesMax) return false
      this.bytes += bytes
      return true
    }
    this.producers = Array.from({ length: producers }, (_, index) => {
      const name = `producer-${index}`
      const own = new SeededPrng(prng.below(2 ** 32))
      const { sent } = this.history
      return new LoadProducer({
        port,
        name,
        topic,
        partitions,
        isIdempotent: index % 2 === 0,
        prng: own,
        sent,
        mayGoOn,
      })
    })
    this.readers = Array.from(
      { length: readers },
      (_, index) => new LoadReader({ port, name: `reader-${index}`, topic, partitions, history: this.history, ages }),
    )
  }

  get acknowledged(): number {
    return this.producers.reduce((sum, producer) => sum + producer.acknowledged, 0)
  }

  get retried(): number {
    return this.producers.reduce((sum, producer) => sum + producer.retried, 0)
  }

  /** Resolves after `count` more acknowledgements. */
  async progress(count: number): Promise<void> {
    const target = this.acknowledged + count
    await until(`${count} more acknowledged batches`, () => this.acknowledged >= target, 30_000)
  }

  /** Resolves when all is answered. @throws what a client must never meet. */
  async stop(): Promise<void> {
    await Promise.all([...this.producers, ...this.readers].map((client) => client.stop()))
  }

  /** Reads what is there at the end into the history. */
  async readFinal(port = this.options.port): Promise<void> {
    const { topic, partitions } = this.options
    const client = await WireClient.open(port)
    for (let from = 0; from < partitions; from += READ_AT_ONCE) {
      const indexes = Array.from({ length: Math.min(READ_AT_ONCE, partitions - from) }, (_, index) => from + index)
      await Promise.all(
        indexes.map(async (index) =>
          this.history.final.set(`${topic}-${index}`, await readWhole(client, topic, index)),
        ),
      )
    }
    for (const reader of this.readers) await until('the coordinator', () => reader.hasFoundCommitted(client))
    client.close()
  }
}
