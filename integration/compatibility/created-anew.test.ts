import { producerId } from '@odradek/core'
import { CreateTopics, DeleteTopics, Fetch, Produce } from '@odradek/protocol'
import { startBroker, type TestBroker } from '@odradek/testing'
import { batch } from '../differential/scenarios/producing.ts'
import { WireClient } from '../harness/wire-client.ts'

const UNKNOWN_TOPIC_ID = 100

let broker: TestBroker
let client: WireClient

beforeAll(async () => {
  broker = await startBroker()
  client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
})

afterAll(async () => {
  client.close()
  await broker.stop()
})

/** @returns its id */
async function createTopic(name: string): Promise<string> {
  const topics = [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  const { topics: rows } = await client.call(CreateTopics, 7, { topics, timeoutMs: 10_000 })
  expect(rows[0]?.errorCode).toBe(0)
  return rows[0]?.topicId ?? ''
}

async function createAnew(name: string): Promise<string> {
  const { responses } = await client.call(DeleteTopics, 5, { topicNames: [name], timeoutMs: 10_000 })
  expect(responses[0]?.errorCode).toBe(0)
  return createTopic(name)
}

async function produce(name: string, records: Uint8Array) {
  const topicData = [{ name, partitionData: [{ index: 0, records }] }]
  const { responses } = await client.call(Produce, 12, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 10_000,
    topicData,
  })
  return responses[0]?.partitionResponses[0]
}

async function fetchById(topicId: string) {
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
  const { responses } = await client.call(Fetch, 13, {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ topicId, partitions }],
    forgottenTopicsData: [],
  })
  return responses[0]
}

test('compatibility 34: a topic made anew knows no producer and no id of its former life', async () => {
  const before = await createTopic('anew')
  const sequenced = (baseSequence: number) => ({ producerId: producerId(7n), producerEpoch: 0, baseSequence })
  expect(await produce('anew', batch(['a'], sequenced(0)))).toMatchObject({ errorCode: 0, baseOffset: 0n })
  const after = await createAnew('anew')
  expect(after).not.toBe(before)
  expect(await produce('anew', batch(['b'], sequenced(0)))).toMatchObject({ errorCode: 0, baseOffset: 0n })
  expect(await fetchById(after)).toMatchObject({ topicId: after, partitions: [{ errorCode: 0, highWatermark: 1n }] })
  expect(await fetchById(before)).toMatchObject({ topicId: before, partitions: [{ errorCode: UNKNOWN_TOPIC_ID }] })
})
