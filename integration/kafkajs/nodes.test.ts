import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Admin, Kafka } from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, readAll } from './client.ts'

const BUNDLE = resolve(process.cwd(), 'dist/odradek.cjs')
const run = promisify(execFile)

/** `0a1b…-3`: the log of one partition. */
const PARTITION_DIRECTORY = /^[0-9a-f]{32}-\d+$/

let broker: BrokerProcess
let kafka: Kafka
let admin: Admin

beforeAll(async () => {
  broker = await BrokerProcess.start({ brokers: 3 })
  kafka = clientOf(broker.bootstrap)
  admin = kafka.admin()
  await admin.connect()
})
afterAll(async () => {
  await admin.disconnect()
  await broker.dispose()
})

function odradek(line: string): Promise<{ stdout: string }> {
  return run(process.execPath, [BUNDLE, ...line.split(' '), '--data-dir', broker.dataDirectory])
}

function partitionDirectories(): number {
  return readdirSync(broker.dataDirectory).filter((name) => PARTITION_DIRECTORY.test(name)).length
}

test('a node that is stopped by command is back after kill -9, and so is what was written without it', async () => {
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3, replicationFactor: 3 }] })
  expect((await odradek('node stop 2')).stdout).toBe('node 2 is stopped\n')
  expect((await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId).sort()).toEqual([1, 3])
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const messages = Array.from({ length: 9 }, (_, index) => ({ partition: index % 3, value: `${index}` }))
  await producer.send({ topic: 'kept', acks: -1, messages })
  await producer.disconnect()
  await broker.restart('kill')
  expect((await admin.describeCluster()).brokers).toHaveLength(3)
  const read = await readAll(kafka, 'kept', messages.length)
  expect(read.map(({ value }) => value).sort()).toEqual(messages.map(({ value }) => value))
  await expect(odradek('node start 9')).rejects.toThrow('there is no node 9; there are 1, 2, 3')
})

test('a broker stops cleanly while one of its nodes is stopped', async () => {
  await odradek('node stop 3')
  expect(await broker.stop()).toBe(0)
  await broker.start()
  expect((await admin.describeCluster()).brokers).toHaveLength(3)
})

test('of topics that are deleted under load no directory is left', async () => {
  const before = partitionDirectories()
  const producer = kafka.producer({ retry: { retries: 1 } })
  await producer.connect()
  let isDone = false
  const load = (async () => {
    while (!isDone) await producer.send({ topic: 'gone', messages: [{ value: 'x' }] }).catch(() => {})
  })()
  for (let life = 0; life < 5; life++) {
    await admin.createTopics({ topics: [{ topic: 'gone', numPartitions: 4 }], waitForLeaders: false })
    await until('records are there', async () => {
      const offsets = await admin.fetchTopicOffsets('gone')
      return offsets.some(({ high }) => high !== '0')
    })
    await admin.deleteTopics({ topics: ['gone'] })
  }
  isDone = true
  await load
  await producer.disconnect()
  await admin.deleteTopics({ topics: ['gone'] }).catch(() => {})
  await until('the directories are gone', () => partitionDirectories() <= before)
})
