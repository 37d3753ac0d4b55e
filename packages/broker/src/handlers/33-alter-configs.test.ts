import { AlterConfigs, DescribeConfigs, ErrorCode, errorName } from '@odradek/protocol'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const TOPIC = 2
const BROKER = 4
const CLIENT_METRICS = 16

type Asked = readonly [resourceType: number, resourceName: string, configs: Readonly<Record<string, string | null>>]

function request(asked: readonly Asked[], validateOnly = false) {
  const resources = asked.map(([resourceType, resourceName, configs]) => ({
    resourceType,
    resourceName,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }))
  return { resources, validateOnly }
}

/** A resource's own configs. */
async function ownConfigs(fixture: MetadataFixture, resourceType: number, resourceName: string) {
  const resources = [{ resourceType, resourceName, configurationKeys: null }]
  const { results } = await fixture.send(DescribeConfigs, 4, { resources })
  const own = results[0]!.configs.filter(({ configSource }) => ![4, 5].includes(configSource))
  return Object.fromEntries(own.map(({ name, value }) => [name, value]))
}

/** So that the cluster as a whole has no config of its own. */
const WITHOUT_ELIGIBLE = { features: { 'eligible.leader.replicas.version': 0 } }

test.each([0, 1, 2])('v%i replaces everything: what is not named is reset', async (version) => {
  const fixture = await MetadataFixture.start(WITHOUT_ELIGIBLE)
  const configs = [
    { name: 'retention.ms', value: '1' },
    { name: 'segment.ms', value: '2' },
  ]
  await fixture.create(topicCommand('a', { configs }))
  const asked: Asked[] = [
    [TOPIC, 'a', { 'segment.ms': '3', 'flush.ms': '4' }],
    [BROKER, '', { 'log.retention.ms': '5', 'log.roll.ms': '6' }],
  ]
  const { responses } = await fixture.send(AlterConfigs, version, request(asked))
  expect(responses).toMatchObject([
    { errorCode: 0, errorMessage: null, resourceType: TOPIC, resourceName: 'a' },
    { errorCode: 0, errorMessage: null, resourceType: BROKER, resourceName: '' },
  ])
  expect(await ownConfigs(fixture, TOPIC, 'a')).toMatchObject({
    'segment.ms': '3',
    'flush.ms': '4',
    'retention.ms': '5',
  })
  await fixture.send(
    AlterConfigs,
    version,
    request([
      [TOPIC, 'a', {}],
      [BROKER, '', { 'log.roll.ms': '6' }],
    ]),
  )
  expect(await ownConfigs(fixture, BROKER, '')).toEqual({ 'log.roll.ms': '6' })
  expect(await ownConfigs(fixture, TOPIC, 'a')).toEqual({ 'segment.ms': '6' })
})

test.each<[string, Asked, string]>([
  ['an unknown topic', [TOPIC, 'nosuch', {}], 'UNKNOWN_TOPIC_OR_PARTITION'],
  ['an illegal topic', [TOPIC, 'a/b', {}], 'INVALID_TOPIC_EXCEPTION'],
  ['a topic without a name', [TOPIC, '', {}], 'INVALID_REQUEST'],
  ['no value', [TOPIC, 'a', { 'retention.ms': null }], 'INVALID_REQUEST'],
  ['a bad value', [TOPIC, 'a', { 'retention.ms': 'x' }], 'INVALID_CONFIG'],
  ['an unknown key', [TOPIC, 'a', { nosuch: 'x' }], 'INVALID_CONFIG'],
  ['an unknown key of client metrics', [CLIENT_METRICS, 'm', { nosuch: 'x' }], 'INVALID_REQUEST'],
  ['another broker', [BROKER, '7', {}], 'INVALID_REQUEST'],
  ['a bad broker value', [BROKER, '1', { 'log.retention.ms': 'x' }], 'INVALID_REQUEST'],
  ['a custom key of a broker', [BROKER, '1', { 'my.key': 'x' }], 'NONE'],
  ['a resource type that is none', [3, 'a', {}], 'INVALID_REQUEST'],
])('%s', async (_, asked, error) => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'))
  const { responses } = await fixture.send(AlterConfigs, 2, request([asked]))
  expect(responses.map(({ errorCode }) => errorName(errorCode))).toEqual([error])
})

test('a resource named twice, which Kafka never answers, is refused in both rows', async () => {
  const fixture = await MetadataFixture.start(WITHOUT_ELIGIBLE)
  await fixture.create(topicCommand('a'))
  const asked = request([
    [TOPIC, 'a', { 'segment.ms': '1' }],
    [TOPIC, 'a', { 'flush.ms': '1' }],
  ])
  const { responses } = await fixture.send(AlterConfigs, 2, asked)
  expect(responses.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST])
  expect(await ownConfigs(fixture, TOPIC, 'a')).toEqual({})
})

test('validating changes nothing', async () => {
  const fixture = await MetadataFixture.start(WITHOUT_ELIGIBLE)
  await fixture.create(topicCommand('a', { configs: [{ name: 'flush.ms', value: '9' }] }))
  const { responses } = await fixture.send(AlterConfigs, 2, request([[TOPIC, 'a', { 'segment.ms': '1' }]], true))
  expect(responses[0]?.errorCode).toBe(0)
  expect(await ownConfigs(fixture, TOPIC, 'a')).toEqual({ 'flush.ms': '9' })
})
