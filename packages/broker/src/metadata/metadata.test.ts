import { type NodeId, nodeId, SeededPrng } from '@odradek/core'
import { decodeClusterMetadataRecord } from '@odradek/protocol/records'
import { batchSizeAt, readBatchHeader, recordsOf } from '@odradek/records'
import type { ClusterView, TopicView } from '../cluster-view.ts'
import type { Metadata } from './metadata.ts'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'

/** Of what is much to do, on a machine that has much to do besides. */
const LONG_TEST_MS_MAX = 120_000

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

/** All that can be seen of it, in one value. */
function snapshot({ cluster, configs }: Metadata) {
  const topics = [...cluster.topics()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const own = (type: 'GROUP' | 'BROKER' | 'CLIENT_METRICS', name: string) => configs.describe(nodeId(1), type, name)
  return {
    nodes: cluster.nodes(),
    features: cluster.features().levels,
    topics: topics.map((topic) => ({ topic, configs: configs.describe(nodeId(1), 'TOPIC', topic.name) })),
    byId: topics.map(({ id }) => cluster.topicById(id)?.name),
    others: [own('GROUP', 'g'), own('BROKER', ''), own('BROKER', '1'), own('CLIENT_METRICS', 'm')],
  }
}

async function randomCommand(prng: SeededPrng, fixture: MetadataFixture): Promise<void> {
  const { metadata } = fixture
  const { controller, cluster } = metadata
  const name = `topic-${prng.below(8)}`
  const topic = cluster.topic(name)
  const configs = ['retention.ms', 'segment.ms']
    .slice(prng.below(3))
    .map((key) => ({ name: key, value: `${1 + prng.below(999)}` }))
  switch (prng.below(10)) {
    case 0:
    case 1:
      await controller.createTopics(
        [topicCommand(name, { partitions: 1 + prng.below(5), replicationFactor: 1 + prng.below(3), configs })],
        false,
      )
      return
    case 2:
      if (topic !== undefined) await controller.deleteTopics([topic.id])
      return
    case 3:
      await controller.createPartitions([{ name, count: prng.below(9), assignments: null }], false)
      return
    case 4: {
      const operations = configs.map((config) => ({
        ...config,
        operation: prng.below(2) === 0 ? ('SET' as const) : ('DELETE' as const),
      }))
      await controller.alterConfigs(nodeId(1), [{ type: 'TOPIC', name, replaceAll: false, operations }], false)
      return
    }
    case 5: {
      const replicas =
        prng.below(4) === 0 ? null : [1, 2, 3].map((id) => ((id + prng.below(9)) % 3) + 1).slice(prng.below(3))
      const partitions = [{ index: prng.below(3), replicas: replicas && [...new Set(replicas)] }]
      await controller.reassignPartitions({ allowsReplicationFactorChange: true, topics: [{ name, partitions }] })
      return
    }
    case 6:
      await fixture.stopNode(1 + prng.below(3))
      return
    case 7:
      await fixture.startNode(1 + prng.below(3))
      return
    case 8:
      await controller.electLeaders({ type: 'preferred', topics: null })
      return
    default: {
      const operations = [{ name: 'log.retention.ms', operation: 'SET' as const, value: `${1 + prng.below(999)}` }]
      const node = prng.below(2) === 0 ? '' : '1'
      const replaceAll = prng.below(2) === 0
      await controller.alterConfigs(nodeId(1), [{ type: 'BROKER', name: node, replaceAll, operations }], false)
    }
  }
}

/** After all that was begun is done, and every partition is with its preferred replica where that is up. */
function checkPartitions(cluster: ClusterView): void {
  const isUp = (id: NodeId) => cluster.node(id) !== undefined
  for (const { partitions } of cluster.topics()) {
    for (const { leader, replicas, inSyncReplicas, reassignment } of partitions) {
      const up = replicas.filter(isUp)
      expect(new Set(replicas).size).toBe(replicas.length)
      const first = replicas.slice(0, 1).filter(isUp)
      expect(up.length === 0 ? [-1] : first.length > 0 ? first : up).toContain(leader)
      if (up.length > 0) expect(new Set(inSyncReplicas)).toEqual(new Set(up))
      for (const id of reassignment?.adding ?? []) expect(replicas).toContain(id)
      const { adding, removing } = reassignment ?? { adding: [], removing: [] }
      const isOver = adding.every(isUp) && up.some((id) => !removing.includes(id))
      if (reassignment !== undefined) expect(isOver).toBe(false)
    }
  }
}

test(
  `what is seen after random commands is what a replay of the log shows (SEED=${SEED})`,
  async () => {
    const prng = new SeededPrng(SEED)
    const fixture = await MetadataFixture.start({ nodes: 3, seed: SEED })
    for (let step = 1; step <= 120; step++) {
      await fixture.settle(randomCommand(prng, fixture))
      await fixture.settle(fixture.metadata.rebalanceLeaders())
      checkPartitions(fixture.metadata.cluster)
      if (step % 40 === 0) expect(snapshot(await fixture.replayed())).toEqual(snapshot(fixture.metadata))
    }
    expect([...fixture.metadata.cluster.topics()].length).toBeGreaterThan(0)
    await fixture.restart(3)
    expect(snapshot(await fixture.replayed())).toEqual(snapshot(fixture.metadata))
  },
  LONG_TEST_MS_MAX,
)

test('a restart with the same nodes keeps topics, ids, leaders and epochs', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.create(topicCommand('a', { partitions: 4, replicationFactor: 2 }))
  const before = fixture.metadata.cluster.topic('a')
  await fixture.restart(3)
  expect(fixture.metadata.cluster.topic('a')).toEqual(before)
  expect(fixture.metadata.cluster.clusterId).toBe('Vx6BgXB8SUSvFYQeQXXtTg')
})

const leaders = (topic: TopicView | undefined) => topic?.partitions.map(({ leader }) => leader)
const nodeIds = (cluster: ClusterView) => cluster.nodes().map(({ id }) => id)

test('partitions of nodes that are gone find another leader, or none, and their epochs rise', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  const assigned = (...all: number[][]) => all.map((replicas, partition) => ({ partition, replicas }))
  const manual = { partitions: -1, replicationFactor: -1 }
  await fixture.create(topicCommand('a', { ...manual, assignments: assigned([3, 1], [2, 3], [1, 2]) }))
  await fixture.create(topicCommand('b', { ...manual, assignments: assigned([3]) }))
  expect(leaders(fixture.metadata.cluster.topic('a'))).toEqual([3, 2, 1])

  await fixture.restart(2)
  const { cluster } = fixture.metadata
  expect(nodeIds(cluster)).toEqual([1, 2])
  expect(cluster.topic('a')?.partitions).toMatchObject([
    { leader: 1, leaderEpoch: 1, inSyncReplicas: [1], replicas: [3, 1] },
    { leader: 2, leaderEpoch: 0, inSyncReplicas: [2] },
    { leader: 1, leaderEpoch: 0, partitionEpoch: 0 },
  ])
  expect(cluster.topic('b')?.partitions).toMatchObject([
    { leader: -1, leaderEpoch: 1, inSyncReplicas: [], eligible: { replicas: [3], lastKnown: [3] } },
  ])

  await fixture.restart(4)
  expect(nodeIds(fixture.metadata.cluster)).toEqual([1, 2, 3, 4])
  expect(fixture.metadata.cluster.topic('a')?.partitions).toMatchObject([
    { leader: 3, leaderEpoch: 2, inSyncReplicas: [1, 3] },
    { leader: 2, leaderEpoch: 0, inSyncReplicas: [2, 3] },
    { leader: 1, leaderEpoch: 0 },
  ])
  expect(fixture.metadata.cluster.topic('b')?.partitions).toMatchObject([{ leader: 3, leaderEpoch: 2 }])
})

test('a node’s epoch is the offset of its registration, and a new cluster has the levels that work', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.restart(2)
  const file = fixture.fs.readFileSync('data/__cluster_metadata-0/00000000000000000000.log') ?? new Uint8Array()
  const registrations: [epoch: bigint, offset: bigint][] = []
  const features: unknown[] = []
  for (let at = 0; at < file.length; at += batchSizeAt(file, at) ?? file.length) {
    if (readBatchHeader(file, at).isControl) continue
    for (const { offset, value } of recordsOf(file, { maxDecompressedBytes: 10_000 }, at)) {
      const record = decodeClusterMetadataRecord(value!)
      if (record?.name === 'RegisterBrokerRecord') registrations.push([record.value.brokerEpoch, BigInt(offset)])
      if (record?.name === 'FeatureLevelRecord') features.push(record.value)
    }
  }
  expect(registrations).toEqual([5n, 6n, 8n, 9n].map((offset) => [offset, offset]))
  expect(features).toEqual([
    { name: 'eligible.leader.replicas.version', featureLevel: 1 },
    { name: 'metadata.version', featureLevel: 33 },
    { name: 'transaction.version', featureLevel: 2 },
  ])
  const levels = new Map([
    ['eligible.leader.replicas.version', 1],
    ['metadata.version', 33],
    ['transaction.version', 2],
  ])
  expect(fixture.metadata.cluster.features()).toEqual({ epoch: 9n, levels })
})

test('levels change when somebody says so; what an older version made stays where it was', async () => {
  const fixture = await MetadataFixture.start({ features: { 'transaction.version': 0 } })
  const level = () => fixture.metadata.cluster.features().levels.get('transaction.version')
  expect(level()).toBeUndefined()
  await fixture.restart(1)
  expect(level()).toBeUndefined()
  await fixture.restart(1, { 'transaction.version': 1 })
  expect(level()).toBe(1)
  await fixture.restart(1)
  expect(level()).toBe(1)
  await fixture.restart(1, { 'transaction.version': 0 })
  expect(level()).toBeUndefined()
})

test('a command that runs into a bug of ours fails alone', async () => {
  const fixture = await MetadataFixture.start()
  const stranger = nodeId(99)
  await expect(fixture.settle(Promise.resolve(fixture.metadata.producerIds.next(stranger)))).rejects.toThrow()
  await fixture.create(topicCommand('a'))
  expect(fixture.metadata.cluster.topic('a')).toBeDefined()
})

test('subscribers have taken a change in before the command is answered, one after the other', async () => {
  const fixture = await MetadataFixture.start()
  const seen: string[] = []
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  fixture.metadata.subscribe(async () => {
    await held
    seen.push('first')
  })
  const end = fixture.metadata.subscribe(() => {
    seen.push('second')
  })
  const answer = fixture.metadata.controller.createTopics([topicCommand('a')], false).then(() => seen.push('answered'))
  const next = fixture.metadata.controller.createTopics([topicCommand('b')], false).then(() => seen.push('next'))
  await fixture.settle(new Promise((resolve) => setImmediate(resolve)))
  expect(seen).toEqual([])
  release()
  await fixture.settle(Promise.all([answer, next]))
  expect(seen).toEqual(['first', 'second', 'answered', 'first', 'second', 'next'])
  end()
  await fixture.create(topicCommand('c'))
  expect(seen).toEqual(['first', 'second', 'answered', 'first', 'second', 'next', 'first'])
})

test('a change says what was created, changed, configured and deleted', async () => {
  const fixture = await MetadataFixture.start()
  const { controller, cluster } = fixture.metadata
  fixture.changes.length = 0
  await fixture.create(topicCommand('a', { configs: [{ name: 'retention.ms', value: '5' }] }))
  const created = cluster.topic('a')
  await fixture.settle(controller.createPartitions([{ name: 'a', count: 2, assignments: null }], false))
  const grown = cluster.topic('a')
  const operations = [{ name: 'retention.ms', operation: 'SET' as const, value: '6' }]
  const change = { name: 'a', replaceAll: false, operations }
  await fixture.settle(controller.alterConfigs(nodeId(1), [{ ...change, type: 'TOPIC' }], false))
  const ofBroker = [{ name: 'log.retention.ms', operation: 'SET' as const, value: '6' }]
  await fixture.settle(
    controller.alterConfigs(nodeId(1), [{ type: 'BROKER', name: '', replaceAll: false, operations: ofBroker }], false),
  )
  await fixture.settle(controller.deleteTopics([created!.id]))
  expect(fixture.changes).toMatchObject([
    { topicsCreated: [created], topicsChanged: [], topicConfigsChanged: [], brokerConfigsChanged: false },
    { topicsCreated: [], topicsChanged: [{ before: created, after: grown }] },
    { topicsChanged: [], topicConfigsChanged: ['a'], brokerConfigsChanged: false },
    { topicConfigsChanged: [], brokerConfigsChanged: true },
    { topicsDeleted: [grown], topicConfigsChanged: [], topicsCreated: [] },
  ])
})

test('a validated command changes nothing', async () => {
  const fixture = await MetadataFixture.start()
  const { controller, cluster } = fixture.metadata
  const [result] = await fixture.settle(controller.createTopics([topicCommand('a', { partitions: 3 })], true))
  expect(result).toMatchObject({ error: 'NONE', partitions: 3, replicationFactor: 1 })
  expect(cluster.topic('a')).toBeUndefined()
})

test('a metadata log that cannot be written refuses every change, and what was answered stays', async () => {
  const fixture = await MetadataFixture.start({ diskBytes: 20_000 })
  const { controller, cluster } = fixture.metadata
  const answered: string[] = []
  let refused = 0
  for (let index = 0; index < 50; index++) {
    const command = topicCommand(`topic-${index}`, { partitions: 10 })
    const [result] = await fixture.settle(controller.createTopics([command], false))
    if (result?.error === 'NONE') answered.push(command.name)
    else refused++
    expect(result).toMatchObject(
      result?.error === 'NONE' ? { partitions: 10 } : { error: 'KAFKA_STORAGE_ERROR', partitions: -1 },
    )
  }
  expect(answered.length).toBeGreaterThan(3)
  expect(refused).toBeGreaterThan(3)
  expect([...cluster.topics()].map(({ name }) => name)).toEqual(answered)
  expect([...(await fixture.replayed()).cluster.topics()].map(({ name }) => name)).toEqual(answered)
})
