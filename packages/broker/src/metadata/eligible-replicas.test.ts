import { nodeId } from '@odradek/core'
import type { ConfigChange } from './controller.ts'
import { MIN_IN_SYNC_KEY } from './eligible-replicas.ts'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'

const FEATURE = 'eligible.leader.replicas.version'
const NODE = nodeId(1)
const OFF = { [FEATURE]: 0 }

const assigned = (...replicas: number[]) => ({
  ...{ partitions: -1, replicationFactor: -1 },
  assignments: [{ partition: 0, replicas }],
})

/** In sync | eligible | last known. */
function membersOf(fixture: MetadataFixture, topic: string): string {
  const partition = fixture.metadata.cluster.topic(topic)?.partitions[0]
  const { replicas = [], lastKnown = [] } = partition?.eligible ?? {}
  return [partition?.inSyncReplicas, replicas, lastKnown].join('|')
}

async function setMinInSync(fixture: MetadataFixture, type: ConfigChange['type'], name: string, value: string | null) {
  const operation = value === null ? 'DELETE' : 'SET'
  const change: ConfigChange = {
    type,
    name,
    replaceAll: false,
    operations: [{ operation, name: MIN_IN_SYNC_KEY, value }],
  }
  const { controller } = fixture.metadata
  const [outcome] = await fixture.settle(controller.alterConfigs(NODE, [change], false))
  return outcome?.error
}

test('who was in sync is eligible once fewer than wanted are, until enough are again', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  const configs = [{ name: MIN_IN_SYNC_KEY, value: '2' }]
  await fixture.create(topicCommand('t', { ...assigned(1, 2, 3), configs }))
  const steps: [node: number, isUp: boolean, members: string][] = [
    [3, false, '1,2||'],
    [2, false, '1|2|'],
    [1, false, '|1,2|1'],
    [1, true, '1|2|'],
    [2, true, '1,2||'],
  ]
  for (const [node, isUp, members] of steps) {
    await (isUp ? fixture.startNode(node) : fixture.stopNode(node))
    expect(membersOf(fixture, 't')).toBe(members)
  }
})

test('a topic with fewer replicas than wanted counts these alone', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2, entries: { [MIN_IN_SYNC_KEY]: '3' } })
  await fixture.create(topicCommand('t', assigned(1, 2)))
  expect(membersOf(fixture, 't')).toBe('1,2||')
  await fixture.stopNode(2)
  expect(membersOf(fixture, 't')).toBe('1|2|')
})

test('a smaller min.insync.replicas forgets them', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.create(topicCommand('t', { ...assigned(1, 2), configs: [{ name: MIN_IN_SYNC_KEY, value: '2' }] }))
  await fixture.stopNode(2)
  expect(membersOf(fixture, 't')).toBe('1|2|')
  await setMinInSync(fixture, 'TOPIC', 't', '1')
  await fixture.idle()
  expect(membersOf(fixture, 't')).toBe('1||')
})

test('they are still there after a restart, and gone with the feature', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.create(topicCommand('t', assigned(2)))
  await fixture.restart(1)
  expect(membersOf(fixture, 't')).toBe('|2|2')
  await fixture.restart(1)
  expect(membersOf(fixture, 't')).toBe('|2|2')
  const { controller } = fixture.metadata
  const update = { name: FEATURE, level: 0, type: 'safe-downgrade' } as const
  expect((await fixture.settle(controller.updateFeatures([update], false))).error).toBe('NONE')
  expect(membersOf(fixture, 't')).toBe('||')
})

test('a start that takes the feature away leaves nobody eligible, though replicas go with it', async () => {
  const fixture = await MetadataFixture.start({ nodes: 3 })
  await fixture.create(topicCommand('t', { ...assigned(1, 2, 3), configs: [{ name: MIN_IN_SYNC_KEY, value: '3' }] }))
  await fixture.stopNode(3)
  expect(membersOf(fixture, 't')).toBe('1,2|3|')
  await fixture.restart(1, OFF)
  expect(membersOf(fixture, 't')).toBe('1||')
  await fixture.restart(3, { [FEATURE]: 1 })
  await fixture.stopNode(1)
  expect(membersOf(fixture, 't')).toBe('2,3|1|')
})

describe('one min.insync.replicas for the whole cluster', () => {
  const ofCluster = (fixture: MetadataFixture, name = '') =>
    fixture.metadata.configs.describe(NODE, 'BROKER', name).entries.find((entry) => entry.name === MIN_IN_SYNC_KEY)

  test('a new cluster has what its first process was started with', async () => {
    const fixture = await MetadataFixture.start({ entries: { [MIN_IN_SYNC_KEY]: '2' } })
    expect(ofCluster(fixture)).toMatchObject({ value: '2', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' })
  })

  test('brokers lose their own when the feature comes, and what is set for the cluster stays', async () => {
    const fixture = await MetadataFixture.start({ features: OFF })
    expect(await setMinInSync(fixture, 'BROKER', '1', '3')).toBe('NONE')
    expect(await setMinInSync(fixture, 'BROKER', '', '2')).toBe('NONE')
    const { controller } = fixture.metadata
    await fixture.settle(controller.updateFeatures([{ name: FEATURE, level: 1, type: 'upgrade' }], false))
    expect(ofCluster(fixture)?.value).toBe('2')
    expect(ofCluster(fixture, '1')).toMatchObject({ value: '2', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' })
  })

  test.each([
    ['1', '1', 'INVALID_CONFIG'],
    ['', null, 'INVALID_CONFIG'],
    ['', '2', 'NONE'],
    ['1', null, 'INVALID_CONFIG'],
  ])('broker %j, %j: %s', async (name, value, error) => {
    const fixture = await MetadataFixture.start()
    expect(await setMinInSync(fixture, 'BROKER', name, value)).toBe(error)
  })
})
