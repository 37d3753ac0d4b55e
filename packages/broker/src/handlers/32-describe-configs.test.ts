import { nodeId } from '@odradek/core'
import { DescribeConfigs, type DescribeConfigsRequestInput, ErrorCode } from '@odradek/protocol'
import { AnswerLater } from '../answer-later.ts'
import { topicConfigs } from '../config/definitions/topic-configs.ts'
import type { ConfigResourceType } from '../metadata/controller.ts'
import { MetadataFixture, type SendOptions, topicCommand } from '../metadata/metadata-fixture.ts'
import type { RequestContext } from '../request-context.ts'
import { describeConfigs } from './32-describe-configs.ts'

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

type Asked = readonly [resourceType: number, resourceName: string, configurationKeys?: string[] | null]

function request(
  asked: readonly Asked[],
  more: Partial<DescribeConfigsRequestInput> = {},
): DescribeConfigsRequestInput {
  const resources = asked.map(([resourceType, resourceName, keys]) => ({
    resourceType,
    resourceName,
    configurationKeys: keys ?? null,
  }))
  return { resources, includeSynonyms: true, includeDocumentation: false, ...more }
}

async function configsOf(fixture: MetadataFixture, asked: Asked, options: SendOptions = {}) {
  const { results } = await fixture.send(DescribeConfigs, 4, request([asked]), options)
  expect(results).toMatchObject([{ errorCode: ErrorCode.NONE }])
  return new Map(results[0]!.configs.map((config) => [config.name, config]))
}

async function set(fixture: MetadataFixture, type: ConfigResourceType, name: string, values: Record<string, string>) {
  const operations = Object.entries(values).map(([key, value]) => ({ name: key, operation: 'SET' as const, value }))
  const { controller } = fixture.metadata
  const changes = [{ type, name, replaceAll: false, operations }]
  const outcomes = await fixture.settle(controller.alterConfigs(nodeId(1), changes, false))
  expect(outcomes).toEqual([{ error: 'NONE', message: null }])
}

/** Unlike the default. */
const OTHER_VALUES: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'compression.type': 'zstd',
  'follower.replication.throttled.replicas': '0:1',
  'leader.replication.throttled.replicas': '*',
  'message.timestamp.type': 'LogAppendTime',
  'min.cleanable.dirty.ratio': '0.25',
  'min.insync.replicas': '2',
  'retention.bytes': '1000000000000',
  'flush.messages': '1',
  'flush.ms': '1000',
}

describe('a topic', () => {
  test('every config, the topic’s own before the broker’s and the default', async () => {
    const fixture = await MetadataFixture.start({
      entries: { 'log.segment.bytes': '2000000', 'log.retention.hours': '100' },
    })
    const configs = [
      { name: 'segment.bytes', value: ' 1048576' },
      { name: 'cleanup.policy', value: 'compact , delete' },
      { name: 'min.cleanable.dirty.ratio', value: '1' },
    ]
    await fixture.create(topicCommand('a', { configs }))
    await set(fixture, 'BROKER', '', { 'log.segment.bytes': '3000000' })
    await set(fixture, 'BROKER', '1', { 'log.segment.bytes': '4000000' })
    const shown = await configsOf(fixture, [TOPIC, 'a'])
    expect(shown.size).toBe(37)
    expect(shown.get('segment.bytes')).toMatchObject({
      value: '1048576',
      configSource: 1,
      configType: 3,
      readOnly: false,
      isSensitive: false,
      documentation: null,
      synonyms: [
        { name: 'segment.bytes', value: '1048576', source: 1 },
        { name: 'log.segment.bytes', value: '4000000', source: 2 },
        { name: 'log.segment.bytes', value: '3000000', source: 3 },
        { name: 'log.segment.bytes', value: '2000000', source: 4 },
        { name: 'log.segment.bytes', value: '1073741824', source: 5 },
      ],
    })
    expect(shown.get('cleanup.policy')).toMatchObject({ value: 'compact,delete', configType: 7 })
    expect(shown.get('min.cleanable.dirty.ratio')).toMatchObject({ value: '1.0', configType: 6 })
    // What hours say is followed; only milliseconds are a synonym.
    expect(shown.get('retention.ms')).toMatchObject({ value: '360000000', configSource: 5, synonyms: [] })
    expect(shown.get('preallocate')).toMatchObject({ value: 'false', configSource: 5, configType: 1 })
    expect(shown.get('errors.deadletterqueue.group.enable')).toMatchObject({ synonyms: [] })
    expect(shown.has('internal.segment.bytes')).toBe(false)
  })

  test('a value equal to the default is still the topic’s own', async () => {
    const fixture = await MetadataFixture.start()
    await fixture.create(topicCommand('a', { configs: [{ name: 'retention.ms', value: '604800000' }] }))
    expect((await configsOf(fixture, [TOPIC, 'a'])).get('retention.ms')).toMatchObject({ configSource: 1 })
  })

  test('every config there is can be set, and is shown as it was set', async () => {
    const values: Record<string, string> = {}
    for (const { name, type, defaultText, isInternal } of topicConfigs.values()) {
      if (isInternal || name === 'remote.storage.enable') continue
      values[name] = type === 'BOOLEAN' ? 'true' : (OTHER_VALUES[name] ?? defaultText ?? '')
    }
    const configs = Object.entries(values).map(([name, value]) => ({ name, value }))
    const fixture = await MetadataFixture.start()
    await fixture.create(topicCommand('a', { configs }))
    const shown = await configsOf(fixture, [TOPIC, 'a'])
    for (const [name, value] of Object.entries(values))
      expect(shown.get(name)).toMatchObject({ value, configSource: 1 })
    expect(configs).toHaveLength(36)
  })

  test('only the keys that were asked for, each once', async () => {
    const fixture = await MetadataFixture.start()
    await fixture.create(topicCommand('a'))
    const some = await configsOf(fixture, [TOPIC, 'a', ['segment.ms', 'nosuch', 'segment.ms']])
    expect([...some.keys()]).toEqual(['segment.ms'])
    expect((await configsOf(fixture, [TOPIC, 'a', []])).size).toBe(37)
  })

  test('asked for twice it has two rows', async () => {
    const fixture = await MetadataFixture.start()
    await fixture.create(topicCommand('a'))
    const { results } = await fixture.send(
      DescribeConfigs,
      4,
      request([
        [TOPIC, 'a', ['segment.ms']],
        [TOPIC, 'a', ['retention.ms']],
      ]),
    )
    expect(results.map(({ configs }) => configs.map(({ name }) => name))).toEqual([['segment.ms'], ['retention.ms']])
  })
})

test.each([0, 1, 2, 3, 4])('v%i: what each version has', async (version) => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a', { configs: [{ name: 'retention.ms', value: '5' }] }))
  const answer = await fixture.send(DescribeConfigs, version, request([[TOPIC, 'a']], { includeSynonyms: version > 0 }))
  const shown = new Map(answer.results[0]!.configs.map((config) => [config.name, config]))
  expect(shown.get('retention.ms')).toMatchObject({
    value: '5',
    isDefault: false,
    configSource: version === 0 ? -1 : 1,
  })
  expect(shown.get('segment.ms')).toMatchObject({ isDefault: version === 0, configSource: version === 0 ? -1 : 5 })
  expect(shown.get('retention.ms')?.configType).toBe(version >= 3 ? 5 : 0)
  const plain = await fixture.send(DescribeConfigs, version, request([[TOPIC, 'a']], { includeSynonyms: false }))
  expect(plain.results[0]?.configs.every(({ synonyms }) => synonyms.length === 0)).toBe(true)
})

describe('a broker', () => {
  test('every key with its source; secrets and custom keys without their value', async () => {
    const entries = { 'num.partitions': '3', 'ssl.key.password': 'secret', 'my.key': 'hello' }
    const fixture = await MetadataFixture.start({ nodes: 2, entries })
    await set(fixture, 'BROKER', '', { 'log.retention.ms': '6000', 'other.key': '1' })
    await set(fixture, 'BROKER', '1', { 'log.retention.ms': '5000', 'listener.name.x.ssl.truststore.password': 'p' })
    const shown = await configsOf(fixture, [BROKER, '1'])
    expect(shown.get('num.partitions')).toMatchObject({ value: '3', configSource: 4, readOnly: true, configType: 3 })
    expect(shown.get('log.retention.ms')).toMatchObject({
      value: '5000',
      configSource: 2,
      readOnly: false,
      synonyms: [
        { name: 'log.retention.ms', value: '5000', source: 2 },
        { name: 'log.retention.ms', value: '6000', source: 3 },
        { name: 'log.retention.hours', value: '168', source: 5 },
      ],
    })
    const hidden = { value: null, isSensitive: true }
    expect(shown.get('ssl.key.password')).toMatchObject({
      ...hidden,
      configType: 9,
      synonyms: [{ value: null, source: 4 }],
    })
    expect(shown.get('my.key')).toMatchObject({ ...hidden, configType: 0, readOnly: true, configSource: 4 })
    expect(shown.get('listener.name.x.ssl.truststore.password')).toMatchObject({ ...hidden, configType: 9 })
    expect(shown.get('other.key')).toMatchObject({ ...hidden, configType: 0, readOnly: true, configSource: 3 })
    expect(shown.get('node.id')).toMatchObject({ value: '1', configSource: 4 })
    expect(shown.get('broker.id')).toMatchObject({ value: '1' })
    expect(shown.get('listeners')).toMatchObject({ readOnly: true })
    expect(shown.get('authorizer.class.name')).toMatchObject({ value: '' })
    expect(shown.get('odradek.flush')).toMatchObject({ value: 'device', configSource: 5 })
    expect(shown.has('leader.replication.throttled.rate')).toBe(false)
    const second = await configsOf(fixture, [BROKER, '2'], { node: 2 })
    expect(second.get('node.id')).toMatchObject({ value: '2' })
    expect(second.get('log.retention.ms')).toMatchObject({ value: '6000', configSource: 3 })
  })

  test('no name: what is set for the cluster, and nothing else', async () => {
    const fixture = await MetadataFixture.start({
      entries: { 'log.retention.ms': '7' },
      features: { 'eligible.leader.replicas.version': 0 },
    })
    expect((await configsOf(fixture, [BROKER, ''])).size).toBe(0)
    await set(fixture, 'BROKER', '', { 'log.retention.ms': '6000' })
    await set(fixture, 'BROKER', '1', { 'log.retention.ms': '5000' })
    const shown = await configsOf(fixture, [BROKER, ''])
    expect([...shown.values()]).toMatchObject([
      {
        name: 'log.retention.ms',
        value: '6000',
        configSource: 3,
        synonyms: [{ name: 'log.retention.ms', value: '6000', source: 3 }],
      },
    ])
  })
})

test('a group: its own value, else what the broker’s keys say', async () => {
  const fixture = await MetadataFixture.start({ entries: { 'group.consumer.heartbeat.interval.ms': '6000' } })
  await set(fixture, 'GROUP', 'g', { 'consumer.session.timeout.ms': '50000' })
  const shown = await configsOf(fixture, [GROUP, 'g'])
  expect(shown.get('consumer.session.timeout.ms')).toMatchObject({
    value: '50000',
    configSource: 8,
    synonyms: [
      { name: 'consumer.session.timeout.ms', value: '50000', source: 8 },
      { name: 'group.consumer.session.timeout.ms', value: '45000', source: 5 },
    ],
  })
  expect(shown.get('consumer.heartbeat.interval.ms')).toMatchObject({ value: '6000', configSource: 5 })
  expect(shown.get('streams.assignor.name')).toMatchObject({ value: 'sticky' })
  expect(shown.get('share.auto.offset.reset')).toMatchObject({
    synonyms: [{ name: 'share.auto.offset.reset', source: 5 }],
  })
  expect((await configsOf(fixture, [GROUP, 'other'])).size).toBe(21)
})

test('a client metrics subscription: defaults, whether it was ever set or not', async () => {
  const fixture = await MetadataFixture.start()
  await set(fixture, 'CLIENT_METRICS', 'm', { 'interval.ms': '1000' })
  const shown = await configsOf(fixture, [CLIENT_METRICS, 'm'])
  expect(shown.get('interval.ms')).toMatchObject({ value: '1000', configSource: 7, synonyms: [{ source: 7 }] })
  expect(shown.get('match')).toMatchObject({ value: '', configSource: 5, synonyms: [] })
  expect((await configsOf(fixture, [CLIENT_METRICS, 'never'])).get('interval.ms')).toMatchObject({ value: '300000' })
})

test.each<[string, Asked, ErrorCode]>([
  ['an unknown topic', [TOPIC, 'nosuch'], ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
  ['an illegal topic', [TOPIC, 'a/b'], ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['a topic without a name', [TOPIC, ''], ErrorCode.INVALID_TOPIC_EXCEPTION],
  ['another broker', [BROKER, '2'], ErrorCode.INVALID_REQUEST],
  ['a broker that is no number', [BROKER, 'one'], ErrorCode.INVALID_REQUEST],
  ['a group without a name', [GROUP, ''], ErrorCode.INVALID_REQUEST],
  ['client metrics without a name', [CLIENT_METRICS, ''], ErrorCode.INVALID_REQUEST],
  ['loggers of another node', [BROKER_LOGGER, '2'], ErrorCode.INVALID_REQUEST],
  ['loggers of no node', [BROKER_LOGGER, ''], ErrorCode.INVALID_REQUEST],
])('%s', async (_, asked, errorCode) => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  const { results } = await fixture.send(DescribeConfigs, 4, request([asked]))
  expect(results).toEqual([
    expect.objectContaining({
      errorCode,
      errorMessage: expect.any(String),
      resourceType: asked[0],
      resourceName: asked[1],
      configs: [],
    }),
  ])
})

test('loggers have the level in force, and nothing below it', async () => {
  const fixture = await MetadataFixture.start()
  const shown = await configsOf(fixture, [BROKER_LOGGER, '1'])
  expect([...shown.keys()]).toEqual(fixture.loggers.names())
  const level = { readOnly: false, isSensitive: false, configSource: 6, configType: 0, synonyms: [] }
  expect(shown.get('root')).toMatchObject({ ...level, value: 'INFO' })
  fixture.loggers.set('kafka.server.KafkaApis', 'TRACE')
  const after = await configsOf(fixture, [BROKER_LOGGER, '1'])
  expect(after.get('kafka.server.KafkaApis')).toMatchObject({ ...level, value: 'TRACE' })
  expect(after.get('kafka.server.ReplicaManager')).toMatchObject({ ...level, value: 'INFO' })
})

test('a resource type that is none fails every row', async () => {
  const fixture = await MetadataFixture.start()
  const { results } = await fixture.send(
    DescribeConfigs,
    4,
    request([
      [BROKER, '1'],
      [3, 'x'],
    ]),
  )
  expect(results.map(({ errorCode, configs }) => [errorCode, configs.length])).toEqual([
    [ErrorCode.INVALID_REQUEST, 0],
    [ErrorCode.INVALID_REQUEST, 0],
  ])
})

test('the right to describe configs is asked of the topic, the group, or the cluster', async () => {
  const fixture = await MetadataFixture.start()
  const asked: Asked[] = [
    [TOPIC, 'nosuch'],
    [GROUP, 'g'],
    [BROKER, '1'],
    [CLIENT_METRICS, 'm'],
    [BROKER_LOGGER, '1'],
  ]
  const { results } = await fixture.send(DescribeConfigs, 4, request(asked), { authorizer: { authorize: () => false } })
  expect(results.map(({ errorCode }) => errorCode)).toEqual([
    ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    ErrorCode.GROUP_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ])
})

test('a few bytes cannot ask for more than half a million configs; up to there all are answered', async () => {
  const entry = {
    name: 'k',
    value: 'v',
    source: 'DEFAULT_CONFIG',
    isSensitive: false,
    isReadOnly: false,
    type: null,
    synonyms: [],
  } as const
  const entries = Array(100_000).fill(entry)
  let turns = 0
  const clock = {
    soon(run: () => void) {
      turns++
      run()
    },
  }
  const services = { configs: { describe: () => ({ entries, problem: null }) }, clock }
  const context = { services, authorize: () => true, node: nodeId(1), version: 4 } as unknown as RequestContext
  const resources = Array(6).fill({ resourceType: BROKER, resourceName: '1', configurationKeys: null })
  const asked = { resources, includeSynonyms: false, includeDocumentation: false }
  const answer = await describeConfigs.handle(asked, context)
  if (answer === null || answer instanceof AnswerLater) throw new Error('an answer was expected')
  const { results } = answer
  expect(results.map(({ errorCode, configs }) => [errorCode, configs.length])).toEqual([
    ...Array(5).fill([ErrorCode.NONE, 100_000]),
    [ErrorCode.INVALID_REQUEST, 0],
  ])
  expect(turns).toBe(5)
})
