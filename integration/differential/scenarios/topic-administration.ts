import { CreatePartitions, CreateTopics, type CreateTopicsRequestInput, DeleteTopics } from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

type NewTopic = CreateTopicsRequestInput['topics'][number]

const newTopic = (name: string, rest: Partial<NewTopic> = {}): NewTopic => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...rest,
})

/** Asks once with `validate_only` where the version has it, and once in earnest. */
async function create(world: World, version: number, topics: readonly NewTopic[]): Promise<void> {
  if (version >= 1) await world.ask(CreateTopics, version, { topics, timeoutMs: 30_000, validateOnly: true })
  await world.ask(CreateTopics, version, { topics, timeoutMs: 30_000, validateOnly: false })
}

const assignment = (partitionIndex: number, ...brokerIds: readonly number[]) => ({ partitionIndex, brokerIds })

/** One topic each, so that what is wrong with one does not hide behind another. */
const CREATIONS: Readonly<Record<string, (world: World) => readonly NewTopic[]>> = {
  'one topic': (world) => [newTopic(world.name('t'), { numPartitions: 3 })],
  'names that are none': () => ['', '.', '..', 'a/b', 'a b', 'é', 'x'.repeat(250)].map((name) => newTopic(name)),
  'the longest name': (world) => [newTopic(world.name('x'.repeat(249 - world.prefix.length)))],
  'a name twice': (world) => [newTopic(world.name('t')), newTopic(world.name('t'))],
  'names that collide among themselves': (world) => [newTopic(world.name('a.b')), newTopic(world.name('a_b'))],
  'the metadata topic': () => [newTopic('__cluster_metadata')],
  'numbers of partitions': (world) =>
    [0, -1, -2].map((numPartitions) => newTopic(world.name(`p${numPartitions}`), { numPartitions })),
  'replication factors': (world) =>
    [0, -1, -2, 2].map((replicationFactor) => newTopic(world.name(`r${replicationFactor}`), { replicationFactor })),
  'wrong partitions and wrong replication factor': (world) => [
    newTopic(world.name('t'), { numPartitions: 0, replicationFactor: 0 }),
    newTopic(world.name('u'), { numPartitions: 0, replicationFactor: 7 }),
  ],
  assignments: (world) => {
    const manual = { numPartitions: -1, replicationFactor: -1 }
    return [
      newTopic(world.name('good'), { ...manual, assignments: [assignment(0, 1), assignment(1, 1)] }),
      newTopic(world.name('with-count'), { numPartitions: 1, assignments: [assignment(0, 1)] }),
      newTopic(world.name('gap'), { ...manual, assignments: [assignment(0, 1), assignment(2, 1)] }),
      newTopic(world.name('not-from-0'), { ...manual, assignments: [assignment(1, 1)] }),
      newTopic(world.name('twice'), { ...manual, assignments: [assignment(0, 1), assignment(0, 1)] }),
      newTopic(world.name('unknown'), { ...manual, assignments: [assignment(0, 99)] }),
      newTopic(world.name('no-replica'), { ...manual, assignments: [assignment(0)] }),
      newTopic(world.name('repeated'), { ...manual, assignments: [assignment(0, 1, 1)] }),
    ]
  },
  configs: (world) =>
    [
      ['retention.ms', '1000'],
      ['retention.ms', ' 1000 '],
      ['retention.ms', 'soon'],
      ['retention.ms', '-2'],
      ['cleanup.policy', 'compact'],
      ['cleanup.policy', ''],
      ['cleanup.policy', 'Compact'],
      ['compression.type', 'none'],
      ['preallocate', 'TRUE'],
      ['segment.bytes', '1048575'],
      ['remote.storage.enable', 'true'],
      ['message.format.version', '3.0'],
      ['no.such.key', '1'],
      ['Retention.ms', '1'],
    ].map(([name = '', value = ''], index) => newTopic(world.name(`c${index}`), { configs: [{ name, value }] })),
  'configs without a value, twice, and at odds': (world) => [
    newTopic(world.name('null'), { configs: [{ name: 'retention.ms', value: null }] }),
    newTopic(world.name('last'), {
      configs: [
        { name: 'retention.ms', value: 'x' },
        { name: 'retention.ms', value: '7' },
      ],
    }),
    newTopic(world.name('lags'), {
      configs: [
        { name: 'min.compaction.lag.ms', value: '2' },
        { name: 'max.compaction.lag.ms', value: '1' },
      ],
    }),
    newTopic(world.name('unknown-first'), {
      configs: [
        { name: 'retention.ms', value: 'x' },
        { name: 'no.such.key', value: '1' },
      ],
    }),
  ],
  'too many partitions': (world) => [
    newTopic(world.name('t'), { numPartitions: 10_001 }),
    newTopic('..', { numPartitions: 1 }),
  ],
}

const creations = Object.entries(CREATIONS).flatMap(([name, topics]) =>
  eachVersion(CreateTopics, { kept: 2 }, name, (world, version) => create(world, version, topics(world))),
)

const existing = eachVersion(CreateTopics, { kept: 2 }, 'a topic that exists', async (world, version) => {
  await world.topic('a.b')
  await create(world, version, [newTopic(world.name('a.b')), newTopic(world.name('a_b'))])
  await create(world, version, [
    newTopic(world.name('a.b'), { numPartitions: 0, configs: [{ name: 'no.such.key', value: '1' }] }),
  ])
})

const none = eachVersion(CreateTopics, { kept: 2 }, 'no topics', async (world, version) => {
  await world.ask(CreateTopics, version, { topics: [], timeoutMs: 30_000 })
})

const noTime: readonly Scenario[] = [
  ...eachVersion(CreateTopics, { kept: 2 }, 'no time', async (world, version) => {
    for (const timeoutMs of [0, -1])
      await world.ask(CreateTopics, version, { topics: [newTopic(world.name(`t${timeoutMs}`))], timeoutMs })
  }),
  ...eachVersion(DeleteTopics, { kept: 1, last: 5 }, 'no time', async (world, version) => {
    const topicNames = [await world.topic(), world.name('not-there')]
    for (const timeoutMs of [0, -1]) await world.ask(DeleteTopics, version, { topicNames, timeoutMs })
  }),
  ...eachVersion(CreatePartitions, {}, 'no time', async (world, version) => {
    const topics = [{ name: await world.topic(), count: 2, assignments: null }]
    for (const timeoutMs of [0, -1])
      await world.ask(CreatePartitions, version, { topics, timeoutMs, validateOnly: true })
  }),
]

const deletions: readonly Scenario[] = [
  ...eachVersion(DeleteTopics, { kept: 1, last: 5 }, 'by name', async (world, version) => {
    const topicNames = [await world.topic('t'), world.name('not-there'), '', '..', await world.topic('u')]
    await world.ask(DeleteTopics, version, { topicNames, timeoutMs: 30_000 })
    await world.ask(DeleteTopics, version, { topicNames: topicNames.slice(0, 1), timeoutMs: 30_000 })
    await world.ask(DeleteTopics, version, { topicNames: [], timeoutMs: 30_000 })
  }),
  ...eachVersion(DeleteTopics, { kept: 1, last: 5 }, 'a name twice', async (world, version) => {
    const name = await world.topic('t')
    const unknown = world.name('not-there')
    await world.ask(DeleteTopics, version, { topicNames: [name, name, unknown, unknown], timeoutMs: 30_000 })
  }),
  ...eachVersion(DeleteTopics, { first: 6 }, 'by name and by id', async (world, version) => {
    const [byName, byId, both] = [await world.topic('n'), await world.topic('i'), await world.topic('b')]
    const topics = [
      { name: byName },
      { name: null, topicId: await world.topicId(byId) },
      { name: both, topicId: await world.topicId(both) },
      { name: null },
      { name: world.name('not-there') },
      { name: null, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
    ]
    await world.ask(DeleteTopics, version, { topics, topicNames: [], timeoutMs: 30_000 })
  }),
  ...eachVersion(DeleteTopics, { first: 6 }, 'one topic by its name and by its id', async (world, version) => {
    const name = await world.topic('t')
    const topics = [{ name }, { name: null, topicId: await world.topicId(name) }]
    await world.ask(DeleteTopics, version, { topics, topicNames: [], timeoutMs: 30_000 })
  }),
]

const partitions = eachVersion(CreatePartitions, {}, 'more, fewer, and wrong ones', async (world, version) => {
  const name = await world.topic('t', 2)
  const rows = (
    all: readonly { readonly count: number; readonly on?: readonly number[][] | null; readonly name?: string }[],
  ) =>
    all.map((row) => ({
      name: row.name ?? name,
      count: row.count,
      assignments: row.on?.map((brokerIds) => ({ brokerIds })) ?? null,
    }))
  const ask = async (...all: Parameters<typeof rows>[0]) => {
    for (const validateOnly of [true, false])
      await world.ask(CreatePartitions, version, { topics: rows(all), timeoutMs: 30_000, validateOnly })
  }
  await ask({ count: 2 })
  await ask({ count: 1 })
  await ask({ count: 0 })
  await ask({ count: -1 })
  await ask({ count: 3, on: [[1], [1]] })
  await ask({ count: 3, on: [[9]] })
  await ask({ count: 3, on: [[1, 1]] })
  await ask({ count: 3, on: [[]] })
  await ask({ count: 3 }, { count: 4 })
  await ask({ name: world.name('not-there'), count: 3 }, { name: '..', count: 3 })
  await ask({ count: 10_003 })
  await world.ask(CreatePartitions, version, { topics: rows([{ count: 3 }]), timeoutMs: 30_000, validateOnly: false })
  await world.ask(CreatePartitions, version, { topics: rows([{ count: 3 }]), timeoutMs: 30_000, validateOnly: false })
  await world.ask(CreatePartitions, version, { topics: [], timeoutMs: 30_000, validateOnly: false })
})

export const topicAdministration: readonly Scenario[] = [
  ...creations,
  ...existing,
  ...none,
  ...noTime,
  ...deletions,
  ...partitions,
]
