import { CommandLine } from './commands-fixture.ts'

let cluster: CommandLine

beforeAll(async () => {
  cluster = await CommandLine.start('orders:1', { 'odradek.brokers': '2', listeners: 'PLAINTEXT://localhost:0' })
})
afterAll(() => cluster.stop())

test('configs of a topic are set, added to, taken out of and given back', async () => {
  // What a new cluster sets for all topics, as Kafka's does.
  const ofCluster = { key: 'min.insync.replicas', value: '1', source: 'cluster', readOnly: false }
  const changed = () => cluster.rows('configs describe topic orders')
  expect(await changed()).toEqual([ofCluster])
  await cluster.run('configs alter topic orders --set retention.ms=7 --append cleanup.policy=compact')
  expect(await changed()).toEqual([
    { key: 'cleanup.policy', value: 'delete,compact', source: 'topic', readOnly: false },
    ofCluster,
    { key: 'retention.ms', value: '7', source: 'topic', readOnly: false },
  ])
  const { code, stdout } = await cluster.run(
    'configs alter topic orders --subtract cleanup.policy=delete --delete retention.ms',
  )
  expect([code, stdout]).toEqual([0, 'altered topic orders\n'])
  expect(await changed()).toMatchObject([{ key: 'cleanup.policy', value: 'compact' }, ofCluster])
})

test('what has no configs of its own says so', async () => {
  expect(await cluster.run('configs describe group breakfast')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'group breakfast: all at their defaults; --all shows them\n',
  })
})

test('defaults are shown when asked for, and single keys', async () => {
  expect((await cluster.rows('configs describe topic orders --all')).length).toBeGreaterThan(20)
  expect(await cluster.rows('configs describe topics orders --key segment.bytes')).toEqual([
    { key: 'segment.bytes', value: '1073741824', source: 'default', readOnly: false },
  ])
})

test('a broker is asked about itself, and all brokers about what is set for all', async () => {
  const [own] = await cluster.rows('configs describe broker 2 --key node.id')
  expect(own).toMatchObject({ value: '2', readOnly: true })
  await cluster.run('configs alter broker --set log.cleaner.threads=2')
  expect(await cluster.rows('configs describe broker')).toMatchObject([
    { key: 'log.cleaner.threads', value: '2', source: 'cluster' },
    { key: 'min.insync.replicas', value: '1', source: 'cluster' },
  ])
})

test('what the broker refuses is told in its own words', async () => {
  const { code, stderr } = await cluster.run('configs alter topic orders --set retention.ms=soon')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^odradek: topic orders: INVALID_CONFIG: .*soon/)
  expect((await cluster.run('configs alter topic ghost --set retention.ms=1')).stderr).toContain(
    'topic ghost: UNKNOWN_TOPIC',
  )
  expect((await cluster.run('configs describe broker 77')).code).toBe(1)
})

test('whatever has configs is listed', async () => {
  expect(await cluster.rows('configs list --type topic')).toEqual([{ type: 'topic', name: 'orders' }])
  expect(await cluster.rows('configs list')).toContainEqual({ type: 'broker', name: '2' })
})

test.each([
  ['configs describe topics', 'name the topic'],
  ['configs describe users u', '"users" has no configs: write one of topic, broker'],
  ['configs describe broker one', 'broker id one: write a whole number'],
  ['configs alter topic orders', 'needs --set, --delete, --append or --subtract'],
])('%s is refused: %s', async (line, message) => {
  expect(await cluster.run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})
