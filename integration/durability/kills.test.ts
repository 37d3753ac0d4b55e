import kafkajs from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { freePorts } from '../harness/free-ports.ts'
import { until } from '../harness/until.ts'
import { clientOf, readAll } from '../kafkajs/client.ts'
import { cyclesUnderLoad } from './cycles-under-load.ts'
import { SEED } from './seed.ts'

const CYCLES = 5

test(`kill -9 in the middle of acks=all, ${CYCLES} times (SEED=${SEED})`, async () => {
  const outcome = await cyclesUnderLoad({ seed: SEED, cycles: CYCLES, how: 'kill' })
  expect(outcome.faults).toEqual([])
  // Otherwise it was not in the middle of anything.
  expect(outcome.unansweredBatches + outcome.retriedBatches).toBeGreaterThan(0)
  expect(outcome.recordsRead).toBeGreaterThan(0)
  expect(outcome.commits).toBeGreaterThan(0)
}, 60_000)

test('idempotent producers of kafkajs, killed twice: each message once, in order', async () => {
  const broker = await BrokerProcess.start({ port: await freePorts(1) })
  try {
    const kafka = clientOf(broker.bootstrap)
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'many', numPartitions: 4 }] })
    await admin.disconnect()
    const senders = await Promise.all([0, 1, 2, 3].map((partition) => keepSending(kafka, 'many', partition)))
    const sent = () => senders.reduce((sum, sender) => sum + sender.count(), 0)
    for (let kills = 0; kills < 2; kills++) {
      const before = sent()
      await until('40 more', () => sent() > before + 40)
      await broker.restart('kill')
    }
    await Promise.all(senders.map((sender) => sender.stop()))
    const messages = await readAll(clientOf(broker.bootstrap), 'many', sent())
    for (const [partition, sender] of senders.entries())
      expect(messages.filter((message) => message.partition === partition).map(({ value }) => Number(value))).toEqual(
        Array.from({ length: sender.count() }, (_, index) => index),
      )
  } finally {
    await broker.dispose()
  }
}, 60_000)

/** Numbers, one after the other, each sent until it is acknowledged. */
async function keepSending(
  kafka: kafkajs.Kafka,
  topic: string,
  partition: number,
): Promise<{ count: () => number; stop: () => Promise<void> }> {
  const producer = kafka.producer({
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 50, retries: 30, maxRetryTime: 300 },
  })
  await producer.connect()
  let next = 0
  let stopped = false
  const sending = (async () => {
    while (!stopped) {
      await producer.send({ topic, acks: -1, messages: [{ value: String(next), partition }] })
      next += 1
    }
  })()
  return {
    count: () => next,
    stop: async () => {
      stopped = true
      await sending
      await producer.disconnect()
    },
  }
}
