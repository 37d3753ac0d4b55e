import { CommandLine } from './commands-fixture.ts'

let cluster: CommandLine

beforeAll(async () => {
  cluster = await CommandLine.start('orders:3', { 'num.partitions': '2', 'auto.create.topics.enable': 'true' })
})
afterAll(() => cluster.stop())

test('a topic is made, described, given more partitions and deleted', async () => {
  expect(await cluster.run('topics create made --partitions 1 --config retention.ms=5000')).toEqual({
    code: 0,
    stdout: 'created made, 1 partition\n',
    stderr: '',
  })
  const [described] = await cluster.rows('topics describe made')
  expect(described).toMatchObject({
    topic: 'made',
    internal: false,
    configs: { 'retention.ms': '5000' },
    partitions: [{ partition: 0, leader: 1, replicas: [1], isr: [1], offline: [] }],
  })
  expect(await cluster.run('topics alter made --partitions 4')).toMatchObject({
    code: 0,
    stdout: 'made has 4 partitions\n',
  })
  expect(await cluster.rows('topics list')).toContainEqual(expect.objectContaining({ topic: 'made', partitions: 4 }))
  expect(await cluster.run('topics delete made')).toMatchObject({ code: 0, stdout: 'deleted made\n' })
  expect(await cluster.rows('topics list')).not.toContainEqual(expect.objectContaining({ topic: 'made' }))
})

test('the table has a line for each topic, under names in capitals', async () => {
  const { stdout } = await cluster.run('topics list')
  const [head, row] = stdout.split('\n')
  expect(head).toMatch(/^TOPIC {2,}PARTITIONS {2,}REPLICAS {2,}INTERNAL {2,}ID$/)
  expect(row).toMatch(/^orders {2,}3 {2,}1 {2,}false {2,}[\w-]{22}$/)
})

test('the broker decides how many partitions there are, unless it is said', async () => {
  expect(await cluster.rows('topics create decided')).toEqual([{ topic: 'decided', created: true, partitions: 2 }])
  await cluster.run('topics delete decided')
})

test('what goes wrong for one topic is told, and the others are done', async () => {
  const { code, stdout, stderr } = await cluster.run('topics create one orders two')
  expect([code, stdout]).toEqual([1, 'created one, 2 partitions\ncreated two, 2 partitions\n'])
  expect(stderr).toMatch(/^odradek: topic orders: TOPIC_ALREADY_EXISTS: .*--if-not-exists/)
  expect(await cluster.run('topics create orders --if-not-exists')).toMatchObject({
    code: 0,
    stdout: 'orders is there already\n',
  })
  expect(await cluster.run('topics delete one two three --if-exists')).toMatchObject({
    code: 0,
    stdout: 'deleted one\ndeleted two\nthere is no three\n',
  })
})

test('only asking whether it could be done changes nothing', async () => {
  expect(await cluster.run('topics create maybe --validate-only')).toMatchObject({
    code: 0,
    stdout: 'maybe could be created\n',
  })
  expect((await cluster.run('topics alter orders --partitions 2 --validate-only')).stderr).toMatch(/INVALID_PARTITIONS/)
  expect(await cluster.rows('topics list')).toHaveLength(1)
})

test('asking about a topic does not make it', async () => {
  for (const line of ['topics describe ghost', 'topics offsets ghost', 'consume ghost --until-end']) {
    const { code, stderr } = await cluster.run(line)
    expect([line, code]).toEqual([line, 1])
    expect(stderr).toMatch(/topic ghost: UNKNOWN_TOPIC_OR_PARTITION: there is none; see odradek topics list/)
  }
  expect(await cluster.rows('topics list')).toHaveLength(1)
})

test('offsets follow records, times and deletions', async () => {
  await cluster.run('produce orders --partition 1 --json', {
    input: ['{"value":"a","timestamp":1000}\n{"value":"b","timestamp":3000}\n{"value":"c","timestamp":2000}\n'],
  })
  const offsets = async (flags: string) => (await cluster.rows(`topics offsets orders${flags}`))[1]
  expect(await offsets('')).toEqual({ topic: 'orders', partition: 1, earliest: 0, latest: 3, records: 3 })
  expect(await offsets(' --time 1970-01-01T00:00:01.500Z')).toMatchObject({ offset: 1, timestamp: 3000 })
  expect(await offsets(' --time max-timestamp')).toMatchObject({ offset: 1, timestamp: 3000 })
  expect(await offsets(' --time 2026-01-01T00:00:00Z')).toMatchObject({ offset: null })
  expect(await cluster.run('topics delete-records orders --partition 1 --before 2')).toMatchObject({
    stdout: 'orders-1 begins at offset 2\n',
  })
  expect((await cluster.run('topics delete-records orders --partition 1 --before 9')).stderr).toContain(
    'OFFSET_OUT_OF_RANGE',
  )
  await cluster.run('topics delete-records orders --all')
  expect(await offsets('')).toMatchObject({ earliest: 3, latest: 3, records: 0 })
})

test.each([
  ['topics create', "missing required argument 'topics'; see odradek topics create --help"],
  ['topics create t --partitions 0', '--partitions 0: write a whole number from 1 to 2147483647'],
  ['topics create t --replication-factor 32768', '--replication-factor 32768: write a whole number from 1 to 32767'],
  ['topics create t --config retention.ms', '--config retention.ms: write KEY=VALUE'],
  ['topics create t --assignment 1:x', '--assignment 1:x: broker id x: write a whole number from 0'],
  ['topics create t --assignment 1 --partitions 1', 'leave out the other flags'],
  ['topics alter t', 'topics alter needs --partitions COUNT'],
  ['topics delete-records t', 'needs --before OFFSET or --all'],
  ['topics delete-records t --before 3', '--before needs --partition'],
  ['topics offsets t --time noon', '--time noon: write milliseconds since 1970'],
  ['topics', 'say what to do; see odradek topics --help'],
  ['topics lst', "unknown command 'lst' (Did you mean list?); see odradek topics --help"],
])('%s is refused: %s', async (line, message) => {
  const { code, stdout, stderr } = await cluster.run(line)
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)])
})
