import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } from '@odradek/protocol'
import { until } from '../../harness/until.ts'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const TOPIC = 2
const BROKER = 4
const CLIENT_METRICS = 16
const GROUP = 32
/** Kinds that are none. */
const NO_KINDS = [0, 1, 3, 64, -1]
const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Resource = readonly [type: number, name: string]

/** Keys whose values are the same for every broker that is started as these are. */
const BROKER_KEYS = [
  'log.retention.ms',
  'log.retention.hours',
  'message.max.bytes',
  'num.partitions',
  'auto.create.topics.enable',
  'ssl.keystore.password',
  'log.cleanup.policy',
  'no.such.key',
]

function describe(
  world: World,
  version: number,
  resources: readonly Resource[],
  configurationKeys: readonly string[] | null,
  rest: { readonly includeSynonyms?: boolean; readonly includeDocumentation?: boolean } = {},
) {
  return world.ask(DescribeConfigs, version, {
    resources: resources.map(([resourceType, resourceName]) => ({ resourceType, resourceName, configurationKeys })),
    ...rest,
  })
}

const descriptions: readonly Scenario[] = [
  ...eachVersion(DescribeConfigs, { kept: 1 }, 'of topics', async (world, version) => {
    const name = await world.topic('t', 1, { 'retention.ms': '1000', 'cleanup.policy': 'compact,delete' })
    await describe(world, version, [[TOPIC, name]], ['retention.ms', 'retention.ms', 'no.such.key', 'segment.bytes'])
    // All of them: the Kafka that had version 0 had others.
    if (version >= 1) await describe(world, version, [[TOPIC, name]], [])
    await describe(
      world,
      version,
      [
        [TOPIC, world.name('not-there')],
        [TOPIC, ''],
        [TOPIC, '..'],
        [TOPIC, name],
        [TOPIC, name],
      ],
      ['cleanup.policy'],
    )
    const keys = ['retention.ms', 'cleanup.policy', 'compression.type', 'flush.ms', 'max.message.bytes', 'segment.ms']
    if (version >= 1) await describe(world, version, [[TOPIC, name]], keys, { includeSynonyms: true })
    if (version >= 3) await describe(world, version, [[TOPIC, name]], keys, { includeDocumentation: true })
  }),
  ...eachVersion(DescribeConfigs, { kept: 1 }, 'of brokers and of nothing', async (world, version) => {
    for (const name of ['1', '2', 'one'])
      await describe(world, version, [[BROKER, name]], BROKER_KEYS, version >= 1 ? { includeSynonyms: true } : {})
    await describe(world, version, [[BROKER, '']], ['log.retention.ms'])
    for (const kind of NO_KINDS) await describe(world, version, [[kind, 'x']], null)
    await describe(world, version, [], null)
  }),
  ...eachVersion(DescribeConfigs, { first: 1 }, 'of groups and subscriptions to metrics', async (world, version) => {
    const rows: readonly Resource[] = [
      [GROUP, world.name('g')],
      [GROUP, ''],
      [CLIENT_METRICS, world.name('m')],
      [CLIENT_METRICS, ''],
    ]
    for (const row of rows) await describe(world, version, [row], null, { includeSynonyms: true })
  }),
]

type Pair = readonly [name: string, value: string | null]

async function alterEach(world: World, version: number, resource: Resource, pairs: readonly Pair[]): Promise<void> {
  const [resourceType, resourceName] = resource
  for (const validateOnly of [true, false])
    for (const [name, value] of pairs) {
      const resources = [{ resourceType, resourceName, configs: [{ name, value }] }]
      await world.ask(AlterConfigs, version, { resources, validateOnly })
    }
}

const replacements: readonly Scenario[] = [
  ...eachVersion(AlterConfigs, {}, 'of topics', async (world, version) => {
    const topic: Resource = [TOPIC, await world.topic('t', 1, { 'retention.ms': '1000' })]
    await alterEach(world, version, topic, [
      ['max.message.bytes', '1000'],
      ['max.message.bytes', 'many'],
      ['max.message.bytes', null],
      ['no.such.key', '1'],
      ['cleanup.policy', 'compact, delete'],
      ['segment.bytes', '7'],
    ])
    await describe(world, 4, [topic], ['retention.ms', 'max.message.bytes', 'cleanup.policy'])
    for (const name of [world.name('not-there'), '', '..'])
      await alterEach(world, version, [TOPIC, name], [['retention.ms', '1']])
    const twice = ['1', '2'].map((value) => ({ name: 'retention.ms', value }))
    const resources = [{ resourceType: TOPIC, resourceName: topic[1], configs: twice }]
    await world.ask(AlterConfigs, version, { resources, validateOnly: false })
  }),
  ...eachVersion(AlterConfigs, {}, 'of what has none', async (world, version) => {
    for (const kind of NO_KINDS) await alterEach(world, version, [kind, 'x'], [['retention.ms', '1']])
    await alterEach(world, version, [BROKER, '7'], [['log.retention.ms', '1000000']])
    await alterEach(world, version, [BROKER, 'x'], [['log.retention.ms', '1000000']])
    await world.ask(AlterConfigs, version, { resources: [], validateOnly: false })
  }),
]

type Change = readonly [name: string, operation: number, value: string | null]

async function change(
  world: World,
  version: number,
  [resourceType, resourceName]: Resource,
  ...changes: readonly Change[]
): Promise<void> {
  const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }))
  for (const validateOnly of [true, false])
    await world.ask(IncrementalAlterConfigs, version, {
      resources: [{ resourceType, resourceName, configs }],
      validateOnly,
    })
}

/** Kafka's broker knows a change when it has read of it. */
async function waitUntilIs(world: World, [resourceType, resourceName]: Resource, key: string, value: string | null) {
  const resources = [{ resourceType, resourceName, configurationKeys: [key] }]
  await until(`${key} is ${value}`, async () => {
    const { results } = await world.quietly(DescribeConfigs, 4, { resources })
    return results[0]?.configs[0]?.value === value
  })
}

const increments: readonly Scenario[] = [
  ...eachVersion(IncrementalAlterConfigs, {}, 'of topics', async (world, version) => {
    const topic: Resource = [TOPIC, await world.topic('t', 1, { 'retention.ms': '1000' })]
    const changes: readonly Change[] = [
      ['retention.ms', SET, '5'],
      ['retention.ms', SET, 'soon'],
      ['retention.ms', SET, null],
      ['retention.ms', APPEND, '5'],
      ['retention.ms', SUBTRACT, '5'],
      ['retention.ms', DELETE, '5'],
      ['retention.ms', DELETE, null],
      ['cleanup.policy', APPEND, 'compact'],
      ['cleanup.policy', APPEND, 'compact'],
      ['cleanup.policy', SUBTRACT, 'delete'],
      ['cleanup.policy', SUBTRACT, 'delete'],
      ['cleanup.policy', APPEND, 'nonsense'],
      ['cleanup.policy', SET, 'delete, compact,delete'],
      ['cleanup.policy', SET, ''],
      ['no.such.key', SET, '1'],
      ['no.such.key', DELETE, null],
    ]
    for (const each of changes) await change(world, version, topic, each)
    await describe(world, 4, [topic], ['retention.ms', 'cleanup.policy'], { includeSynonyms: true })
    await change(world, version, topic, ['retention.ms', SET, '7'], ['retention.bytes', SET, 'x'])
    await change(world, version, topic, ['retention.ms', SET, '7'], ['retention.ms', DELETE, null])
    for (const name of [world.name('not-there'), '', '..'])
      await change(world, version, [TOPIC, name], ['retention.ms', SET, '1'])
  }),
  ...eachVersion(IncrementalAlterConfigs, {}, 'of brokers', async (world, version) => {
    for (const name of ['1', '']) {
      await change(world, version, [BROKER, name], ['log.cleaner.threads', SET, 'x'])
      await change(world, version, [BROKER, name], ['broker.id', SET, '7'])
      await change(world, version, [BROKER, name], ['log.retention.ms', SET, '604800000'])
      await waitUntilIs(world, [BROKER, '1'], 'log.retention.ms', '604800000')
      await describe(world, 4, [[BROKER, '1']], ['log.retention.ms'], { includeSynonyms: true })
      await change(world, version, [BROKER, name], ['log.retention.ms', DELETE, null])
      await waitUntilIs(world, [BROKER, '1'], 'log.retention.ms', null)
    }
    await change(world, version, [BROKER, '7'], ['log.retention.ms', SET, '604800000'])
    await change(world, version, [BROKER, 'x'], ['log.retention.ms', SET, '604800000'])
  }),
  ...eachVersion(IncrementalAlterConfigs, {}, 'custom keys of brokers', async (world, version) => {
    const [ofAll, ofOne] = ['custom.of.all', 'custom.of.one']
    await change(world, version, [BROKER, ''], [ofAll, SET, 'a'])
    await change(world, version, [BROKER, '1'], [ofOne, SET, 'b'])
    await until('the broker has it', async () => {
      const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys: [ofOne] }]
      return (await world.quietly(DescribeConfigs, 4, { resources })).results[0]?.configs.length === 1
    })
    for (const name of ['1', '']) await describe(world, 4, [[BROKER, name]], [ofAll, ofOne], { includeSynonyms: true })
    await change(world, version, [BROKER, ''], [ofAll, DELETE, null])
    await change(world, version, [BROKER, '1'], [ofOne, DELETE, null])
  }),
  ...eachVersion(IncrementalAlterConfigs, {}, 'of groups', async (world, version) => {
    const group: Resource = [GROUP, world.name('g')]
    const key = 'consumer.session.timeout.ms'
    for (const value of ['45000', '50000', '44999', '60001', 'x', null])
      await change(world, version, group, [key, SET, value])
    await change(world, version, group, [key, APPEND, '1'])
    await change(world, version, group, ['no.such.key', SET, '1'])
    await change(world, version, [GROUP, ''], [key, SET, '45000'])
    await waitUntilIs(world, group, key, '50000')
    await describe(world, 4, [group], [key], { includeSynonyms: true })
    await change(world, version, group, [key, DELETE, null])
    await waitUntilIs(world, group, key, '45000')
    await describe(world, 4, [group], [key], { includeSynonyms: true })
  }),
  ...eachVersion(IncrementalAlterConfigs, {}, 'of subscriptions to metrics', async (world, version) => {
    const metrics: Resource = [CLIENT_METRICS, world.name('m')]
    const changes: readonly Change[] = [
      ['interval.ms', SET, '1000'],
      ['interval.ms', SET, '99'],
      ['interval.ms', SET, '3600001'],
      ['interval.ms', SET, 'x'],
      ['metrics', SET, 'org.apache.kafka.producer.'],
      ['match', SET, 'client_id=a.*'],
      ['match', SET, 'nonsense=a'],
      ['match', SET, 'client_id=('],
      ['match', SET, 'client_id'],
      ['no.such.key', SET, '1'],
    ]
    for (const each of changes) await change(world, version, metrics, each)
    await change(world, version, [CLIENT_METRICS, ''], ['interval.ms', SET, '1000'])
    await waitUntilIs(world, metrics, 'interval.ms', '1000')
    await describe(world, 4, [metrics], null, { includeSynonyms: true })
    for (const key of ['interval.ms', 'metrics', 'match']) await change(world, version, metrics, [key, DELETE, null])
    await waitUntilIs(world, metrics, 'interval.ms', '300000')
    await describe(world, 4, [metrics], null, { includeSynonyms: true })
  }),
  ...eachVersion(
    IncrementalAlterConfigs,
    {},
    'of a resource that is named twice, and of kinds that have none',
    async (world, version) => {
      const name = await world.topic()
      const row = (value: string) => ({
        resourceType: TOPIC,
        resourceName: name,
        configs: [{ name: 'retention.ms', configOperation: SET, value }],
      })
      await world.ask(IncrementalAlterConfigs, version, { resources: [row('1'), row('2')], validateOnly: false })
      for (const kind of NO_KINDS) await change(world, version, [kind, 'x'], ['retention.ms', SET, '1'])
      await world.ask(IncrementalAlterConfigs, version, { resources: [], validateOnly: false })
    },
  ),
]

const lists = eachVersion(ListConfigResources, {}, 'kinds', async (world, version) => {
  if (version === 0) return void (await world.ask(ListConfigResources, version, {}))
  for (const resourceTypes of [[BROKER], [8], [BROKER, 8], [0], [BROKER, 3], [99]])
    await world.ask(ListConfigResources, version, { resourceTypes })
})

export const configs: readonly Scenario[] = [...descriptions, ...replacements, ...increments, ...lists]
