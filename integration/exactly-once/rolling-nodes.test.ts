import { SeededPrng } from '@odradek/core'
import { DescribeTransactions, Metadata } from '@odradek/protocol'
import { startBroker, type TestBroker } from '@odradek/testing'
import { createdTopic } from '../durability/broker-calls.ts'
import { SEED } from '../durability/seed.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { faultsOf } from './checker.ts'
import { finalPartition } from './final-partition.ts'
import { emptyHistory, type History } from './history.ts'
import { KafkajsProducer } from './kafkajs-producer.ts'

const TOPIC = 'rolling'
const PARTITIONS = 6
const NODES = [1, 2, 3]
const PRODUCERS = ['first', 'second', 'third']
const ROUNDS = 4
/** Of every producer, before the next node goes. */
const TRANSACTIONS_BETWEEN = 2

const portOf = (bootstrap: string | undefined): number => Number(bootstrap?.split(':').at(-1))

const committed = ({ transactions }: History, name: string): number =>
  transactions.filter(({ producer, outcome }) => producer === name && outcome === 'committed').length

async function moreTransactions(history: History): Promise<void> {
  const before = new Map(PRODUCERS.map((name) => [name, committed(history, name)]))
  await until(
    'transactions of every producer',
    () => PRODUCERS.every((name) => committed(history, name) >= (before.get(name) ?? 0) + TRANSACTIONS_BETWEEN),
    60_000,
  )
}

/** Each partition as its leader has it, and what hangs: partitions of transactions that their coordinator has forgotten. */
async function readFinal(broker: TestBroker, history: History): Promise<void> {
  const clients = await Promise.all(broker.bootstrap.map((address) => WireClient.open(portOf(address))))
  const [any] = clients
  if (any === undefined) throw new Error('there is no node')
  const { topics, brokers } = await any.call(Metadata, 12, { topics: [{ name: TOPIC }], allowAutoTopicCreation: false })
  for (const { partitionIndex, leaderId } of topics[0]?.partitions ?? []) {
    const port = brokers.find(({ nodeId }) => nodeId === leaderId)?.port
    const leader = clients[broker.bootstrap.findIndex((address) => portOf(address) === port)]
    if (leader === undefined) throw new Error(`partition ${partitionIndex} has no leader`)
    history.final.set(`${TOPIC}-${partitionIndex}`, await finalPartition(leader, TOPIC, partitionIndex))
  }
  for (const client of clients) client.close()
}

async function states(broker: TestBroker): Promise<readonly string[]> {
  const found: string[] = []
  for (const address of broker.bootstrap) {
    const client = await WireClient.open(portOf(address))
    const { transactionStates } = await client.call(DescribeTransactions, 0, { transactionalIds: PRODUCERS })
    for (const { errorCode, transactionState } of transactionStates) if (errorCode === 0) found.push(transactionState)
    client.close()
  }
  return found
}

test(`transactions over many partitions while one node after the other goes and comes back (SEED=${SEED})`, async () => {
  const settings = {
    'default.replication.factor': '3',
    'offsets.topic.num.partitions': '6',
    'transaction.state.log.num.partitions': '6',
    'transaction.state.log.replication.factor': '3',
    'offsets.topic.replication.factor': '3',
  }
  const broker = await startBroker({ brokers: NODES.length, settings })
  const history = emptyHistory()
  try {
    const client = await WireClient.open(portOf(broker.bootstrap[0]))
    await createdTopic(client, TOPIC, PARTITIONS, {}, NODES.length)
    client.close()
    const prng = new SeededPrng(SEED)
    const producers = PRODUCERS.map((name) => {
      const own = new SeededPrng(prng.below(2 ** 32))
      return new KafkajsProducer({
        port: broker.bootstrap,
        name,
        topic: TOPIC,
        partitions: PARTITIONS,
        prng: own,
        history,
      })
    })
    await moreTransactions(history)
    for (let round = 0; round < ROUNDS; round++)
      for (const node of NODES) {
        await broker.stopNode(node)
        await moreTransactions(history)
        await broker.startNode(node)
        await moreTransactions(history)
      }
    await Promise.all(producers.map((producer) => producer.stop()))
    await until('every transaction has ended', async () =>
      (await states(broker)).every((state) => !/Ongoing|Prepare/.test(state)),
    )
    expect(await states(broker)).toHaveLength(PRODUCERS.length)
    await readFinal(broker, history)
    expect(faultsOf(history)).toEqual([])
  } finally {
    await broker.stop()
  }
}, 180_000)
