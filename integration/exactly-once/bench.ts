import { mkdtempSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { createdTopic } from '../durability/broker-calls.ts'
import { WireClient } from '../harness/wire-client.ts'
import { type Against, startBroker } from './broker-under-test.ts'
import * as calls from './transaction-calls.ts'
import { TransactionClient } from './transaction-client.ts'

const WARM_UP_MS = 2000
const WINDOW_MS = 4000
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const PARTITIONS = 10
const VALUE_BYTES = 200
const TOPIC = 'bench'
const { produce: PRODUCE, endTxn: END, initProducerId: INIT } = calls.VERSION_2

interface Workload {
  readonly name: string
  readonly producers: number
  /** Batches of one record a transaction; null without transactions. */
  readonly batches: number | null
}

const WORKLOADS: readonly Workload[] = [
  ...[1, 10, 100].map((producers) => ({
    name: `transactions of 1 record, ${producers} producers`,
    producers,
    batches: 1,
  })),
  { name: 'transactions of 100 records, 10 producers', producers: 10, batches: 100 },
  { name: 'idempotent records, 10 producers', producers: 10, batches: null },
]

interface Figures {
  readonly records: number
  readonly transactions: number
  readonly latenciesMs: number[]
}

/** One producer with one request under way, as an application that waits for each commit. */
class BenchProducer {
  records = 0
  transactions = 0
  latenciesMs: number[] = []
  isStopped = false
  private readonly client: TransactionClient
  private readonly name: string
  private readonly partition: number
  private readonly batches: number | null
  private identity: calls.Identity | null = null
  private sequence = 0

  constructor(port: number, index: number, { batches }: Workload) {
    this.name = `bench-${index}`
    this.client = new TransactionClient(port, this.name, this.name)
    this.partition = index % PARTITIONS
    this.batches = batches
  }

  async run(): Promise<void> {
    const id = this.batches === null ? null : this.name
    const answer = await this.client.ask('InitProducerId', (wire) => calls.initProducerId(wire, INIT, id, 60_000))
    accept(answer)
    this.identity = answer
    while (!this.isStopped) {
      const startMs = performance.now()
      for (let batch = 0; batch < (this.batches ?? 1); batch++) await this.send(id, this.identity)
      if (id !== null) await this.end(id, this.identity)
      this.latenciesMs.push(performance.now() - startMs)
    }
    this.client.close()
  }

  private async send(id: string | null, { producerId, producerEpoch }: calls.Identity): Promise<void> {
    const record = { timestamp: timestamp(BigInt(Date.now())), key: null, value: Buffer.alloc(VALUE_BYTES) }
    const batch = buildBatch({
      records: [record],
      producerId,
      producerEpoch,
      baseSequence: this.sequence++,
      isTransactional: id !== null,
    })
    accept(
      await this.client.ask('Produce', (wire) => calls.produceBatch(wire, PRODUCE, id, TOPIC, this.partition, batch)),
    )
    this.records += 1
  }

  private async end(id: string, identity: calls.Identity): Promise<void> {
    const answer = await this.client.ask('EndTxn', (wire) => calls.endTransaction(wire, END, id, identity, true))
    accept(answer)
    this.identity = answer.next
    this.sequence = 0
    this.transactions += 1
  }
}

function accept({ errorCode }: calls.Answer): void {
  if (errorCode !== ErrorCode.NONE) throw new Error(`error ${errorCode}`)
}

const wait = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

async function round(against: Against, workload: Workload): Promise<Figures> {
  const broker = await startBroker(against, mkdtempSync(join(tmpdir(), 'odradek-bench-')))
  try {
    const client = await WireClient.open(broker.port)
    await createdTopic(client, TOPIC, PARTITIONS)
    client.close()
    const producers = Array.from(
      { length: workload.producers },
      (_, index) => new BenchProducer(broker.port, index, workload),
    )
    const running = producers.map((producer) => producer.run())
    await Promise.race([wait(WARM_UP_MS), ...running])
    for (const producer of producers) {
      producer.records = 0
      producer.transactions = 0
      producer.latenciesMs = []
    }
    const startMs = performance.now()
    await Promise.race([wait(WINDOW_MS), ...running])
    const seconds = (performance.now() - startMs) / 1000
    const figures = {
      records: producers.reduce((sum, { records }) => sum + records, 0) / seconds,
      transactions: producers.reduce((sum, { transactions }) => sum + transactions, 0) / seconds,
      latenciesMs: producers.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
    }
    for (const producer of producers) producer.isStopped = true
    await Promise.all(running)
    return figures
  } finally {
    await broker.dispose()
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function row(against: Against, { name }: Workload, rounds: readonly Figures[]): Record<string, string | number> {
  const at = (share: number) => (figures: Figures) =>
    figures.latenciesMs[Math.floor(figures.latenciesMs.length * share)] ?? Number.NaN
  const of = (figure: (figures: Figures) => number, digits: number): number =>
    Number(median(rounds.map(figure)).toFixed(digits))
  return {
    workload: name,
    broker: against,
    'transactions/s': of(({ transactions }) => transactions, 0),
    'records/s': of(({ records }) => records, 0),
    'p50 ms': of(at(0.5), 2),
    'p99 ms': of(at(0.99), 2),
  }
}

/** `npm run bench:transactions [PART OF A NAME]`: this broker and a real Kafka in turn, medians of the rounds. */
async function main(): Promise<void> {
  const wanted = process.argv[2] ?? ''
  const workloads = WORKLOADS.filter(({ name }) => name.includes(wanted))
  if (workloads.length === 0)
    throw new Error(
      `no workload has "${wanted}" in its name; there are: ${WORKLOADS.map(({ name }) => name).join(' | ')}`,
    )
  const brokers: readonly Against[] = ['odradek', 'kafka']
  console.log(`${cpus().length} cores (${cpus()[0]?.model}), Node ${process.version}, ${ROUNDS} rounds`)
  const rows = []
  for (const workload of workloads) {
    const rounds = new Map<Against, Figures[]>(brokers.map((against) => [against, []]))
    for (let index = 0; index < ROUNDS; index++)
      for (const [against, done] of rounds) done.push(await round(against, workload))
    for (const [against, done] of rounds) rows.push(row(against, workload, done))
  }
  console.table(rows)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
