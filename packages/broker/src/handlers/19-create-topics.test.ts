import { CreateTopics, type CreateTopicsRequestInput, ErrorCode, errorName } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

type Topic = CreateTopicsRequestInput['topics'][number]

function topic(name: string, more: Partial<Topic> = {}): Topic {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...more }
}

function config(name: string, value: string | null): Partial<Topic> {
  return { configs: [{ name, value }] }
}

function assigned(...replicas: (readonly [partition: number, brokerIds: number[]])[]): Partial<Topic> {
  const assignments = replicas.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }))
  return { numPartitions: -1, replicationFactor: -1, assignments }
}

function request(topics: readonly Topic[], more: Partial<CreateTopicsRequestInput> = {}): CreateTopicsRequestInput {
  return { topics, timeoutMs: 5000, validateOnly: false, ...more }
}

async function verdict(fixture: MetadataFixture, asked: Topic, version = 7): Promise<string> {
  const { topics } = await fixture.send(CreateTopics, version, request([asked]))
  expect(topics).toHaveLength(1)
  if (topics[0]?.errorCode !== ErrorCode.NONE) expect(topics[0]).toMatchObject({ numPartitions: -1, configs: [] })
  return errorName(topics[0]!.errorCode)
}

describe('one topic', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start({ nodes: 2 })
    await fixture.create(topicCommand('there'), topicCommand('dotted.name'))
  })

  test.each<[string, Topic, string]>([
    ['the metadata topic', topic('__cluster_metadata'), 'INVALID_REQUEST'],
    ['no name', topic(''), 'INVALID_TOPIC_EXCEPTION'],
    ['.', topic('.'), 'INVALID_TOPIC_EXCEPTION'],
    ['..', topic('..'), 'INVALID_TOPIC_EXCEPTION'],
    ['a slash', topic('a/b'), 'INVALID_TOPIC_EXCEPTION'],
    ['a letter beyond ASCII', topic('é'), 'INVALID_TOPIC_EXCEPTION'],
    ['249 characters', topic('n'.repeat(249)), 'NONE'],
    ['250 characters', topic('n'.repeat(250)), 'INVALID_TOPIC_EXCEPTION'],
    ['a name like another but for a dot', topic('dotted_name'), 'INVALID_TOPIC_EXCEPTION'],
    ['a name that is there', topic('there'), 'TOPIC_ALREADY_EXISTS'],
    [
      'a name that is there, all else wrong',
      topic('there', { numPartitions: 0, replicationFactor: 9, ...config('x', '1') }),
      'TOPIC_ALREADY_EXISTS',
    ],
    ['an unknown config', topic('c', config('x', '1')), 'INVALID_CONFIG'],
    ['a config in capitals', topic('c', config('RETENTION.MS', '1')), 'INVALID_CONFIG'],
    ['a config of old', topic('c', config('message.format.version', '3.0')), 'INVALID_CONFIG'],
    ['a bad config value', topic('c', config('retention.ms', 'soon')), 'INVALID_CONFIG'],
    ['a null config value', topic('c', config('retention.ms', null)), 'INVALID_CONFIG'],
    ['a bad config and no partitions', topic('c', { numPartitions: 0, ...config('x', '1') }), 'INVALID_CONFIG'],
    [
      'lags the wrong way round',
      topic('c', {
        configs: [
          { name: 'min.compaction.lag.ms', value: '10' },
          { name: 'max.compaction.lag.ms', value: '5' },
        ],
      }),
      'INVALID_CONFIG',
    ],
    ['tiered storage', topic('c', config('remote.storage.enable', 'true')), 'INVALID_CONFIG'],
    ['no partitions', topic('c', { numPartitions: 0 }), 'INVALID_PARTITIONS'],
    ['-2 partitions', topic('c', { numPartitions: -2 }), 'INVALID_PARTITIONS'],
    ['no replicas', topic('c', { replicationFactor: 0 }), 'INVALID_REPLICATION_FACTOR'],
    ['-2 replicas', topic('c', { replicationFactor: -2 }), 'INVALID_REPLICATION_FACTOR'],
    [
      'neither partitions nor replicas',
      topic('c', { numPartitions: 0, replicationFactor: 0 }),
      'INVALID_REPLICATION_FACTOR',
    ],
    ['more replicas than nodes', topic('c', { replicationFactor: 3 }), 'INVALID_REPLICATION_FACTOR'],
    [
      'no partitions and too many replicas',
      topic('c', { numPartitions: 0, replicationFactor: 3 }),
      'INVALID_PARTITIONS',
    ],
    ['10,000 partitions (NEW_PARTITIONS_MAX)', topic('large', { numPartitions: 10_000 }), 'NONE'],
    ['10,001 partitions', topic('larger', { numPartitions: 10_001 }), 'POLICY_VIOLATION'],
    ['replicas by hand', topic('by-hand', assigned([0, [2, 1]], [1, [1, 2]])), 'NONE'],
    ['replicas by hand, in any order', topic('by-hand-2', assigned([1, [1]], [0, [2]])), 'NONE'],
    [
      'replicas by hand and their number',
      topic('c', { ...assigned([0, [1]]), replicationFactor: 1 }),
      'INVALID_REQUEST',
    ],
    ['replicas by hand and partitions', topic('c', { ...assigned([0, [1]]), numPartitions: 1 }), 'INVALID_REQUEST'],
    ['a gap between partitions', topic('c', assigned([0, [1]], [2, [1]])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['a partition below 0', topic('c', assigned([-1, [1]], [0, [1]])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['a partition twice', topic('c', assigned([0, [1]], [0, [2]])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['an unknown node', topic('c', assigned([0, [3]])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['a node twice', topic('c', assigned([0, [1, 1]])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['no node', topic('c', assigned([0, []])), 'INVALID_REPLICA_ASSIGNMENT'],
    ['differing numbers of replicas', topic('c', assigned([0, [1, 2]], [1, [1]])), 'INVALID_REPLICA_ASSIGNMENT'],
  ])('%s', async (_, asked, error) => {
    expect(await verdict(fixture, asked)).toBe(error)
  })
})

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'v%i: -1 stands for the broker’s defaults, and the topic is there',
  async (version) => {
    const entries = { 'num.partitions': '3', 'default.replication.factor': '2' }
    const fixture = await MetadataFixture.start({ nodes: 2, entries })
    const response = await fixture.send(
      CreateTopics,
      version,
      request([topic('a', { numPartitions: -1, replicationFactor: -1 })]),
    )
    const created = fixture.metadata.cluster.topic('a')
    expect(created?.partitions.map(({ replicas }) => replicas.length)).toEqual([2, 2, 2])
    expect(response.topics[0]).toMatchObject({
      name: 'a',
      errorCode: ErrorCode.NONE,
      errorMessage: version >= 1 ? null : expect.anything(),
    })
    if (version >= 5) expect(response.topics[0]).toMatchObject({ numPartitions: 3, replicationFactor: 2 })
    if (version >= 7) expect(response.topics[0]?.topicId).toBe(created?.id)
  },
)

test('from v5 on the answer has every config with its source, the topic’s own as they were sent', async () => {
  const fixture = await MetadataFixture.start({ entries: { 'log.roll.ms': '99999' } })
  const configs = [
    { name: 'retention.ms', value: '1' },
    { name: 'retention.ms', value: ' 5000 ' },
    { name: 'cleanup.policy', value: 'delete' },
  ]
  const { topics } = await fixture.send(CreateTopics, 5, request([topic('a', { configs })]))
  const shown = new Map(topics[0]?.configs?.map((entry) => [entry.name, entry]))
  expect(shown.size).toBe(37)
  expect(shown.get('retention.ms')).toMatchObject({
    value: ' 5000 ',
    configSource: 1,
    readOnly: false,
    isSensitive: false,
  })
  expect(shown.get('cleanup.policy')).toMatchObject({ value: 'delete', configSource: 1 })
  expect(shown.get('segment.ms')).toMatchObject({ value: '99999', configSource: 4 })
  expect(shown.get('segment.bytes')).toMatchObject({ value: '1073741824', configSource: 5 })
})

test('validating answers as creating would, but makes nothing', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('there'))
  const asked = [topic('a', { numPartitions: 4 }), topic('there')]
  const { topics } = await fixture.send(CreateTopics, 7, request(asked, { validateOnly: true }))
  expect(topics.map(({ name, errorCode, numPartitions }) => [name, errorCode, numPartitions])).toEqual([
    ['a', ErrorCode.NONE, 4],
    ['there', ErrorCode.TOPIC_ALREADY_EXISTS, -1],
  ])
  expect(fixture.metadata.cluster.topic('a')).toBeUndefined()
})

test('a name given twice is answered once and not made; others of the request are', async () => {
  const fixture = await MetadataFixture.start()
  const { topics } = await fixture.send(CreateTopics, 7, request([topic('a'), topic('b'), topic('a'), topic('a')]))
  expect(new Map(topics.map(({ name, errorCode }) => [name, errorCode]))).toEqual(
    new Map([
      ['a', ErrorCode.INVALID_REQUEST],
      ['b', ErrorCode.NONE],
    ]),
  )
  expect(topics).toHaveLength(2)
  expect(fixture.metadata.cluster.topic('a')).toBeUndefined()
})

test('two new names of one request may collide with each other, as in Kafka', async () => {
  const fixture = await MetadataFixture.start()
  const { topics } = await fixture.send(CreateTopics, 7, request([topic('a.b'), topic('a_b')]))
  expect(topics.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.NONE])
})

test('too many partitions over all topics fail the request, every row of it', async () => {
  const fixture = await MetadataFixture.start()
  const asked = [topic('a', { numPartitions: 5001 }), topic('b', { numPartitions: 5000 }), topic('c'), topic('c')]
  const { topics } = await fixture.send(CreateTopics, 7, request(asked))
  expect(topics.map(({ errorCode }) => errorCode)).toEqual(Array(4).fill(ErrorCode.POLICY_VIOLATION))
  expect(topics.map(({ errorMessage }) => errorMessage)).toEqual(Array(4).fill(expect.stringContaining('10000')))
  expect([...fixture.metadata.cluster.topics()]).toEqual([])
})

test('more topics than one request may make partitions are not looked at one by one', async () => {
  const fixture = await MetadataFixture.start()
  const many = (count: number) =>
    request(Array.from({ length: count }, (_, index) => topic(`t-${index}`, { numPartitions: 0 })))
  const at = await fixture.send(CreateTopics, 7, many(10_000))
  expect(new Set(at.topics.map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.INVALID_PARTITIONS]))
  const past = await fixture.send(CreateTopics, 7, many(10_001))
  expect(new Set(past.topics.map(({ errorCode }) => errorCode))).toEqual(new Set([ErrorCode.POLICY_VIOLATION]))
})

test.each([0, -1])('with a time-out of %i ms nothing is begun', async (timeoutMs) => {
  const fixture = await MetadataFixture.start()
  const { topics } = await fixture.send(CreateTopics, 7, request([topic('a'), topic('b'), topic('b')], { timeoutMs }))
  expect(new Map(topics.map(({ name, errorCode }) => [name, errorCode]))).toEqual(
    new Map([
      ['a', ErrorCode.REQUEST_TIMED_OUT],
      ['b', ErrorCode.INVALID_REQUEST],
    ]),
  )
  expect([...fixture.metadata.cluster.topics()]).toEqual([])
})

test('what takes longer than the time-out is answered so, and may be there later', async () => {
  const fixture = await MetadataFixture.start()
  let release = () => {}
  const isHeldUp = new Promise<void>((heldUp) => {
    fixture.metadata.subscribe(
      () =>
        new Promise((resolve) => {
          release = resolve
          heldUp()
        }),
    )
  })
  const answer = fixture.send(CreateTopics, 7, request([topic('a')], { timeoutMs: 100 }))
  await isHeldUp
  fixture.clock.advance(100)
  expect((await answer).topics[0]?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
  release()
  expect(fixture.metadata.cluster.topic('a')).toBeDefined()
})

test('the right to create is asked of the cluster or of the topic; that to describe configs hides them', async () => {
  const fixture = await MetadataFixture.start()
  const authorizer: Authorizer = {
    authorize: (_principal, _host, operation, resource, name) =>
      (operation === 'CREATE' && resource === 'TOPIC' && name !== 'hidden') ||
      (operation === 'DESCRIBE_CONFIGS' && name === 'open'),
  }
  const asked = request([topic('open'), topic('closed'), topic('hidden')])
  const { topics } = await fixture.send(CreateTopics, 7, asked, { authorizer })
  const rows = new Map(topics.map((row) => [row.name, row]))
  expect(rows.get('open')).toMatchObject({ errorCode: ErrorCode.NONE, numPartitions: 1, topicConfigErrorCode: 0 })
  expect(rows.get('closed')).toMatchObject({
    errorCode: ErrorCode.NONE,
    topicConfigErrorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    numPartitions: -1,
    replicationFactor: -1,
    configs: null,
  })
  expect(rows.get('hidden')?.errorCode).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  const old = await fixture.send(CreateTopics, 4, request([topic('old')]), { authorizer })
  expect(old.topics[0]?.errorCode).toBe(ErrorCode.NONE)
})

test('a replication factor beyond the nodes is cut down to them only where a setting says so', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2, entries: { 'odradek.replication.factor.clamp': 'true' } })
  const { topics } = await fixture.send(CreateTopics, 7, request([topic('a', { replicationFactor: 3 })]))
  expect(topics[0]).toMatchObject({ errorCode: ErrorCode.NONE, replicationFactor: 2 })
})

test('leaders of a topic are spread over the nodes', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.send(CreateTopics, 7, request([topic('a', { numPartitions: 6, replicationFactor: 2 })]))
  const leaders = fixture.metadata.cluster.topic('a')!.partitions.map(({ leader }) => leader)
  expect([1, 2, 3].map((id) => leaders.filter((leader) => leader === id).length)).toEqual([2, 2, 2])
})
