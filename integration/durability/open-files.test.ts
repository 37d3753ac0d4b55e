import { connect, type Socket } from 'node:net'
import kafkajs from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, readAll } from '../kafkajs/client.ts'

// A process that has no file descriptor left: nobody new gets in, those who are in are served, and the door opens again.

const DESCRIPTORS_MAX = 64
const CROWD = 120

let broker: BrokerProcess
const crowd: Socket[] = []

beforeEach(async () => {
  broker = await BrokerProcess.start({ descriptorsMax: DESCRIPTORS_MAX })
})
afterEach(async () => {
  for (const socket of crowd.splice(0)) socket.destroy()
  await broker.dispose()
})

function crowdIn(): { readonly open: () => number; readonly closed: () => number } {
  const port = Number(broker.bootstrap[0]?.split(':').at(-1))
  let closed = 0
  for (let index = 0; index < CROWD; index++) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {})
    socket.on('close', () => closed++)
    crowd.push(socket)
  }
  return { open: () => crowd.filter(({ readyState }) => readyState === 'open').length, closed: () => closed }
}

const send = (producer: kafkajs.Producer, value: string) =>
  producer.send({ topic: 'crowded', acks: -1, messages: [{ value, partition: 0 }] })

async function canConnect(): Promise<boolean> {
  const admin = clientOf(broker.bootstrap).admin()
  try {
    await admin.connect()
    return true
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}

test('more connections than descriptors end nothing: those who are in go on, and others come in when there is room', async () => {
  const kafka = clientOf(broker.bootstrap)
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: 'crowded', numPartitions: 1 }] })
  await send(producer, 'before')

  for (let wave = 0; wave < 3; wave++) {
    const { open, closed } = crowdIn()
    await until('the rest is sent away', () => open() + closed() === CROWD && open() < DESCRIPTORS_MAX)
    await send(producer, `crowded out ${wave}`)
    for (const socket of crowd.splice(0)) socket.destroy()
    await until('somebody else comes in', canConnect)
  }

  const values = (await readAll(clientOf(broker.bootstrap), 'crowded', 4)).map(({ value }) => value)
  expect(values).toEqual(['before', 'crowded out 0', 'crowded out 1', 'crowded out 2'])
  await Promise.all([admin.disconnect(), producer.disconnect()])
  expect(await broker.stop()).toBe(0)
})
