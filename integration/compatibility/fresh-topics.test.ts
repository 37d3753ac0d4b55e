import { CreateTopics, Metadata, Produce } from '@odradek/protocol'
import { startBroker } from '@odradek/testing'
import { batch } from '../differential/scenarios/producing.ts'
import { WireClient } from '../harness/wire-client.ts'

const TOPICS = 1_000

test(`compatibility 17: of ${TOPICS} topics just made each takes its first record at once, the last made first`, async () => {
  const broker = await startBroker()
  const client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
  const names = Array.from({ length: TOPICS }, (_, index) => `fresh-${index}`)
  const topics = names.map((name) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }))
  const created = await client.call(CreateTopics, 7, { topics, timeoutMs: 30_000 })
  expect(created.topics.filter(({ errorCode }) => errorCode !== 0)).toEqual([])
  const records = batch(['first'])
  const answers = await Promise.all(
    names.reverse().map((name) => {
      const topicData = [{ name, partitionData: [{ index: 0, records }] }]
      return client.call(Produce, 9, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData })
    }),
  )
  const rows = answers.map(({ responses }) => responses[0]?.partitionResponses[0])
  expect(rows.map((row) => [row?.errorCode, row?.baseOffset])).toEqual(names.map(() => [0, 0n]))
  const all = await client.call(Metadata, 12, { topics: null, allowAutoTopicCreation: false })
  const partitions = all.topics.flatMap((topic) => topic.partitions)
  expect(partitions).toHaveLength(TOPICS)
  expect(partitions.filter(({ errorCode, leaderId }) => errorCode !== 0 || leaderId < 0)).toEqual([])
  client.close()
  await broker.stop()
})
