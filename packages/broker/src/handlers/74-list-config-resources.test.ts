import { nodeId } from '@odradek/core'
import { ErrorCode, ListConfigResources } from '@odradek/protocol'
import type { ConfigResourceType } from '../metadata/controller.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32

async function set(
  fixture: MetadataFixture,
  type: ConfigResourceType,
  name: string,
  key: string,
  value: string | null,
) {
  const operation = value === null ? ('DELETE' as const) : ('SET' as const)
  const change = { type, name, replaceAll: false, operations: [{ name: key, operation, value }] }
  const outcomes = await fixture.settle(fixture.metadata.controller.alterConfigs(nodeId(1), [change], false))
  expect(outcomes).toEqual([{ error: 'NONE', message: null }])
}

async function filled() {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.create(topicCommand('a'), topicCommand('b'))
  await set(fixture, 'CLIENT_METRICS', 'm', 'interval.ms', '1000')
  await set(fixture, 'GROUP', 'g h', 'consumer.session.timeout.ms', '50000')
  await set(fixture, 'BROKER', '', 'log.retention.ms', '1000')
  return fixture
}

const listed = (rows: readonly { resourceName: string; resourceType: number }[]) =>
  rows.map(({ resourceName, resourceType }) => [resourceType, resourceName])

const ALL = [
  [TOPIC, 'a'],
  [TOPIC, 'b'],
  [BROKER, '1'],
  [BROKER, '2'],
  [BROKER_LOGGER, '1'],
  [BROKER_LOGGER, '2'],
  [CLIENT_METRICS, 'm'],
  [GROUP, 'g h'],
]

test('v0 lists client metrics subscriptions, and nothing else', async () => {
  const fixture = await filled()
  const answer = await fixture.send(ListConfigResources, 0, {})
  expect(answer.errorCode).toBe(ErrorCode.NONE)
  expect(answer.configResources.map(({ resourceName }) => resourceName)).toEqual(['m'])
})

test.each([
  ['no kind: all of them', [], ALL],
  ['every kind', [TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP], ALL],
  [
    'a kind named twice is listed once',
    [GROUP, CLIENT_METRICS, GROUP],
    [
      [GROUP, 'g h'],
      [CLIENT_METRICS, 'm'],
    ],
  ],
  [
    'brokers by their ids, without the cluster’s default',
    [BROKER],
    [
      [BROKER, '1'],
      [BROKER, '2'],
    ],
  ],
])('v1, %s', async (_, resourceTypes, expected) => {
  const fixture = await filled()
  const answer = await fixture.send(ListConfigResources, 1, { resourceTypes })
  expect(answer.errorCode).toBe(ErrorCode.NONE)
  expect(listed(answer.configResources)).toEqual(expected)
})

test.each([[[3]], [[0]], [[64]], [[-1]], [[TOPIC, 3]]])(
  'v1: %j has a kind that is none, and fails as a whole',
  async (types) => {
    const fixture = await filled()
    const answer = await fixture.send(ListConfigResources, 1, { resourceTypes: types })
    expect(answer).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, configResources: [] })
  },
)

test('a group and a subscription are listed as long as one of their configs is set', async () => {
  const fixture = await filled()
  await set(fixture, 'GROUP', 'g h', 'consumer.session.timeout.ms', null)
  await set(fixture, 'CLIENT_METRICS', 'm', 'interval.ms', null)
  const answer = await fixture.send(ListConfigResources, 1, { resourceTypes: [CLIENT_METRICS, GROUP] })
  expect(answer.configResources).toEqual([])
})

test.each([0, 1])('v%i: the right to describe the cluster’s configs is asked for', async (version) => {
  const fixture = await filled()
  const asked: string[] = []
  const authorizer = {
    authorize: (_principal: string, _host: string, operation: string, resource: string) => {
      asked.push(`${operation} ${resource}`)
      return false
    },
  }
  const answer = await fixture.send(ListConfigResources, version, {}, { authorizer })
  expect(answer).toMatchObject({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, configResources: [] })
  expect(asked).toEqual(['DESCRIBE_CONFIGS CLUSTER'])
})
