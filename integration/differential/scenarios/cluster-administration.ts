import {
  AddRaftVoter,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  DescribeLogDirs,
  DescribeQuorum,
  ElectLeaders,
  ListPartitionReassignments,
  RemoveRaftVoter,
  UnregisterBroker,
  UnregisterController,
  UpdateFeatures,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'

const NO_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAA'
const A_DIRECTORY = 'Zm9vYmFyYmF6cXV4cXV1eA'
const METADATA = '__cluster_metadata'

const elections = eachVersion(
  ElectLeaders,
  {},
  'what needs no election, and what is not there',
  async (world, version) => {
    const name = await world.topic('t', 2)
    const topicPartitions = [
      { topic: name, partitions: [0, 1, 7, 0] },
      { topic: name, partitions: [-1] },
      { topic: world.name('not-there'), partitions: [0] },
      { topic: '', partitions: [0] },
    ]
    const types = version === 0 ? [{}] : [0, 1, 2, -1].map((electionType) => ({ electionType }))
    for (const type of types) {
      await world.ask(ElectLeaders, version, { ...type, topicPartitions, timeoutMs: 30_000 })
      await world.ask(ElectLeaders, version, { ...type, topicPartitions: [], timeoutMs: 30_000 })
      await world.ask(ElectLeaders, version, { ...type, topicPartitions, timeoutMs: 0 })
    }
  },
)

const reassignments = eachVersion(AlterPartitionReassignments, {}, 'on one node', async (world, version) => {
  const name = await world.topic('t', 2)
  const alter = (replicas: readonly number[] | null, partitionIndex = 0, more = {}) => {
    const topics = [{ name, partitions: [{ partitionIndex, replicas }] }]
    return world.ask(AlterPartitionReassignments, version, { topics, timeoutMs: 30_000, ...more })
  }
  await alter(null)
  for (const replicas of [[1], [1, 99], [99], [-1], [1, 1], []]) await alter(replicas)
  await alter([1], 7)
  await alter([1], -1)
  await alter(null, 0, { timeoutMs: 0 })
  if (version >= 1) await alter([1], 0, { allowReplicationFactorChange: false })
  const partitions = [
    { partitionIndex: 0, replicas: [1] },
    { partitionIndex: 0, replicas: null },
  ]
  const topics = [
    { name, partitions },
    { name, partitions: [] },
    { name: world.name('not-there'), partitions },
    { name: '', partitions },
  ]
  await world.ask(AlterPartitionReassignments, version, { topics, timeoutMs: 30_000 })
  await world.ask(AlterPartitionReassignments, version, { topics: [], timeoutMs: 30_000 })
  for (const listed of [[], [{ name, partitionIndexes: [0, 7] }], [{ name: world.name('u'), partitionIndexes: [0] }]])
    await world.ask(ListPartitionReassignments, 0, { topics: listed })
})

const reassigning = eachVersion(ListPartitionReassignments, {}, 'where nothing moves', async (world, version) => {
  const name = await world.topic('t', 2)
  const list = (topics: Parameters<typeof ListPartitionReassignments.request.write>[2]['topics'], timeoutMs = 30_000) =>
    world.ask(ListPartitionReassignments, version, { topics, timeoutMs })
  await list(null)
  await list([])
  await list([{ name, partitionIndexes: [0, 1] }])
  await list([{ name, partitionIndexes: [0, 0, 7, -1] }])
  await list([{ name, partitionIndexes: [] }])
  await list([
    { name, partitionIndexes: [0] },
    { name, partitionIndexes: [1] },
  ])
  await list([
    { name: world.name('not-there'), partitionIndexes: [0] },
    { name: '', partitionIndexes: [0] },
    { name: 'no name', partitionIndexes: [0] },
  ])
  await list(null, 0)
  // A reassignment to where they are is none that goes on.
  const same = { topics: [{ name, partitions: [{ partitionIndex: 0, replicas: [1] }] }], timeoutMs: 30_000 }
  await world.ask(AlterPartitionReassignments, 0, same)
  await list([{ name, partitionIndexes: [0] }])
})

const quorum = eachVersion(DescribeQuorum, {}, 'what is not the metadata log', async (world, version) => {
  const row = (topicName: string, ...indexes: readonly number[]) => ({
    topicName,
    partitions: indexes.map((partitionIndex) => ({ partitionIndex })),
  })
  for (const topics of [
    [],
    [row(METADATA)],
    [row(METADATA, 1)],
    [row(METADATA, 0, 1)],
    [row(world.name('t'), 0)],
    [row(METADATA, 0), row(world.name('t'), 3)],
  ])
    await world.ask(DescribeQuorum, version, { topics })
})

const features = eachVersion(UpdateFeatures, {}, 'levels that cannot be', async (world, version) => {
  const ask = (...updates: readonly (readonly [feature: string, maxVersionLevel: number, upgradeType: number])[]) => {
    const featureUpdates = updates.map(([feature, maxVersionLevel, upgradeType]) => ({
      ...{ feature, maxVersionLevel },
      ...(version === 0 ? { allowDowngrade: upgradeType > 1 } : { upgradeType }),
    }))
    const terms = version === 0 ? {} : { validateOnly: true }
    return world.ask(UpdateFeatures, version, { featureUpdates, timeoutMs: 30_000, ...terms })
  }
  await ask()
  await ask(['transaction.version', 2, 1])
  await ask(['transaction.version', 2, 1], ['transaction.version', 2, 1])
  for (const name of ['transaction.version', 'metadata.version', 'no.such.version', ''])
    for (const level of [99, -1, 1]) await ask([name, level, 1])
  await ask(['transaction.version', 2, 1], ['no.such.version', 1, 1])
  if (version === 0) await ask(['transaction.version', 1, 2])
  else for (const type of [0, 1, 2, 3, 4]) await ask(['transaction.version', 1, type])
})

const brokers = [
  ...eachVersion(UnregisterBroker, {}, 'one that is not there', async (world, version) => {
    for (const brokerId of [77, -1]) await world.ask(UnregisterBroker, version, { brokerId })
  }),
  ...eachVersion(UnregisterController, {}, 'one that is not there, and the only one', async (world, version) => {
    for (const controllerId of [77, -1, 1]) await world.ask(UnregisterController, version, { controllerId })
  }),
]

const wrongVoters = [
  {},
  { clusterId: 'another' },
  { voterId: 1 },
  { voterId: -1 },
  { voterDirectoryId: NO_DIRECTORY },
  { clusterId: 'another', voterDirectoryId: NO_DIRECTORY },
]
const voter = { clusterId: null, voterId: 9, voterDirectoryId: A_DIRECTORY }

const voters = [
  ...eachVersion(AddRaftVoter, {}, 'where voters were configured', async (world, version) => {
    const listener = { name: 'CONTROLLER', host: 'localhost', port: 9999 }
    const ask = (more: object, listeners = [listener]) =>
      world.ask(AddRaftVoter, version, { ...voter, timeoutMs: 3000, listeners, ...more })
    for (const wrong of wrongVoters) await ask(wrong)
    await ask({}, [])
    await ask({}, [{ ...listener, name: 'OTHER' }])
  }),
  ...eachVersion(RemoveRaftVoter, {}, 'where voters were configured', async (world, version) => {
    for (const wrong of wrongVoters) await world.ask(RemoveRaftVoter, version, { ...voter, ...wrong })
  }),
]

const directories = [
  ...eachVersion(DescribeLogDirs, { kept: 1 }, 'of some topics', async (world, version) => {
    const name = await world.topic('t', 2)
    const partitions = [0, 1, 7, 1]
    const topics = [
      { topic: name, partitions },
      { topic: world.name('not-there'), partitions },
    ]
    await world.ask(DescribeLogDirs, version, { topics })
    await world.ask(DescribeLogDirs, version, { topics: [] })
    await world.ask(DescribeLogDirs, version, { topics: [{ topic: name, partitions: [] }] })
  }),
  ...eachVersion(AlterReplicaLogDirs, { kept: 1 }, 'to where it is, and to nowhere', async (world, version) => {
    const name = await world.topic('t', 2)
    const { results } = await world.quietly(DescribeLogDirs, 4, { topics: [] })
    for (const path of [results[0]?.logDir ?? '', '/not/there', 'relative', '']) {
      const topics = [
        { name, partitions: [0, 1, 7] },
        { name: world.name('not-there'), partitions: [0] },
      ]
      await world.ask(AlterReplicaLogDirs, version, { dirs: [{ path, topics }] })
    }
    await world.ask(AlterReplicaLogDirs, version, { dirs: [] })
  }),
]

export const clusterAdministration: readonly Scenario[] = [
  ...elections,
  ...reassignments,
  ...reassigning,
  ...quorum,
  ...features,
  ...brokers,
  ...voters,
  ...directories,
]
