import { timestamp } from '@odradek/core'
import { CreateTopics, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { startBroker } from '@odradek/testing'
import { WireClient } from '../harness/wire-client.ts'
import { storedCodecs } from './stored-codecs.ts'

test('the codecs of all batches in all partitions are found, and no other', async () => {
  const broker = await startBroker()
  const [bootstrap = ''] = broker.bootstrap
  const client = await WireClient.open(Number(bootstrap.split(':').at(-1)))
  const topic = { name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }
  await client.call(CreateTopics, 7, { topics: [topic], timeoutMs: 10_000 })
  expect(await storedCodecs(bootstrap, 't')).toEqual(new Set())
  const records = [{ timestamp: timestamp(1n), key: null, value: Buffer.from('v'.repeat(100)) }]
  for (const [compressionType, index] of [
    ['none', 0],
    ['lz4', 0],
    ['zstd', 1],
  ] as const) {
    const topicData = [{ name: 't', partitionData: [{ index, records: buildBatch({ records, compressionType }) }] }]
    await client.call(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
  }
  expect(await storedCodecs(bootstrap, 't')).toEqual(new Set(['none', 'lz4', 'zstd']))
  client.close()
  await broker.stop()
})
