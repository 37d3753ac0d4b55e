import { CreatePartitions, CreateTopics, errorName, Metadata } from '@odradek/protocol'
import { DELETIONS_PER_BATCH } from './delete-topics-decision.ts'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'

/** Of what is much to do, on a machine that has much to do besides. */
const LONG_TEST_MS_MAX = 120_000

const TOPICS_MAX = 5
const PARTITIONS_MAX = 12

function start(): Promise<MetadataFixture> {
  const entries = { 'odradek.max.topics': `${TOPICS_MAX}`, 'odradek.max.partitions': `${PARTITIONS_MAX}` }
  return MetadataFixture.start({ entries })
}

function topics(count: number, numPartitions = 1) {
  return Array.from({ length: count }, (_, index) => ({
    ...{ name: `t${index}`, numPartitions, replicationFactor: 1, assignments: [], configs: [] },
  }))
}

async function create(fixture: MetadataFixture, asked: ReturnType<typeof topics>) {
  const response = await fixture.send(CreateTopics, 7, { topics: asked, timeoutMs: 1000, validateOnly: false })
  return response.topics.map(({ errorCode, errorMessage }) => [errorName(errorCode), errorMessage])
}

const tooManyTopics = ['POLICY_VIOLATION', 'There may be at most 5 topics (odradek.max.topics)']
const tooManyPartitions = ['POLICY_VIOLATION', 'There may be at most 12 partitions (odradek.max.partitions)']

test('as many topics as the limit says, and not one more; what is deleted makes room', async () => {
  const fixture = await start()
  const made = ['NONE', null]
  expect(await create(fixture, topics(6))).toEqual([made, made, made, made, made, tooManyTopics])
  expect(await create(fixture, [...topics(1), ...topics(7).slice(6)])).toEqual([
    ['TOPIC_ALREADY_EXISTS', expect.any(String)],
    tooManyTopics,
  ])
  const { cluster, controller } = fixture.metadata
  await fixture.settle(controller.deleteTopics([cluster.topic('t0')!.id]))
  expect(await create(fixture, topics(1))).toEqual([made])
  await fixture.restart(1)
  expect(await create(fixture, topics(7).slice(6))).toEqual([tooManyTopics])
})

test('very many topics are deleted batch by batch, each answered for, and other commands come between', async () => {
  const fixture = await MetadataFixture.start({})
  const { cluster, controller } = fixture.metadata
  const count = DELETIONS_PER_BATCH
  const commands = Array.from({ length: count }, (_, index) =>
    topicCommand(`t${index}`, { partitions: index === 7 ? count : 1 }),
  )
  await fixture.settle(controller.createTopics(commands, false))
  const ids = commands.map(({ name }) => cluster.topic(name)!.id)
  const deleted = controller.deleteTopics([...ids, ids[0]!])
  const created = controller.createTopics([topicCommand('between', {})], false).then(() => [...cluster.topics()].length)
  expect(await fixture.settle(created)).toBeGreaterThan(1)
  const outcomes = await fixture.settle(deleted)
  expect(outcomes.map(({ error }) => error)).toEqual([...ids.map(() => 'NONE'), 'UNKNOWN_TOPIC_ID'])
  expect([...cluster.topics()].map(({ name }) => name)).toEqual(['between'])
})

test('partitions count over all topics, also those that are added', async () => {
  const fixture = await start()
  expect(await create(fixture, topics(3, 4))).toEqual([
    ['NONE', null],
    ['NONE', null],
    ['NONE', null],
  ])
  expect(await create(fixture, topics(4).slice(3))).toEqual([tooManyPartitions])
  const { cluster, controller } = fixture.metadata
  await fixture.settle(controller.deleteTopics([cluster.topic('t0')!.id]))
  const add = async (count: number) => {
    const request = { topics: [{ name: 't1', count, assignments: null }], timeoutMs: 1000, validateOnly: false }
    const { results } = await fixture.send(CreatePartitions, 3, request)
    return [errorName(results[0]!.errorCode), results[0]!.errorMessage]
  }
  expect(await add(9)).toEqual(tooManyPartitions)
  expect(await add(8)).toEqual(['NONE', null])
})

test('topics that clients only name are refused too', async () => {
  const fixture = await start()
  const named = topics(TOPICS_MAX + 1).map(({ name }) => ({ name }))
  const response = await fixture.send(Metadata, 12, { topics: named, allowAutoTopicCreation: true })
  expect(response.topics.map(({ errorCode }) => errorName(errorCode))).toEqual([
    ...Array.from({ length: TOPICS_MAX }, () => 'NONE'),
    'POLICY_VIOLATION',
  ])
})

test(
  'a storm of 100,000 names makes nothing, and is told so',
  async () => {
    const fixture = await MetadataFixture.start()
    const named = Array.from({ length: 100_000 }, (_, index) => ({ name: `storm-${index}` }))
    const changes = fixture.changes.length
    const response = await fixture.send(Metadata, 12, { topics: named, allowAutoTopicCreation: true })
    expect(response.topics).toHaveLength(named.length)
    expect(new Set(response.topics.map(({ errorCode }) => errorName(errorCode)))).toEqual(new Set(['POLICY_VIOLATION']))
    expect(fixture.changes).toHaveLength(changes)
  },
  LONG_TEST_MS_MAX,
)

test('a request for more than 10,000 partitions is refused as a whole, one for so many is not', async () => {
  const fixture = await MetadataFixture.start()
  const codes = async (asked: ReturnType<typeof topics>) =>
    new Set((await create(fixture, asked)).map(([error]) => error))
  expect(await codes(topics(10_001))).toEqual(new Set(['POLICY_VIOLATION']))
  expect(await codes([...topics(1, 10_000), ...topics(2).slice(1)])).toEqual(new Set(['POLICY_VIOLATION']))
  expect(await codes(topics(1, 10_000))).toEqual(new Set(['NONE']))
})

test('many topics are decided in several turns, as one change', async () => {
  const fixture = await MetadataFixture.start()
  const commands = Array.from({ length: 1201 }, (_, index) => topicCommand(`many-${index}`))
  const before = fixture.changes.length
  await fixture.create(...commands)
  expect(fixture.changes.slice(before).map(({ topicsCreated }) => topicsCreated.length)).toEqual([1201])
})
