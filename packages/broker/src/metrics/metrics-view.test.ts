import { nodeId } from '@odradek/core'
import { Fetch, Produce } from '@odradek/protocol'
import type { BrokerSettings } from '../config/settings.ts'
import { batchOf, fetchRequest, produceRequest } from '../data-requests.ts'
import { GroupFixture } from '../group-fixture.ts'
import { givenServices } from '../harness.ts'
import { PushedSeries } from '../telemetry/pushed-series.ts'
import { MetricsView } from './metrics-view.ts'
import type { MetricSources } from './sources.ts'

/** One node, unless the labels of several are looked at. */
function sourcesOf(from: GroupFixture, nodeIds = [1]): MetricSources {
  return {
    services: givenServices({ ...from.services(), pushed: new PushedSeries(() => 10) }, []),
    connections: {
      acceptedCount: (node) => 2 + node,
      refusedCount: 1,
      heldBytes: 10,
      countByListener: (node) => new Map([['PLAINTEXT', 1 + node]]),
    },
    nodeIds: nodeIds.map(nodeId),
    softwareVersion: '1.2.3',
    durability: 'device',
  }
}

async function scrape(
  from: GroupFixture,
  format: 'prometheus' | 'openmetrics' = 'prometheus',
  nodeIds = [1],
): Promise<string> {
  return (await from.settle(new MetricsView(sourcesOf(from, nodeIds)).text(format))).text
}

/** The values of one metric, by their labels as they are written. */
function values(text: string, name: string): Record<string, number> {
  const rows = text
    .split('\n')
    .map((line) => /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line))
    .filter((match) => match?.[1] === name)
  return Object.fromEntries(rows.map((match) => [match?.[2]?.replaceAll('"', '') ?? '', Number(match?.[3])]))
}

function limited(from: GroupFixture, limits: Partial<BrokerSettings>): GroupFixture {
  from.settings = { ...from.settings, ...limits }
  return from
}

test('partitions, and what is wrong with them', async () => {
  const from = new GroupFixture()
  await from.createTopic('a', { partitions: 2 })
  await from.createTopic('b', { replicas: [1, 2, 3], inSyncReplicas: [1, 2], settings: { minInsyncReplicas: 3 } })
  await from.createTopic('c', { leader: -1, replicas: [2] })
  await from.createTopic('d', { replicas: [1, 2], inSyncReplicas: [1], settings: { minInsyncReplicas: 1 } })
  const reassignment = { adding: [nodeId(2)], removing: [nodeId(3)] }
  await from.createTopic('e', { replicas: [1, 2, 3], inSyncReplicas: [1, 2, 3], reassignment })
  const text = await scrape(from)
  expect(values(text, 'kafka_cluster_partition_underreplicated')).toEqual({
    'topic=a,partition=0': 0,
    'topic=a,partition=1': 0,
    'topic=b,partition=0': 1,
    'topic=c,partition=0': 0,
    'topic=d,partition=0': 1,
    'topic=e,partition=0': 0,
  })
  const ones = (name: string) =>
    Object.entries(values(text, name)).flatMap(([labels, value]) => (value === 1 ? [labels] : []))
  expect(ones('kafka_cluster_partition_underminisr')).toEqual(['topic=b,partition=0'])
  expect(ones('kafka_cluster_partition_atminisr')).toEqual([
    'topic=a,partition=0',
    'topic=a,partition=1',
    'topic=d,partition=0',
  ])
  const single = (name: string) => values(text, name)['']
  expect(single('kafka_server_replicamanager_partitioncount')).toBe(5)
  expect(single('kafka_server_replicamanager_leadercount')).toBe(5)
  expect(single('kafka_server_replicamanager_underreplicatedpartitions')).toBe(2)
  expect(single('kafka_server_replicamanager_underminisrpartitioncount')).toBe(1)
  expect(single('kafka_server_replicamanager_atminisrpartitioncount')).toBe(3)
  expect(single('kafka_server_replicamanager_reassigningpartitions')).toBe(1)
  expect(single('kafka_server_replicamanager_offlinereplicacount')).toBe(0)
  expect(single('kafka_controller_kafkacontroller_offlinepartitionscount')).toBe(1)
  expect(single('kafka_controller_kafkacontroller_preferredreplicaimbalancecount')).toBe(1)
  expect(single('kafka_controller_kafkacontroller_globaltopiccount')).toBe(5)
  expect(values(text, 'odradek_build_info')).toEqual({
    'version=1.2.3,cluster_id=L2odPFt-T4CRorPE1eb3CA,durability=device': 1,
  })
})

test('what is produced and fetched counts by topic and in all; a repeat does not, what is refused does as such', async () => {
  const from = new GroupFixture()
  await from.createTopic('a')
  await from.createTopic('b')
  const client = from.client()
  const batch = batchOf(['one', 'two'])
  for (const acks of [1, 0]) await from.settle(client.send(Produce, 9, produceRequest('a', batch, { acks })))
  await from.settle(client.send(Produce, 9, produceRequest('b', null)))
  await from.settle(client.send(Produce, 9, produceRequest('missing', batch)))
  await from.settle(client.send(Fetch, 12, fetchRequest('a')))
  await from.settle(client.send(Fetch, 12, fetchRequest('missing')))
  const text = await scrape(from)
  const of = (name: string) => values(text, `kafka_server_brokertopicmetrics_${name}_total`)
  expect(of('messagesin')).toEqual({ '': 4, 'topic=a': 4, 'topic=b': 0 })
  expect(of('bytesin')).toEqual({ '': 2 * batch.length, 'topic=a': 2 * batch.length, 'topic=b': 0 })
  expect(of('bytesout')).toMatchObject({ 'topic=a': 2 * batch.length })
  expect(of('totalproducerequests')).toEqual({ '': 4, 'topic=a': 2, 'topic=b': 1 })
  expect(of('failedproducerequests')).toEqual({ '': 2, 'topic=a': 0, 'topic=b': 1 })
  expect(of('totalfetchrequests')).toMatchObject({ '': 2, 'topic=a': 1 })
  expect(of('failedfetchrequests')).toEqual({ '': 1, 'topic=a': 0, 'topic=b': 0 })
  expect(values(text, 'kafka_log_log_size')['topic=a,partition=0']).toBe(2 * batch.length)
})

test('a group lags behind by what it has not committed', async () => {
  const from = new GroupFixture()
  await from.createTopic('t', { partitions: 2 })
  await from.createTopic('__consumer_offsets', { partitions: 3 })
  const client = from.client()
  await from.settle(client.send(Produce, 9, produceRequest('t', batchOf(['1', '2', '3']))))
  await from.commit('g', { 0: 1, 1: 0 })
  await from.stableGroup('members')
  const text = await scrape(from)
  expect(values(text, 'kafka_consumergroup_lag')).toEqual({
    'consumergroup=g,topic=t,partition=0': 2,
    'consumergroup=g,topic=t,partition=1': 0,
  })
  expect(values(text, 'kafka_consumergroup_current_offset')).toMatchObject({ 'consumergroup=g,topic=t,partition=0': 1 })
  const manager = (name: string) => values(text, `kafka_coordinator_group_groupmetadatamanager_${name}`)['']
  expect(['numgroups', 'numoffsets', 'numgroupsstable', 'numgroupsempty'].map(manager)).toEqual([2, 2, 1, 1])
})

describe('label values have limits, and past them there is one row for all others', () => {
  test.each([
    [3, {}],
    [2, { 'topic=<other>': 5 }],
  ])('odradek.metrics.topics.max: %i topics', async (topicsMax, others) => {
    const from = new GroupFixture()
    from.metrics.topicsMax = topicsMax
    for (const [index, name] of ['a', 'b', 'c'].entries())
      from.metrics.of(nodeId(1)).topics.of(name).messagesIn = index + 3
    const text = await scrape(from)
    const rows = values(text, 'kafka_server_brokertopicmetrics_messagesin_total')
    const named = Object.keys(others).length === 0 ? { 'topic=c': 5 } : others
    expect(rows).toEqual({ '': 12, 'topic=a': 3, 'topic=b': 4, ...named })
    expect(values(text, 'odradek_metrics_left_out')['of=topics']).toBe(3 - topicsMax)
  })

  test.each([
    [3, { 'topic=a,partition=2': 1 }],
    [2, { 'topic=<other>,partition=<other>': 1 }],
  ])('odradek.metrics.partitions.max: %i partitions', async (metricsPartitionsMax, last) => {
    const from = limited(new GroupFixture(), { metricsPartitionsMax })
    await from.createTopic('a', { partitions: 3 })
    const text = await scrape(from)
    expect(values(text, 'kafka_cluster_partition_replicascount')).toEqual({
      'topic=a,partition=0': 1,
      'topic=a,partition=1': 1,
      ...last,
    })
    expect(values(text, 'odradek_metrics_left_out')['of=partitions']).toBe(3 - metricsPartitionsMax)
  })

  test.each([
    [2, { 'consumergroup=g,topic=t,partition=1': 5 }],
    [1, { 'consumergroup=<other>,topic=<other>,partition=<other>': 5 }],
  ])('odradek.metrics.group.partitions.max: %i offsets of groups', async (metricsGroupPartitionsMax, last) => {
    const from = limited(new GroupFixture(), { metricsGroupPartitionsMax })
    await from.createTopic('t', { partitions: 2 })
    await from.createTopic('__consumer_offsets')
    await from.commit('g', { 0: 4, 1: 5 })
    const text = await scrape(from)
    expect(values(text, 'kafka_consumergroup_current_offset')).toEqual({
      'consumergroup=g,topic=t,partition=0': 4,
      ...last,
    })
    expect(values(text, 'odradek_metrics_left_out')['of=group_partitions']).toBe(2 - metricsGroupPartitionsMax)
  })
})

test('of 10,000 partitions the clients have a turn after every 1,000 rows, and two who ask together get one answer', async () => {
  const from = new GroupFixture()
  const topic = await from.createTopic('many')
  const [view] = topic.partitions
  const one = from.partitions.find(topic, 0)
  const many = { ...topic, partitions: Array.from({ length: 10_000 }, (_, index) => ({ ...view!, index })) }
  from.cluster.byName.set('many', many)
  from.partitions.find = () => one
  let turns = 0
  const { soon } = from.clock
  from.clock.soon = (run) => {
    turns++
    soon.call(from.clock, run)
  }
  const metrics = new MetricsView(sourcesOf(from))
  const [first, second] = await from.settle(Promise.all([metrics.text('prometheus'), metrics.text('prometheus')]))
  expect(first).toBe(second)
  expect(Object.keys(values(first.text, 'kafka_log_log_size'))).toHaveLength(10_000)
  const perPartition = 8
  expect(turns).toBeGreaterThan(perPartition * (10_000 / 1000))
})

describe('several nodes in one process are told apart by a label', () => {
  test('what each leads and has replicas of, serves, coordinates and is connected to', async () => {
    const from = new GroupFixture()
    await from.createTopic('a', { leader: 1, replicas: [1, 2] })
    await from.createTopic('b', { leader: 2, replicas: [2, 1], inSyncReplicas: [2] })
    await from.settle(from.client().send(Produce, 9, produceRequest('a', batchOf(['one']))))
    const text = await scrape(from, 'prometheus', [1, 2])
    const manager = (name: string) => values(text, `kafka_server_replicamanager_${name}`)
    expect(manager('partitioncount')).toEqual({ 'node=1': 2, 'node=2': 2 })
    expect(manager('leadercount')).toEqual({ 'node=1': 1, 'node=2': 1 })
    expect(manager('underreplicatedpartitions')).toEqual({ 'node=1': 0, 'node=2': 1 })
    expect(values(text, 'kafka_server_brokertopicmetrics_messagesin_total')).toEqual({
      'node=1': 1,
      'topic=a,node=1': 1,
      'node=2': 0,
    })
    const sockets = (name: string) => values(text, `kafka_server_socket_server_metrics_connection_${name}`)
    expect(sockets('count')).toEqual({ 'listener=PLAINTEXT,node=1': 2, 'listener=PLAINTEXT,node=2': 3 })
    expect(sockets('creation_total')).toEqual({ 'node=1': 3, 'node=2': 4 })
    expect(values(text, 'kafka_controller_kafkacontroller_globalpartitioncount')).toEqual({ '': 2 })
    expect(values(text, 'kafka_log_log_size')).toHaveProperty(['topic=a,partition=0'])
  })

  test('a node that is stopped is not running', async () => {
    const from = new GroupFixture()
    const text = await scrape(from, 'prometheus', [1, 99])
    expect(values(text, 'kafka_server_kafkaserver_brokerstate')).toEqual({ 'node=1': 3, 'node=99': 0 })
  })
})

test('OpenMetrics: counters are declared without _total, and the end is marked', async () => {
  const text = await scrape(new GroupFixture(), 'openmetrics')
  expect(text).toContain('# TYPE kafka_server_brokertopicmetrics_messagesin counter\n')
  expect(text).toContain('\nkafka_server_brokertopicmetrics_messagesin_total 0\n')
  expect(text).toMatch(/\n# TYPE process_cpu_user_seconds counter\nprocess_cpu_user_seconds_total /)
  expect(text.endsWith('\n# EOF\n')).toBe(true)
})
