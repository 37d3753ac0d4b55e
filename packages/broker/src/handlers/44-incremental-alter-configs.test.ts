import { nodeId } from '@odradek/core'
import { DescribeConfigs, ErrorCode, errorName, IncrementalAlterConfigs } from '@odradek/protocol'
import { stringBytesMax } from '@odradek/protocol/wire'
import type { Authorizer } from '../authorizer.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Operation = readonly [name: string, operation: number, value?: string | null]
type Asked = readonly [resourceType: number, resourceName: string, operations: readonly Operation[]]

function request(asked: readonly Asked[], validateOnly = false) {
  const resources = asked.map(([resourceType, resourceName, operations]) => ({
    resourceType,
    resourceName,
    configs: operations.map(([name, configOperation, value = null]) => ({ name, configOperation, value })),
  }))
  return { resources, validateOnly }
}

async function alter(fixture: MetadataFixture, ...asked: Asked[]): Promise<string[]> {
  const { responses } = await fixture.send(IncrementalAlterConfigs, 1, request(asked))
  for (const { errorCode, errorMessage } of responses) expect(errorMessage === null).toBe(errorCode === ErrorCode.NONE)
  return responses.map(({ errorCode }) => errorName(errorCode))
}

/** The value in force and its source. */
async function shownValue(fixture: MetadataFixture, type: number, name: string, key: string) {
  const resources = [{ resourceType: type, resourceName: name, configurationKeys: [key] }]
  const { results } = await fixture.send(DescribeConfigs, 4, { resources, includeSynonyms: true })
  const config = results[0]?.configs[0]
  return config === undefined ? null : [config.value, config.configSource]
}

describe('lists', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start()
  })

  test.each<[string, Operation[], string]>([
    ['appending adds to the default', [['cleanup.policy', APPEND, 'compact']], 'delete,compact'],
    ['appending what is there changes nothing', [['cleanup.policy', APPEND, 'delete']], 'delete'],
    ['several at once', [['cleanup.policy', APPEND, 'delete,compact']], 'delete,compact'],
    ['subtracting the last one leaves none', [['cleanup.policy', SUBTRACT, 'delete']], ''],
    ['subtracting what is not there', [['cleanup.policy', SUBTRACT, 'compact']], 'delete'],
    ['setting trims and drops repeated ones', [['cleanup.policy', SET, ' compact ,compact']], 'compact'],
  ])('%s', async (name, operations, value) => {
    const topic = name.replaceAll(' ', '-')
    await fixture.create(topicCommand(topic))
    expect(await alter(fixture, [TOPIC, topic, operations])).toEqual(['NONE'])
    expect(await shownValue(fixture, TOPIC, topic, 'cleanup.policy')).toEqual([value, 1])
  })
})

describe('what is refused', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start({ nodes: 2 })
    await fixture.create(topicCommand('a'))
  })

  test.each<[string, Asked, string]>([
    ['an unknown topic', [TOPIC, 'nosuch', [['retention.ms', SET, '1']]], 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an illegal topic', [TOPIC, 'a/b', []], 'INVALID_TOPIC_EXCEPTION'],
    ['a topic without a name', [TOPIC, '', []], 'INVALID_REQUEST'],
    ['no value', [TOPIC, 'a', [['retention.ms', SET]]], 'INVALID_REQUEST'],
    ['nothing to append', [TOPIC, 'a', [['cleanup.policy', APPEND]]], 'INVALID_REQUEST'],
    [
      'a key twice',
      [
        TOPIC,
        'a',
        [
          ['retention.ms', SET, '1'],
          ['retention.ms', DELETE],
        ],
      ],
      'INVALID_REQUEST',
    ],
    ['an operation that is none', [TOPIC, 'a', [['retention.ms', 4, '1']]], 'INVALID_REQUEST'],
    ['an operation below all', [TOPIC, 'a', [['retention.ms', -1, '1']]], 'INVALID_REQUEST'],
    ['a resource type that is none', [3, 'a', []], 'INVALID_REQUEST'],
    ['an unknown key', [TOPIC, 'a', [['nosuch', SET, '1']]], 'INVALID_CONFIG'],
    ['a bad value', [TOPIC, 'a', [['retention.ms', SET, 'soon']]], 'INVALID_CONFIG'],
    ['appending to no list', [TOPIC, 'a', [['retention.ms', APPEND, '1']]], 'INVALID_CONFIG'],
    ['subtracting from no list', [TOPIC, 'a', [['retention.ms', SUBTRACT, '1']]], 'INVALID_CONFIG'],
    ['appending an empty element', [TOPIC, 'a', [['cleanup.policy', APPEND, '']]], 'INVALID_CONFIG'],
    ['appending what the key does not know', [TOPIC, 'a', [['cleanup.policy', APPEND, 'squash']]], 'INVALID_CONFIG'],
    ['another broker', [BROKER, '2', [['log.retention.ms', SET, '1']]], 'INVALID_REQUEST'],
    ['a broker that is no number', [BROKER, 'one', []], 'INVALID_REQUEST'],
    ['a bad broker value', [BROKER, '1', [['log.retention.ms', SET, 'soon']]], 'INVALID_REQUEST'],
    ['a key that is fixed at the start', [BROKER, '1', [['num.partitions', SET, '4']]], 'INVALID_REQUEST'],
    ['appending to no list of a broker', [BROKER, '1', [['num.io.threads', APPEND, '1']]], 'INVALID_CONFIG'],
    ['loggers of another node', [BROKER_LOGGER, '2', [['root', SET, 'INFO']]], 'INVALID_REQUEST'],
    ['loggers of no node', [BROKER_LOGGER, '', [['root', SET, 'INFO']]], 'INVALID_REQUEST'],
    ['appending to a logger', [BROKER_LOGGER, '1', [['root', APPEND, 'INFO']]], 'INVALID_REQUEST'],
    ['subtracting from a logger', [BROKER_LOGGER, '1', [['root', SUBTRACT, 'INFO']]], 'INVALID_REQUEST'],
    ['a logger that is none', [BROKER_LOGGER, '1', [['nosuch', SET, 'INFO']]], 'INVALID_CONFIG'],
    ['a level in small letters', [BROKER_LOGGER, '1', [['root', SET, 'info']]], 'INVALID_CONFIG'],
    ['a logger without a level', [BROKER_LOGGER, '1', [['root', SET]]], 'INVALID_REQUEST'],
    ['the root logger without a level', [BROKER_LOGGER, '1', [['root', DELETE]]], 'INVALID_REQUEST'],
    ['a group without a name', [GROUP, '', []], 'INVALID_REQUEST'],
    ['an unknown key of a group', [GROUP, 'g', [['nosuch', SET, '1']]], 'INVALID_CONFIG'],
    ['a value below the broker’s bound', [GROUP, 'g', [['consumer.session.timeout.ms', SET, '100']]], 'INVALID_CONFIG'],
    ['client metrics without a name', [CLIENT_METRICS, '', []], 'INVALID_REQUEST'],
    ['an unknown key of client metrics', [CLIENT_METRICS, 'm', [['nosuch', SET, '1']]], 'INVALID_REQUEST'],
    ['an interval too short', [CLIENT_METRICS, 'm', [['interval.ms', SET, '99']]], 'INVALID_REQUEST'],
    ['an interval that is no number', [CLIENT_METRICS, 'm', [['interval.ms', SET, 'x']]], 'INVALID_CONFIG'],
    ['a pattern without a known key', [CLIENT_METRICS, 'm', [['match', SET, 'x=y']]], 'INVALID_CONFIG'],
    ['appending to client metrics', [CLIENT_METRICS, 'm', [['metrics', APPEND, 'a']]], 'INVALID_CONFIG'],
  ])('%s', async (_, asked, error) => {
    expect(await alter(fixture, asked)).toEqual([error])
  })
})

test('levels of loggers are set and taken back, all or none of a request', async () => {
  const fixture = await MetadataFixture.start()
  const apis = 'kafka.server.KafkaApis'
  const level = () => fixture.loggers.level(apis)
  const set: Asked = [BROKER_LOGGER, '1', [[apis, SET, 'DEBUG']]]
  expect(await fixture.send(IncrementalAlterConfigs, 1, request([set], true))).toMatchObject({
    responses: [{ errorCode: 0 }],
  })
  expect(level()).toBe('INFO')
  const withBad: Asked = [BROKER_LOGGER, '1', [...set[2], ['nosuch', SET, 'DEBUG']]]
  expect(await alter(fixture, withBad)).toEqual(['INVALID_CONFIG'])
  expect(level()).toBe('INFO')
  expect(await alter(fixture, set)).toEqual(['NONE'])
  expect(level()).toBe('DEBUG')
  expect(await alter(fixture, [BROKER_LOGGER, '1', [[apis, DELETE]]])).toEqual(['NONE'])
  expect(level()).toBe('INFO')
})

test('deleting an unknown key is no error', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'))
  expect(await alter(fixture, [TOPIC, 'a', [['nosuch', DELETE]]], [BROKER, '1', [['num.partitions', DELETE]]])).toEqual(
    ['NONE', 'NONE'],
  )
})

test('a resource named twice is refused in every row of its own, and others are changed', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'), topicCommand('b'))
  const changes: Asked[] = [
    [TOPIC, 'a', [['retention.ms', SET, '1']]],
    [TOPIC, 'b', [['retention.ms', SET, '2']]],
    [TOPIC, 'a', [['segment.ms', SET, '3']]],
  ]
  expect(await alter(fixture, ...changes)).toEqual(['INVALID_REQUEST', 'NONE', 'INVALID_REQUEST'])
  expect(await shownValue(fixture, TOPIC, 'a', 'retention.ms')).toEqual(['604800000', 5])
  expect(await shownValue(fixture, TOPIC, 'b', 'retention.ms')).toEqual(['2', 1])
})

test('a resource is changed as a whole or not at all, each for itself', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'), topicCommand('b'))
  const changes: Asked[] = [
    [
      TOPIC,
      'a',
      [
        ['retention.ms', SET, '1'],
        ['segment.ms', SET, 'x'],
      ],
    ],
    [TOPIC, 'b', [['retention.ms', SET, '2']]],
  ]
  expect(await alter(fixture, ...changes)).toEqual(['INVALID_CONFIG', 'NONE'])
  expect(await shownValue(fixture, TOPIC, 'a', 'retention.ms')).toEqual(['604800000', 5])
  expect(await shownValue(fixture, TOPIC, 'b', 'retention.ms')).toEqual(['2', 1])
})

test('validating changes nothing', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'))
  const asked = request(
    [
      [TOPIC, 'a', [['retention.ms', SET, '1']]],
      [TOPIC, 'nosuch', []],
    ],
    true,
  )
  const { responses } = await fixture.send(IncrementalAlterConfigs, 0, asked)
  expect(responses.map(({ errorCode }) => errorCode)).toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
  expect(await shownValue(fixture, TOPIC, 'a', 'retention.ms')).toEqual(['604800000', 5])
})

test('a topic follows its configs at once, and still after a restart', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'))
  const settings = () => fixture.metadata.configs.topicSettings('a', nodeId(1))
  const before = settings()
  expect(settings()).toBe(before)
  await alter(fixture, [
    TOPIC,
    'a',
    [
      ['retention.ms', SET, '7'],
      ['max.message.bytes', SET, '16000000'],
      ['cleanup.policy', SET, 'compact'],
    ],
  ])
  expect(settings()).toMatchObject({
    maxMessageBytes: 16_000_000,
    compacted: true,
    log: { retentionMs: 7, cleanupDelete: false },
  })
  expect(before.maxMessageBytes).toBe(1_048_588)
  await fixture.restart(1)
  expect(settings()).toMatchObject({ maxMessageBytes: 16_000_000, log: { retentionMs: 7 } })
  await alter(fixture, [TOPIC, 'a', [['retention.ms', DELETE]]])
  expect(settings().log.retentionMs).toBe(604_800_000)
})

test('dynamic configs of a broker and of the cluster take effect without a restart', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2, entries: { 'message.max.bytes': '1000' } })
  await fixture.create(topicCommand('a'))
  const { configs } = fixture.metadata
  const [first, second] = [configs.brokerSettings(nodeId(1)), configs.brokerSettings(nodeId(2))]
  const limits = () => [1, 2].map((id) => configs.topicSettings('a', nodeId(id)).maxMessageBytes)
  expect(limits()).toEqual([1000, 1000])
  await alter(fixture, [
    BROKER,
    '',
    [
      ['message.max.bytes', SET, '2000'],
      ['max.connections', SET, '7'],
      ['my.key', SET, 'x'],
    ],
  ])
  expect([first.messageMaxBytes, second.messageMaxBytes, first.maxConnections]).toEqual([2000, 2000, 7])
  expect(limits()).toEqual([2000, 2000])
  await alter(fixture, [BROKER, '1', [['message.max.bytes', SET, '3000']]])
  expect([first.messageMaxBytes, second.messageMaxBytes]).toEqual([3000, 2000])
  expect(limits()).toEqual([3000, 2000])
  await alter(fixture, [BROKER, '1', [['message.max.bytes', DELETE]]], [BROKER, '', [['message.max.bytes', DELETE]]])
  expect([first.messageMaxBytes, ...limits()]).toEqual([1000, 1000, 1000])
})

test('the right to alter configs is asked of the topic, the group, or the cluster', async () => {
  const fixture = await MetadataFixture.start()
  const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation !== 'ALTER_CONFIGS' }
  const asked = request([
    [TOPIC, 'nosuch', []],
    [GROUP, 'g', []],
    [BROKER, '', []],
    [CLIENT_METRICS, 'm', []],
  ])
  const { responses } = await fixture.send(IncrementalAlterConfigs, 1, asked, { authorizer })
  expect(responses.map(({ errorCode }) => errorCode)).toEqual([
    ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    ErrorCode.GROUP_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
  ])
})

test('more resources than are decided together are all answered, each in its place', async () => {
  const fixture = await MetadataFixture.start()
  const asked = Array.from(
    { length: 1201 },
    (_, index): Asked =>
      index % 100 === 0
        ? [TOPIC, 'nosuch', []]
        : [GROUP, `g-${index}`, [['consumer.session.timeout.ms', SET, '50000']]],
  ).map((row, index): Asked => (row[1] === 'nosuch' ? [TOPIC, `nosuch-${index}`, []] : row))
  const errors = await alter(fixture, ...asked)
  expect(errors).toEqual(asked.map(([type]) => (type === TOPIC ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NONE')))
})

test('very many resources are looked at in turns, each row in its place', async () => {
  const fixture = await MetadataFixture.start()
  const soon = jest.spyOn(fixture.clock, 'soon')
  const asked = Array.from(
    { length: 3 * ROWS_PER_TURN },
    (_, at): Asked => [at % 2 === 0 ? 99 : TOPIC, `none-${at}`, []],
  )
  const codes = await alter(fixture, ...asked)
  expect(codes).toEqual(asked.map(([type]) => (type === TOPIC ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_REQUEST')))
  // 750 go to the controller, in two parts.
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual(3)
})

test.each<[string, Asked]>([
  ['value', [TOPIC, 't', [['retention.ms', SET, 'x'.repeat(stringBytesMax)]]]],
  ['key', [TOPIC, 't', [['x'.repeat(stringBytesMax), SET, '1']]]],
  ['name', [BROKER, 'x'.repeat(stringBytesMax), [['log.retention.ms', SET, '1']]]],
  ['list', [TOPIC, 't', [['cleanup.policy', APPEND, 'x'.repeat(stringBytesMax)]]]],
])('the longest %s there can be is refused with an answer that fits', async (_, asked) => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('t'))
  expect(await alter(fixture, asked)).toEqual([asked[0] === TOPIC ? 'INVALID_CONFIG' : 'INVALID_REQUEST'])
})
