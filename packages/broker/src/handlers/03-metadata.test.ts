import { topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode, Metadata, type MetadataRequestInput } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const UNKNOWN_ID = 'abcdefghijklmnopqrstuw'
const NOT_REQUESTED = -2_147_483_648
const ALL_OF_TOPIC = 0b1101_1111_1000
const ALL_OF_CLUSTER = 0b1_1111_1010_0000

const named = (...names: string[]): MetadataRequestInput['topics'] => names.map((name) => ({ name }))
const byId = (...ids: string[]): MetadataRequestInput['topics'] => ids.map((id) => ({ topicId: id, name: null }))

async function start(entries: Record<string, string> = {}): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({ nodes: 3, entries })
  await fixture.create(topicCommand('a', { partitions: 3, replicationFactor: 3 }), topicCommand('b'))
  return fixture
}

const versions = Array.from({ length: 14 }, (_, version) => version)

test.each(versions)('v%i: nodes, cluster and the topics asked for, each once', async (version) => {
  const fixture = await start()
  const response = await fixture.send(Metadata, version, { topics: named('a', 'b', 'a') })
  const { cluster } = fixture.metadata
  expect(response.brokers).toMatchObject([1, 2, 3].map((id) => ({ nodeId: id, host: 'localhost', port: 9091 + id })))
  expect(response.topics.map(({ name }) => name)).toEqual(['a', 'b'])
  const a = cluster.topic('a')!
  expect(response.topics[0]).toMatchObject({
    errorCode: ErrorCode.NONE,
    isInternal: false,
    topicId: version >= 10 ? a.id : ZERO_TOPIC_ID,
    partitions: a.partitions.map(({ index, leader, replicas }) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex: index,
      leaderId: leader,
      leaderEpoch: version >= 7 ? 0 : -1,
      replicaNodes: replicas,
      isrNodes: replicas,
      offlineReplicas: [],
    })),
  })
  if (version >= 1) expect(response.controllerId).toBe(1)
  if (version >= 2) expect(response.clusterId).toBe('Vx6BgXB8SUSvFYQeQXXtTg')
})

test.each(versions)('v%i: what stands for all topics, and what for none', async (version) => {
  const fixture = await start()
  const none = await fixture.send(Metadata, version, { topics: [] })
  expect(none.topics.map(({ name }) => name)).toEqual(version === 0 ? ['a', 'b'] : [])
  if (version === 0) return
  const all = await fixture.send(Metadata, version, { topics: null })
  expect(all.topics.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('every answer names the endpoints of the listener it came in on', async () => {
  const fixture = await start()
  const { brokers } = await fixture.send(Metadata, 12, { topics: [] }, { listener: 'DOCKER' })
  expect(brokers.map(({ host, port }) => [host, port])).toEqual([
    ['node-1', 19_092],
    ['node-2', 19_093],
    ['node-3', 19_094],
  ])
})

test.each([
  [5, ErrorCode.LEADER_NOT_AVAILABLE],
  [6, ErrorCode.LISTENER_NOT_FOUND],
  [13, ErrorCode.LISTENER_NOT_FOUND],
])('v%i: a leader without an endpoint on the listener', async (version, errorCode) => {
  const fixture = await start()
  const response = await fixture.send(Metadata, version, { topics: named('a') }, { listener: 'OTHER' })
  expect(response.brokers).toEqual([])
  expect(response.controllerId).toBe(-1)
  expect(response.topics[0]?.partitions[0]).toMatchObject({
    errorCode,
    leaderId: -1,
    offlineReplicas: [1, 2, 3].map(() => expect.any(Number)),
  })
})

describe('a partition whose replicas are down', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start({ nodes: 2 })
    const manual = { partitions: -1, replicationFactor: -1 }
    await fixture.create(
      topicCommand('some', { ...manual, assignments: [{ partition: 0, replicas: [2, 1] }] }),
      topicCommand('all', { ...manual, assignments: [{ partition: 0, replicas: [2] }] }),
    )
    await fixture.restart(1)
  })

  test('v0 leaves them out and says so', async () => {
    const { topics } = await fixture.send(Metadata, 0, { topics: named('some', 'all') })
    expect(topics.map(({ partitions }) => partitions[0])).toMatchObject([
      { errorCode: ErrorCode.REPLICA_NOT_AVAILABLE, leaderId: 1, replicaNodes: [1], isrNodes: [1] },
      { errorCode: ErrorCode.LEADER_NOT_AVAILABLE, leaderId: -1, replicaNodes: [], isrNodes: [] },
    ])
  })

  test.each([1, 5, 13])('v%i lists them', async (version) => {
    const { topics } = await fixture.send(Metadata, version, { topics: named('some', 'all') })
    const offlineReplicas = version >= 5 ? [2] : []
    expect(topics.map(({ partitions }) => partitions[0])).toMatchObject([
      { errorCode: ErrorCode.NONE, leaderId: 1, replicaNodes: [2, 1], isrNodes: [1], offlineReplicas },
      { errorCode: ErrorCode.LEADER_NOT_AVAILABLE, leaderId: -1, replicaNodes: [2], isrNodes: [], offlineReplicas },
    ])
  })
})

test.each([0, 1, 3, 4, 13])('v%i: a missing topic is made, and answered with its leader at once', async (version) => {
  const fixture = await start({ 'num.partitions': '2' })
  const response = await fixture.send(Metadata, version, { topics: named('new'), allowAutoTopicCreation: true })
  expect(response.topics).toMatchObject([{ name: 'new', errorCode: ErrorCode.NONE }])
  expect(response.topics[0]?.partitions).toHaveLength(2)
  for (const partition of response.topics[0]!.partitions) {
    expect(partition.leaderId).toBeGreaterThan(0)
    expect(partition.errorCode).toBe(ErrorCode.NONE)
  }
})

test('two requests that miss the same topic both get it', async () => {
  const fixture = await start()
  const ask = () => fixture.send(Metadata, 12, { topics: named('new'), allowAutoTopicCreation: true })
  const [one, other] = await Promise.all([ask(), ask()])
  expect(one.topics[0]).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(other.topics[0]).toEqual(one.topics[0])
})

test('an internal topic gets its own settings, and no more replicas than there are nodes', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2, entries: { 'offsets.topic.num.partitions': '7' } })
  const { topics } = await fixture.send(Metadata, 12, { topics: named('__consumer_offsets', '__transaction_state') })
  expect(topics).toMatchObject([{ isInternal: true }, { isInternal: true }])
  expect(topics[0]?.partitions).toHaveLength(7)
  expect(topics[1]?.partitions).toHaveLength(50)
  expect(topics[0]?.partitions[0]?.replicaNodes).toHaveLength(2)
  const node = fixture.metadata.cluster.nodes()[0]!.id
  expect(fixture.metadata.configs.topicSettings('__consumer_offsets', node)).toMatchObject({
    compacted: true,
    log: { segmentBytes: 104_857_600, cleanupDelete: false },
  })
  expect(fixture.metadata.configs.topicSettings('__transaction_state', node)).toMatchObject({
    minInsyncReplicas: 2,
    compressionType: 'uncompressed',
  })
})

test.each([4, 13])(
  'v%i: without leave to create it, a missing topic is unknown and an illegal one invalid',
  async (version) => {
    const fixture = await start()
    const topics = named('nosuch', 'a/b', '', '__share_group_state')
    const response = await fixture.send(Metadata, version, { topics, allowAutoTopicCreation: false })
    expect(response.topics.map(({ errorCode, isInternal }) => [errorCode, isInternal])).toEqual([
      [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, false],
      [ErrorCode.INVALID_TOPIC_EXCEPTION, false],
      [ErrorCode.INVALID_TOPIC_EXCEPTION, false],
      [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, true],
    ])
    expect(fixture.metadata.cluster.topic('nosuch')).toBeUndefined()
  },
)

test('auto.create.topics.enable=false overrules the client', async () => {
  const fixture = await start({ 'auto.create.topics.enable': 'false' })
  const { topics } = await fixture.send(Metadata, 3, { topics: named('nosuch') })
  expect(topics[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
})

test('a topic that cannot be made stays unknown: illegal names are invalid, and too many at once a violation', async () => {
  const fixture = await start({ 'default.replication.factor': '4' })
  await fixture.create(topicCommand('x.y'))
  const few = await fixture.send(Metadata, 12, { topics: named('x_y', 'a/b', 'replicated') })
  expect(few.topics.map(({ errorCode }) => errorCode)).toEqual([
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ErrorCode.INVALID_TOPIC_EXCEPTION,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ])
})

test('more missing topics than one request may make: none is made', async () => {
  const fixture = await start()
  const names = Array.from({ length: 10_001 }, (_, index) => `storm-${index}`)
  const { topics } = await fixture.send(Metadata, 12, { topics: named(...names, 'a') })
  expect(topics).toHaveLength(10_002)
  expect(new Set(topics.slice(0, -1).map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.POLICY_VIOLATION]))
  expect(topics.at(-1)).toMatchObject({ name: 'a', errorCode: ErrorCode.NONE })
  expect([...fixture.metadata.cluster.topics()]).toHaveLength(2)
})

describe('topic ids', () => {
  test.each([12, 13])('v%i: as soon as one is there, names do not count', async (version) => {
    const fixture = await start()
    const id = fixture.metadata.cluster.topic('a')!.id
    const topics = [...byId(id, id, UNKNOWN_ID)!, ...named('b')!, { topicId: UNKNOWN_ID, name: 'b' }]
    const response = await fixture.send(Metadata, version, { topics })
    expect(response.topics).toMatchObject([
      { name: 'a', topicId: id, errorCode: ErrorCode.NONE },
      { name: null, topicId: UNKNOWN_ID, errorCode: ErrorCode.UNKNOWN_TOPIC_ID, partitions: [] },
    ])
    expect(response.topics).toHaveLength(2)
  })

  test.each([10, 11])('v%i has the field but refuses it', async (version) => {
    const fixture = await start()
    const id = fixture.metadata.cluster.topic('a')!.id
    for (const topics of [byId(id), [{ name: null }, ...named('a')!], [{ topicId: id, name: 'a' }]]) {
      const response = await fixture.send(Metadata, version, { topics: topics! })
      expect(response).toMatchObject({ brokers: [], clusterId: null, controllerId: -1 })
      expect(response.topics).toMatchObject(
        topics!.map(({ name, topicId: asked }) => ({
          errorCode: ErrorCode.INVALID_REQUEST,
          name: name ?? '',
          topicId: asked ?? ZERO_TOPIC_ID,
          partitions: [],
        })),
      )
    }
  })

  test.each([12, 13])('v%i: neither name nor id', async (version) => {
    const fixture = await start()
    const response = await fixture.send(Metadata, version, { topics: [{ name: null }, ...named('a')!] })
    expect(response.topics.map(({ errorCode }) => errorCode)).toEqual([-1, -1])
    expect(response).toMatchObject({ brokers: [], errorCode: version === 13 ? -1 : 0 })
  })
})

describe('rights', () => {
  const only = (...allowed: string[]): Authorizer => ({
    authorize: (_principal, _host, operation, resource, name) => allowed.includes(`${operation} ${resource} ${name}`),
  })

  test('topics that may not be described are hidden, asked for by name or not', async () => {
    const fixture = await start()
    const authorizer = only('DESCRIBE TOPIC b')
    const all = await fixture.send(Metadata, 12, { topics: null }, { authorizer })
    expect(all.topics.map(({ name }) => name)).toEqual(['b'])
    const { topics } = await fixture.send(Metadata, 12, { topics: named('a', 'nosuch', 'b') }, { authorizer })
    const hidden = { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, topicId: ZERO_TOPIC_ID, partitions: [] }
    expect(topics).toMatchObject([hidden, hidden, { errorCode: ErrorCode.NONE }])
  })

  test('an id does not tell its name', async () => {
    const fixture = await start()
    const id = fixture.metadata.cluster.topic('a')!.id
    const { topics } = await fixture.send(Metadata, 12, { topics: byId(id) }, { authorizer: only() })
    expect(topics).toMatchObject([
      { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, name: null, topicId: topicId(id) },
    ])
  })

  test('making a topic needs the right to, in the cluster or for the topic, and that to describe it', async () => {
    const fixture = await start()
    const authorizer = only('DESCRIBE TOPIC one', 'CREATE TOPIC one', 'DESCRIBE TOPIC two', 'CREATE TOPIC three')
    const { topics } = await fixture.send(Metadata, 12, { topics: named('one', 'two', 'three') }, { authorizer })
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.NONE,
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    ])
    expect(fixture.metadata.cluster.topic('three')).toBeUndefined()
    const anywhere = only('DESCRIBE TOPIC two', 'CREATE CLUSTER kafka-cluster')
    const second = await fixture.send(Metadata, 12, { topics: named('two') }, { authorizer: anywhere })
    expect(second.topics[0]?.errorCode).toBe(ErrorCode.NONE)
  })

  test.each([8, 9, 10])(
    'v%i: operations are listed where asked for, all of them without an authorizer',
    async (version) => {
      const fixture = await start()
      const flags = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true }
      const response = await fixture.send(Metadata, version, { topics: named('a'), ...flags })
      expect(response.clusterAuthorizedOperations).toBe(ALL_OF_CLUSTER)
      expect(response.topics[0]?.topicAuthorizedOperations).toBe(ALL_OF_TOPIC)
      const plain = await fixture.send(Metadata, version, { topics: named('a') })
      expect(plain.clusterAuthorizedOperations).toBe(NOT_REQUESTED)
      expect(plain.topics[0]?.topicAuthorizedOperations).toBe(NOT_REQUESTED)
    },
  )

  test('who may not describe the cluster has no operation on it', async () => {
    const fixture = await start()
    const asked = {
      topics: named('a'),
      includeClusterAuthorizedOperations: true,
      includeTopicAuthorizedOperations: true,
    }
    const authorizer = only('DESCRIBE TOPIC a', 'READ TOPIC a', 'ALTER CLUSTER kafka-cluster')
    const response = await fixture.send(Metadata, 8, asked, { authorizer })
    expect(response.clusterAuthorizedOperations).toBe(0)
    expect(response.topics[0]?.topicAuthorizedOperations).toBe((1 << 8) | (1 << 3))
  })
})

test('very many topics are all told of in their order, without those that may not be seen, while others are served', async () => {
  const fixture = await MetadataFixture.start()
  const names = Array.from({ length: 2 * ROWS_PER_TURN + 1 }, (_, index) => `t${index}`)
  await fixture.create(...names.map((name) => topicCommand(name)))
  const authorizer: Authorizer = { authorize: (_principal, _host, _operation, _resource, name) => name !== 't1' }
  let isAnswered = false
  const all = fixture.send(Metadata, 12, { topics: null }, { authorizer }).then((response) => {
    isAnswered = true
    return response
  })
  await fixture.send(Metadata, 12, { topics: named('t0') })
  expect(isAnswered).toBe(false)
  expect((await all).topics.map(({ name }) => name)).toEqual(names.filter((name) => name !== 't1'))
})
