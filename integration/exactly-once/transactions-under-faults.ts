import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededPrng } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { createdTopic } from '../durability/broker-calls.ts'
import { WireClient } from '../harness/wire-client.ts'
import { type Against, startBroker } from './broker-under-test.ts'
import { type Fault, faultsOf } from './checker.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { Disturbance } from './disturbance.ts'
import { finalPartition, RESOLVED_MS_MAX } from './final-partition.ts'
import { emptyHistory, type History } from './history.ts'
import { KafkajsProducer } from './kafkajs-producer.ts'
import { PlainProducer } from './plain-producer.ts'
import { initProducerId, KAFKAJS_AGED, stableOffset, VERSION_1, VERSION_2 } from './transaction-calls.ts'
import { NoFinalAnswer, TransactionClient } from './transaction-client.ts'
import { TransactionProducer } from './transaction-producer.ts'
import { TransactionReader } from './transaction-reader.ts'

const TOPIC = 'ledger'
const PARTITIONS = 4
const DIALECTS = [VERSION_2, VERSION_1, KAFKAJS_AGED, VERSION_2]
const KAFKAJS_PRODUCERS = 2
const READERS = 2

export interface RunOptions {
  readonly seed: number
  readonly seconds: number
  readonly against: Against
  /** A directory of a small file system for the data, which is filled now and then; without it nothing is filled. */
  readonly smallDisk?: string
}

export interface RunOutcome {
  readonly committed: number
  readonly aborted: number
  readonly unknown: number
  /** Of the unknown: those that were committed. */
  readonly unknownCommitted: number
  readonly recordsRead: number
  /** Offsets of groups that were looked at on the way. */
  readonly offsetsFound: number
  /** How transactions of raw clients ended, and what was done to broker and connections. */
  readonly ends: Readonly<Record<string, number>>
  readonly disturbances: Readonly<Record<string, number>>
  readonly faults: readonly Fault[]
}

/** Producers of all ages and readers of one topic, while broker, clients and connections die under them. */
export async function transactionsUnderFaults(options: RunOptions): Promise<RunOutcome> {
  const { seed, seconds, against, smallDisk } = options
  const prng = new SeededPrng(seed)
  const broker = await startBroker(against, mkdtempSync(join(smallDisk ?? tmpdir(), 'odradek-transactions-')))
  const proxy = await CuttingProxy.start(broker.port)
  try {
    const client = await WireClient.open(broker.port)
    await createdTopic(client, TOPIC, PARTITIONS)
    client.close()
    const load = new Load(proxy.port, prng)
    const disturbance = new Disturbance({
      broker,
      proxy,
      prng: new SeededPrng(prng.below(2 ** 32)),
      against,
      ...(smallDisk === undefined ? {} : { smallDisk }),
    })
    await disturbance.disturb(seconds * 1000)
    await load.stop()
    await load.readFinal(broker.port)
    return outcomeOf(load, disturbance)
  } finally {
    await proxy.close()
    await broker.dispose()
  }
}

class Load {
  readonly history: History = emptyHistory()
  readonly producers: readonly TransactionProducer[]
  private readonly others: readonly { stop(): Promise<void> }[]
  private readonly transactionalIds: readonly string[]

  constructor(port: number, prng: SeededPrng) {
    const { history } = this
    const common = (name: string) => {
      const own = new SeededPrng(prng.below(2 ** 32))
      return { port, name, topic: TOPIC, partitions: PARTITIONS, prng: own, history }
    }
    const names = DIALECTS.map(({ name }, index) => `${name}-${index}`)
    this.producers = DIALECTS.map(
      (dialect, index) =>
        new TransactionProducer({ ...common(names[index] ?? ''), dialect, isSleepy: index % 3 === 0 }),
    )
    const kafkajs = Array.from({ length: KAFKAJS_PRODUCERS }, (_, index) => `kafkajs-${index}`)
    this.transactionalIds = [...names, ...kafkajs]
    this.others = [
      ...kafkajs.map((name) => new KafkajsProducer(common(name))),
      new PlainProducer(common('plain')),
      ...Array.from({ length: READERS }, (_, index) => new TransactionReader(common(`reader-${index}`))),
    ]
  }

  /** @throws what a client must never meet. */
  async stop(): Promise<void> {
    await Promise.all([...this.producers, ...this.others].map((client) => client.stop()))
  }

  /** Everything has stopped: the next process of each id ends what it has left open, then all must be readable. */
  async readFinal(port: number): Promise<void> {
    await Promise.all(this.transactionalIds.map((name) => this.resolve(port, name)))
    const client = await WireClient.open(port)
    for (let index = 0; index < PARTITIONS; index++)
      this.history.final.set(`${TOPIC}-${index}`, await finalPartition(client, TOPIC, index))
    client.close()
  }

  private async resolve(port: number, name: string): Promise<void> {
    const group = `group-${name}`
    const partition = `${TOPIC}-0`
    const client = new TransactionClient(port, name, group)
    const { errorCode } = await client.ask('InitProducerId', (wire) => initProducerId(wire, 4, name, 60_000))
    if (errorCode !== ErrorCode.NONE) throw new Error(`the last InitProducerId of ${name}: error ${errorCode}`)
    this.history.finalOffsets.push({ group, partition, offset: await finalOffset(client, group, partition) })
    client.close()
  }
}

/** Null when a transaction that nobody ends holds it. */
async function finalOffset(client: TransactionClient, group: string, partition: string): Promise<number | null> {
  try {
    const found = await client.ask('OffsetFetch', (wire) => stableOffset(wire, group, partition), RESOLVED_MS_MAX)
    if (found.errorCode !== ErrorCode.NONE)
      throw new Error(`the last OffsetFetch of ${group}: error ${found.errorCode}`)
    return found.offset
  } catch (error) {
    if (!(error instanceof NoFinalAnswer)) throw error
    return null
  }
}

function outcomeOf({ history, producers }: Load, { counts }: Disturbance): RunOutcome {
  const of = (outcome: string) => history.transactions.filter((transaction) => transaction.outcome === outcome)
  const there = new Set([...history.final.values()].flatMap(({ committed }) => committed.map(({ value }) => value)))
  const ends: Record<string, number> = {}
  for (const producer of producers) for (const [end, count] of producer.ends) ends[end] = (ends[end] ?? 0) + count
  return {
    committed: of('committed').length,
    aborted: of('aborted').length,
    unknown: of('unknown').length,
    unknownCommitted: of('unknown').filter(({ records }) => records.some(({ value }) => there.has(value))).length,
    recordsRead: history.readings.reduce((sum, { records }) => sum + records.length, 0),
    offsetsFound: history.offsetEvents.filter(({ kind }) => kind === 'found').length,
    ends,
    disturbances: Object.fromEntries(counts),
    faults: faultsOf(history),
  }
}
