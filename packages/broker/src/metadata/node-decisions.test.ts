import { MetadataFixture, topicCommand } from './metadata-fixture.ts'

const assigned = (...assignments: number[][]) => ({
  partitions: -1,
  replicationFactor: -1,
  assignments: assignments.map((replicas, partition) => ({ partition, replicas })),
})

/** As three brokers of Kafka 4.4 have been seen to do it. */
test('others in sync lead in place of a node that goes down, in the order of the replicas', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.create(topicCommand('c', assigned([1, 2, 3], [2, 3, 1], [3, 1, 2])), topicCommand('s', assigned([3])))
  await fixture.stopNode(3)
  expect(fixture.partitions('c')).toEqual(['1/0 1,2,3|1,2', '2/0 2,3,1|2,1', '1/1 3,1,2|1,2'])
  expect(fixture.partitions('s')).toEqual(['-1/1 3|'])
  expect(fixture.metadata.cluster.nodes().map(({ id }) => id)).toEqual([1, 2])
  const { changes } = fixture
  await fixture.stopNode(3)
  expect(fixture.changes).toBe(changes)
  await fixture.startNode(3)
  expect(fixture.partitions('c')).toEqual(['1/0 1,2,3|1,2,3', '2/0 2,3,1|1,2,3', '1/1 3,1,2|1,2,3'])
  expect(fixture.partitions('s')).toEqual(['3/2 3|3'])
})

test('a start of the process brings back all of its nodes', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.create(topicCommand('c', assigned([3, 1])))
  await fixture.stopNode(3)
  await fixture.restart(3)
  expect(fixture.partitions('c')).toEqual(['3/2 3,1|1,3'])
})

test('leaders are given back where the preferred replica is up', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.create(topicCommand('c', assigned([3, 1], [2, 3])))
  await fixture.stopNode(3)
  await fixture.settle(fixture.metadata.rebalanceLeaders())
  expect(fixture.partitions('c')).toEqual(['1/1 3,1|1', '2/0 2,3|2'])
  await fixture.startNode(3)
  await fixture.settle(fixture.metadata.rebalanceLeaders())
  expect(fixture.partitions('c')).toEqual(['3/2 3,1|1,3', '2/0 2,3|2,3'])
})

test('new partitions are placed on nodes that are up, and on others only where these are too few', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.stopNode(2)
  await fixture.create(topicCommand('two', { partitions: 6, replicationFactor: 2 }))
  for (const row of fixture.partitions('two')) expect(row).toMatch(/^[13]\/0 [13],[13]\|/)
  await fixture.create(topicCommand('three', { partitions: 2, replicationFactor: 3 }))
  for (const row of fixture.partitions('three')) expect(row).toMatch(/^[13]\/0 [13],[13],2\|[13],[13]$/)
  const refused = await fixture.settle(
    fixture.metadata.controller.createTopics(
      [topicCommand('down', assigned([2])), topicCommand('c', { replicationFactor: 4 })],
      false,
    ),
  )
  expect(refused.map(({ error }) => error)).toEqual(['INVALID_REPLICA_ASSIGNMENT', 'INVALID_REPLICATION_FACTOR'])
})

test('with no node up no topic can be made', async () => {
  const fixture = await MetadataFixture.start()
  await fixture.stopNode(1)
  const [result] = await fixture.settle(fixture.metadata.controller.createTopics([topicCommand('a')], false))
  expect(result?.error).toBe('INVALID_REPLICATION_FACTOR')
})
