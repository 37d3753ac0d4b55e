import { timestamp } from '@odradek/core'
import {
  CreateTopics,
  DescribeConfigs,
  Fetch,
  JoinGroup,
  LeaveGroup,
  ListOffsets,
  Produce,
  SyncGroup,
} from '@odradek/protocol'
import { buildBatch, recordsOf } from '@odradek/records'
import { BrokerProcess } from '../harness/broker-process.ts'
import { WireClient } from '../harness/wire-client.ts'

const TOPIC = '_schemas'
const TOPIC_RESOURCE = 2
const TOPIC_ALREADY_EXISTS = 36
const BYTES_MAX = 1_000_000

async function createTopic(client: WireClient): Promise<number | undefined> {
  const configs = [{ name: 'cleanup.policy', value: 'compact' }]
  const topics = [{ name: TOPIC, numPartitions: 1, replicationFactor: 1, assignments: [], configs }]
  return (await client.call(CreateTopics, 5, { topics, timeoutMs: 10_000 })).topics[0]?.errorCode
}

/** A registry ends where its topic is not compacted, or does not say so. */
async function cleanupPolicy(client: WireClient): Promise<string | null | undefined> {
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: TOPIC, configurationKeys: null }]
  const { results } = await client.call(DescribeConfigs, 4, { resources })
  return results[0]?.configs.find(({ name }) => name === 'cleanup.policy')?.value
}

/** Without any repeat: a registry produces with retries of 0. */
async function write(client: WireClient, key: string): Promise<bigint> {
  const record = { timestamp: timestamp(BigInt(Date.now())), key: Buffer.from(key), value: Buffer.from(`of ${key}`) }
  const topicData = [{ name: TOPIC, partitionData: [{ index: 0, records: buildBatch({ records: [record] }) }] }]
  const { responses } = await client.call(Produce, 9, { acks: -1, timeoutMs: 10_000, topicData })
  const row = responses[0]?.partitionResponses[0]
  expect(row?.errorCode).toBe(0)
  return row?.baseOffset ?? -1n
}

/** All keys from the beginning to the end that ListOffsets tells. */
async function readToEnd(client: WireClient): Promise<readonly string[]> {
  const asked = { name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1n }] }
  const { topics } = await client.call(ListOffsets, 5, { replicaId: -1, topics: [asked] })
  const end = topics[0]?.partitions[0]?.offset ?? -1n
  const keys: string[] = []
  for (let at = 0n; at < end; at = BigInt(keys.length)) {
    const partitions = [{ partition: 0, fetchOffset: at, partitionMaxBytes: BYTES_MAX }]
    const terms = { maxWaitMs: 1000, minBytes: 1, maxBytes: BYTES_MAX, forgottenTopicsData: [] }
    const { responses } = await client.call(Fetch, 11, { ...terms, topics: [{ topic: TOPIC, partitions }] })
    const { records } = responses[0]?.partitions[0] ?? { records: null }
    if (records === null || records.byteLength === 0) throw new Error(`nothing at ${at} of ${end}`)
    for (const { key } of recordsOf(records, { maxDecompressedBytes: BYTES_MAX })) keys.push(String(key))
  }
  return keys
}

/** Its own kind of group, in which registries choose who writes. */
async function leadsAndLeaves(client: WireClient): Promise<void> {
  const join = {
    ...{ groupId: 'schema-registry', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'sr' },
    protocols: [{ name: 'v0', metadata: Buffer.from('{"host":"a","port":1}') }],
  }
  const { memberId } = await client.call(JoinGroup, 5, { ...join, memberId: '' })
  const joined = await client.call(JoinGroup, 5, { ...join, memberId })
  expect(joined).toMatchObject({ errorCode: 0, leader: memberId, protocolName: 'v0' })
  const assignment = Buffer.from('{"error":0}')
  const { generationId } = joined
  const sync = { groupId: 'schema-registry', generationId, memberId, assignments: [{ memberId, assignment }] }
  expect(await client.call(SyncGroup, 3, sync)).toMatchObject({ errorCode: 0, assignment })
  const leave = { groupId: 'schema-registry', members: [{ memberId }] }
  expect(await client.call(LeaveGroup, 3, leave)).toMatchObject({ errorCode: 0 })
}

test('compatibility 26: what a schema registry asks at its start, and at each later one', async () => {
  const broker = await BrokerProcess.start()
  try {
    const keys: string[] = []
    for (let start = 0; start < 3; start++) {
      const client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
      expect(await createTopic(client)).toBe(start === 0 ? 0 : TOPIC_ALREADY_EXISTS)
      expect(await cleanupPolicy(client)).toBe('compact')
      expect(await readToEnd(client)).toEqual(keys)
      for (const key of [`noop ${start}`, `schema ${start}`]) {
        expect(await write(client, key)).toBe(BigInt(keys.length))
        keys.push(key)
        expect(await readToEnd(client)).toEqual(keys)
      }
      await leadsAndLeaves(client)
      client.close()
      await broker.restart(start === 0 ? 'stop' : 'kill')
    }
  } finally {
    await broker.dispose()
  }
})
