import {
  ApiVersions,
  DescribeCluster,
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequestInput,
  Metadata,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'

/** Before version 4 a client cannot say so. */
const never = (version: number) => (version < 4 ? {} : { allowAutoTopicCreation: false })
/** Only these versions of Metadata have them. */
const hasClusterOperations = (version: number): boolean => version <= 10
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

const metadata: readonly Scenario[] = [
  ...eachVersion(Metadata, {}, 'by name', async (world, version) => {
    const missing = version < 4 ? [] : [world.name('not-there')]
    const names = [await world.topic('t', 2), ...missing, 'a/b', await world.topic('u')]
    const topics = [...names, names[0] ?? ''].map((name) => ({ name }))
    await world.ask(Metadata, version, { ...never(version), topics })
  }),
  ...eachVersion(Metadata, { first: 1 }, 'no topic', async (world, version) => {
    await world.ask(Metadata, version, { ...never(version), topics: [] })
  }),
  ...eachVersion(Metadata, { first: 4 }, 'an empty name', async (world, version) => {
    await world.ask(Metadata, version, { ...never(version), topics: [{ name: '' }] })
  }),
  ...eachVersion(Metadata, { first: 8 }, 'with authorized operations', async (world, version) => {
    const topics = [{ name: await world.topic() }]
    const asked = {
      includeTopicAuthorizedOperations: true,
      ...(hasClusterOperations(version) && { includeClusterAuthorizedOperations: true }),
    }
    await world.ask(Metadata, version, { ...never(version), ...asked, topics })
  }),
  ...eachVersion(Metadata, { first: 10 }, 'by id', async (world, version) => {
    const name = await world.topic()
    const other = await world.topic('u')
    const topicId = await world.topicId(name)
    await world.ask(Metadata, version, { ...never(version), topics: [{ name: null, topicId }] })
    await world.ask(Metadata, version, { ...never(version), topics: [{ name: null, topicId: UNKNOWN_ID }] })
    await world.ask(Metadata, version, { ...never(version), topics: [{ name: other, topicId }] })
    await world.ask(Metadata, version, { ...never(version), topics: [{ name: null }] })
    const mixed = [{ name: other }, { name: null, topicId }, { name: null, topicId }]
    await world.ask(Metadata, version, { ...never(version), topics: mixed })
  }),
]

const cluster: readonly Scenario[] = [
  ...eachVersion(DescribeCluster, {}, 'brokers, controllers, and what is neither', async (world, version) => {
    for (const endpointType of version === 0 ? [1] : [1, 2, 3, 0, -1])
      await world.ask(DescribeCluster, version, { includeClusterAuthorizedOperations: true, endpointType })
    await world.ask(DescribeCluster, version, { includeClusterAuthorizedOperations: false })
  }),
  ...eachVersion(DescribeCluster, { first: 2 }, 'fenced brokers too', async (world, version) => {
    await world.ask(DescribeCluster, version, { includeClusterAuthorizedOperations: false, includeFencedBrokers: true })
  }),
]

const partitions = eachVersion(DescribeTopicPartitions, {}, 'pages', async (world, version) => {
  const [a, b, c] = [await world.topic('a', 3), await world.topic('b', 2), await world.topic('c')]
  const topics = [c, a, b, a, world.name('d'), '..'].map((name) => ({ name }))
  type Terms = Omit<DescribeTopicPartitionsRequestInput, 'topics'>
  const ask = (terms: Terms) => world.ask(DescribeTopicPartitions, version, { topics, cursor: null, ...terms })
  await ask({ responsePartitionLimit: 2000 })
  await ask({ responsePartitionLimit: 2 })
  await ask({ responsePartitionLimit: 3 })
  await ask({ responsePartitionLimit: 0 })
  await ask({ responsePartitionLimit: -1 })
  await ask({ responsePartitionLimit: 2, cursor: { topicName: a, partitionIndex: 2 } })
  await ask({ responsePartitionLimit: 9, cursor: { topicName: a, partitionIndex: 7 } })
  await ask({ responsePartitionLimit: 9, cursor: { topicName: a, partitionIndex: -1 } })
  await ask({ responsePartitionLimit: 9, cursor: { topicName: world.name('0'), partitionIndex: 0 } })
  const named = { responsePartitionLimit: 2000, cursor: null }
  await world.ask(DescribeTopicPartitions, version, { ...named, topics: [{ name: '' }, { name: a }] })
})

/** Which keys and versions there are is compared elsewhere. */
const versions: readonly Scenario[] = eachVersion(ApiVersions, {}, 'names of clients', async (world, version) => {
  const names = [
    ['client', '1.0'],
    ['a client', '1'],
    ['-client', '1'],
    ['client', ''],
    ['', '1'],
    ['', ''],
  ] as const
  for (const [clientSoftwareName, clientSoftwareVersion] of version < 3 ? [['', ''] as const] : names) {
    const answer = await world.quietly(ApiVersions, version, { clientSoftwareName, clientSoftwareVersion })
    const { errorCode, throttleTimeMs, apiKeys } = answer
    const own = apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)
    world.keep(`ApiVersions of ${clientSoftwareName} ${clientSoftwareVersion}`, { errorCode, throttleTimeMs, own })
  }
})

export const metadataScenarios: readonly Scenario[] = [...versions, ...metadata, ...cluster, ...partitions]
