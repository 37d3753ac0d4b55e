import { Kafka, logLevel, type Producer } from 'kafkajs'
import { startBroker, type TestBroker } from './start-broker.ts'
import { until } from './until-fixture.ts'

let broker: TestBroker
let kafka: Kafka

beforeEach(async () => {
  broker = await startBroker({ brokers: 3, settings: { 'auto.create.topics.enable': 'false' } })
  const retry = { initialRetryTime: 10, maxRetryTime: 100, retries: 20 }
  kafka = new Kafka({ brokers: [...broker.bootstrap], logLevel: logLevel.NOTHING, retry })
})

afterEach(async () => {
  await broker.stop()
})

test('a topic can be used at every node as soon as its creation is answered', async () => {
  const noRetry = { retry: { retries: 0 }, logLevel: logLevel.NOTHING }
  const clients = broker.bootstrap.map((address) => new Kafka({ brokers: [address], ...noRetry }))
  const admins = clients.map((client) => client.admin())
  const producers = clients.map((client) => client.producer())
  await Promise.all([...admins, ...producers].map((each) => each.connect()))
  for (let round = 0; round < 30; round++) {
    const topic = `fresh-${round}`
    await admins[round % 3]?.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false })
    const sent = producers.map((producer, partition) => {
      return producer.send({ topic, acks: -1, messages: [{ partition, value: `${round}` }] })
    })
    const rows = (await Promise.all(sent)).flat()
    expect(rows.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([0, 0, 0].map(() => [0, '0']))
    for (const admin of admins) {
      const offsets = await admin.fetchTopicOffsets(topic)
      expect(offsets.map(({ high }) => high)).toEqual(['1', '1', '1'])
    }
  }
  await Promise.all([...admins, ...producers].map((each) => each.disconnect()))
})

/** Writes as long as it may; what the life before it has acknowledged is not expected in the next. */
async function load(producer: Producer, life: () => number, isDone: () => boolean, written: Set<string>) {
  for (let count = 0; !isDone(); count++) {
    const value = `${life()}/${count}`
    try {
      await producer.send({ topic: 't', acks: -1, messages: [{ value }] })
      written.add(value)
    } catch {
      // The topic was not there.
    }
  }
}

test('deleted and made anew under load, a topic begins at 0 and knows nothing of its former lives', async () => {
  const admin = kafka.admin()
  await admin.connect()
  let life = 0
  let isDone = false
  const make = () => admin.createTopics({ topics: [{ topic: 't', numPartitions: 2 }], waitForLeaders: false })
  await make()
  const written = new Set<string>()
  const producers = [kafka.producer(), kafka.producer({ idempotent: true, maxInFlightRequests: 1 })]
  const consumer = kafka.consumer({ groupId: 'g', sessionTimeout: 6000 })
  await Promise.all([consumer, ...producers].map((each) => each.connect()))
  await consumer.subscribe({ topic: 't', fromBeginning: true })
  let consumed = 0
  await consumer.run({ eachMessage: async () => void consumed++ })
  const loads = producers.map((producer) =>
    load(
      producer,
      () => life,
      () => isDone,
      written,
    ),
  )
  for (life = 1; life <= 4; life++) {
    const before = written.size
    await until('records of this life', () => written.size > before + 5)
    await admin.deleteTopics({ topics: ['t'] })
    await make()
  }
  isDone = true
  await Promise.all(loads)
  await Promise.all([consumer, ...producers].map((each) => each.disconnect()))
  expect(consumed).toBeGreaterThan(0)

  // At rest: one more life, in which nothing is left of all the others.
  const groups = kafka.consumer({ groupId: 'g2' })
  await admin.setOffsets({ groupId: 'at-rest', topic: 't', partitions: [{ partition: 0, offset: '1' }] })
  await admin.deleteTopics({ topics: ['t'] })
  await make()
  expect((await admin.fetchTopicOffsets('t')).map(({ low, high }) => [low, high])).toEqual([
    ['0', '0'],
    ['0', '0'],
  ])
  const [committed] = await admin.fetchOffsets({ groupId: 'at-rest', topics: ['t'] })
  expect(committed?.partitions.map(({ offset }) => offset)).toEqual(['-1', '-1'])
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await Promise.all([producer, groups].map((each) => each.connect()))
  await producer.send({ topic: 't', messages: [{ value: 'new' }] })
  const seen: string[] = []
  await groups.subscribe({ topic: 't', fromBeginning: true })
  await groups.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) })
  await until('the new record', () => seen.length > 0)
  expect(seen).toEqual(['new'])
  await Promise.all([producer, groups, admin].map((each) => each.disconnect()))
}, 60_000)
