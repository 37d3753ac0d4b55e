import { AlterConfigs, DescribeConfigs, IncrementalAlterConfigs, ListConfigResources } from '@odradek/protocol'
import { until } from '../../harness/until.ts'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const TOPIC = 2
const BROKER = 4
const BROKER_LOGGER = 8
const CLIENT_METRICS = 16
const GROUP = 32
/** Kinds that are none. */
const NO_KINDS = [0, 1, 3, 64, -1]
const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

type Resource = readonly [type: number, name: string]

const DIRTY_RATIO = 'min.cleanable.dirty.ratio'

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
  ...eachVersion(DescribeConfigs, { first: 1 }, 'of loggers', async (world, version) => {
    for (const name of ['1', '2', 'one', ''])
      await describe(world, version, [[BROKER_LOGGER, name]], ['no.such.logger'], { includeSynonyms: true })
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
  ...eachVersion(AlterConfigs, {}, 'of a broker and of its loggers', async (world, version) => {
    await alterEach(
      world,
      version,
      [BROKER, '1'],
      [
        ['log.cleaner.threads', 'x'],
        ['log.cleaner.threads', null],
        ['broker.id', '7'],
        ['log.retention.ms', '604800000'],
      ],
    )
    const resources = [{ resourceType: BROKER, resourceName: '1', configs: [] }]
    await world.ask(AlterConfigs, version, { resources, validateOnly: false })
    await waitUntilIs(world, [BROKER, '1'], 'log.retention.ms', null)
    await alterEach(world, version, [BROKER_LOGGER, '1'], [['root', 'INFO']])
  }),
  ...eachVersion(AlterConfigs, {}, 'of groups and subscriptions to metrics', async (world, version) => {
    for (const name of [world.name('g'), ''])
      await alterEach(
        world,
        version,
        [GROUP, name],
        [
          ['consumer.session.timeout.ms', '50000'],
          ['consumer.session.timeout.ms', '1'],
          ['consumer.session.timeout.ms', 'x'],
          ['consumer.session.timeout.ms', null],
          ['no.such.key', '1'],
        ],
      )
    for (const name of [world.name('m'), ''])
      await alterEach(
        world,
        version,
        [CLIENT_METRICS, name],
        [
          ['interval.ms', '1000'],
          ['interval.ms', '99'],
          ['interval.ms', 'x'],
          ['interval.ms', null],
          ['match', 'client_id'],
          ['no.such.key', '1'],
        ],
      )
    for (const resource of [
      [GROUP, world.name('g')],
      [CLIENT_METRICS, world.name('m')],
    ] as const)
      await world.ask(AlterConfigs, version, {
        resources: [{ resourceType: resource[0], resourceName: resource[1], configs: [] }],
        validateOnly: false,
      })
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

/** Other scenarios list what there is. */
async function forget(world: World, [resourceType, resourceName]: Resource, ...keys: readonly string[]): Promise<void> {
  const configs = keys.map((name) => ({ name, configOperation: DELETE, value: null }))
  const resources = [{ resourceType, resourceName, configs }]
  await world.quietly(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
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
  ...eachVersion(IncrementalAlterConfigs, {}, 'of lists', async (world, version) => {
    const topic: Resource = [TOPIC, await world.topic('t', 1, { 'cleanup.policy': 'compact' })]
    const key = 'follower.replication.throttled.replicas'
    const changes: readonly Change[] = [
      ['cleanup.policy', APPEND, 'delete,compact'],
      ['cleanup.policy', APPEND, ''],
      ['cleanup.policy', APPEND, 'delete,'],
      ['cleanup.policy', SUBTRACT, 'delete,compact'],
      ['cleanup.policy', SET, ' compact , delete '],
      ['cleanup.policy', SET, 'compact,,delete'],
      ['cleanup.policy', APPEND, null],
      [key, APPEND, '0:1'],
      [key, APPEND, '1:1, 2:1'],
      [key, APPEND, 'nonsense'],
      [key, SUBTRACT, '0:1,2:1'],
      [key, SET, '*'],
    ]
    for (const each of changes) await change(world, version, topic, each)
    await describe(world, 4, [topic], ['cleanup.policy', key])
  }),
  ...eachVersion(IncrementalAlterConfigs, {}, 'of loggers', async (world, version) => {
    const loggers: Resource = [BROKER_LOGGER, '1']
    for (const each of [
      ['no.such.logger', SET, 'INFO'],
      ['no.such.logger', DELETE, null],
      ['root', SET, 'info'],
      ['root', SET, 'LOUD'],
      ['root', SET, null],
      ['root', APPEND, 'INFO'],
      ['root', SUBTRACT, 'INFO'],
      ['root', DELETE, null],
    ] as const)
      await change(world, version, loggers, each)
    for (const name of ['7', 'x', '']) await change(world, version, [BROKER_LOGGER, name], ['root', SET, 'INFO'])
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
  // While partitions remember eligible replicas, one value counts for the whole cluster (KIP-966).
  ...eachVersion(IncrementalAlterConfigs, {}, 'min.insync.replicas of brokers', async (world, version) => {
    const key = 'min.insync.replicas'
    for (const name of ['1', ''])
      for (const each of [
        [key, SET, '1'],
        [key, SET, '0'],
        [key, SET, null],
        [key, DELETE, null],
      ] as const)
        await change(world, version, [BROKER, name], each)
    for (const validateOnly of [true, false])
      for (const [resourceName, configs] of [
        ['', []],
        ['', [{ name: 'log.retention.ms', value: '604800000' }]],
        ['', [{ name: key, value: '1' }]],
        ['1', [{ name: key, value: '1' }]],
      ] as const)
        await world.ask(AlterConfigs, 2, {
          resources: [{ resourceType: BROKER, resourceName, configs }],
          validateOnly,
        })
    for (const name of ['1', '']) await describe(world, 4, [[BROKER, name]], [key], { includeSynonyms: true })
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
  ...eachVersion(IncrementalAlterConfigs, {}, 'values that are nearly right', async (world, version) => {
    const topic: Resource = [TOPIC, await world.topic()]
    const throttled = 'leader.replication.throttled.replicas'
    for (const value of ['0:1,0:1', '0:1,', '0:1,*', '*,*'])
      await change(world, version, topic, [throttled, SET, value])
    for (const at of [0, 1]) {
      const value = Array.from({ length: 3000 }, (_, index) => `${3000 * at + index}:1`).join()
      await change(world, version, topic, [throttled, APPEND, value])
    }
    await change(world, version, topic, [throttled, DELETE, null])
    for (const value of ['7\u00a0', '\u00017', '7\t']) await change(world, version, topic, ['retention.ms', SET, value])
    for (const value of ['1.', '.5d', '1e', '.']) await change(world, version, topic, [DIRTY_RATIO, SET, value])
    await describe(world, 4, [topic], [throttled, 'retention.ms', DIRTY_RATIO])
    for (const value of [',', 'a,', ',a', 'a,,b', 'a,b,a', ' a , b '])
      await change(world, version, [GROUP, world.name('g')], ['streams.rack.aware.assignment.tags', SET, value])
    const metrics: Resource = [CLIENT_METRICS, world.name('m')]
    for (const value of [',', 'a,,b', 'a,a']) await change(world, version, metrics, ['metrics', SET, value])
    for (const value of ['client_id=', 'client_id=a=b', 'client_id=a=', '=a', ','])
      await change(world, version, metrics, ['match', SET, value])
    for (const key of ['max.connections', 'listener.name.plaintext.max.connections'])
      await change(world, version, [BROKER, ''], [key, SET, '0'])
    await change(world, version, [BROKER, '1'], ['metric.reporters', SET, ' '])
    await change(world, version, [BROKER, '1'], ['metric.reporters', DELETE, null])
    await forget(world, metrics, 'metrics', 'match')
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
