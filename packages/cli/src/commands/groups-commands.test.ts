import { Kafka, logLevel } from 'kafkajs'
import { CommandLine } from './commands-fixture.ts'

let cluster: CommandLine

beforeAll(async () => {
  cluster = await CommandLine.start('orders:2,mail:1')
  const lines = Array.from(
    { length: 10 },
    (_, at) => `{"value":"${at}","partition":${at % 2},"timestamp":${1000 * at}}\n`,
  )
  await cluster.run('produce orders --json', { input: lines })
})
afterAll(() => cluster.stop())

async function committed(groupId: string): Promise<unknown> {
  const [group] = await cluster.rows(`groups describe ${groupId}`)
  return group
}

const commit = (groupId: string, words: string) => cluster.run(`groups reset-offsets ${groupId} ${words} --execute`)

test('a group’s offsets are shown with what lies behind them', async () => {
  await commit('lagging', '--topic orders:1 --to-offset 2')
  expect(await committed('lagging')).toEqual({
    group: 'lagging',
    type: 'classic',
    state: 'Empty',
    assignor: '',
    coordinator: cluster.bootstrap,
    memberCount: 0,
    partitions: [
      {
        topic: 'orders',
        partition: 1,
        currentOffset: 2,
        logEndOffset: 5,
        lag: 3,
        member: null,
        host: null,
        client: null,
      },
    ],
  })
  expect((await cluster.run('groups describe lagging')).stdout).toMatch(
    /^group lagging: Empty, 0 members, coordinator .*\nTOPIC +PART/,
  )
  expect(await cluster.rows('groups list --state empty')).toContainEqual({
    group: 'lagging',
    type: expect.stringMatching(/classic/i),
    protocol: expect.any(String),
    state: 'Empty',
  })
})

test('nothing is changed without --execute', async () => {
  await commit('dry', '--topic orders --to-latest')
  const { stderr } = await cluster.run('groups reset-offsets dry --topic orders --to-earliest')
  expect(stderr).toContain('--execute does it')
  expect(await committed('dry')).toMatchObject({ partitions: [{ currentOffset: 5 }, { currentOffset: 5 }] })
})

test.each([
  ['--to-earliest', [0, 0]],
  ['--to-latest', [5, 5]],
  ['--to-current', [3, 3]],
  ['--to-offset 4', [4, 4]],
  ['--shift-by -2', [1, 1]],
  ['--shift-by 1', [4, 4]],
  // Timestamps of partition 0 are 0, 2000, 4000 …, those of partition 1 are 1000, 3000 …
  ['--to-datetime 1970-01-01T00:00:02.500Z', [2, 1]],
  ['--to-datetime 2100-01-01T00:00:00Z', [5, 5]],
  ['--by-duration PT1H', [5, 5]],
  ['--by-duration P36500D', [0, 0]],
])('%s', async (way, offsets) => {
  await commit('reset', '--topic orders --to-offset 3')
  expect((await commit('reset', `--topic orders ${way}`)).code).toBe(0)
  expect(await committed('reset')).toMatchObject({ partitions: offsets.map((currentOffset) => ({ currentOffset })) })
})

test('an offset that the log does not have becomes the nearest, and that is said', async () => {
  const { stderr, stdout } = await cluster.run('groups reset-offsets far --topic orders:0 --to-offset 99 --json')
  expect(stderr).toContain('orders-0 has no offset 99: 5 is the nearest')
  expect(JSON.parse(stdout)).toMatchObject({ newOffset: 5, currentOffset: null })
})

test('offsets come from a file, in the form of Kafka’s own tool', async () => {
  const files = { 'o.csv': '"orders",0,1\norders,1,2\n\n' }
  expect((await cluster.run('groups reset-offsets filed --from-file o.csv --execute', { files })).code).toBe(0)
  expect(await committed('filed')).toMatchObject({ partitions: [{ currentOffset: 1 }, { currentOffset: 2 }] })
  const bad = await cluster.run('groups reset-offsets filed --from-file o.csv', {
    files: { 'o.csv': 'orders,0,1\norders,0\n' },
  })
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('o.csv:2: write TOPIC,PARTITION,OFFSET') })
  expect(await cluster.run('groups reset-offsets filed --from-file none.csv')).toMatchObject({ code: 2 })
})

test('single offsets and whole groups are deleted', async () => {
  await commit('doomed', '--topic orders --to-earliest')
  expect(await cluster.run('groups delete-offsets doomed --topic orders:1')).toMatchObject({ code: 0 })
  expect(await committed('doomed')).toMatchObject({ partitions: [{ partition: 0 }] })
  const { code, stdout, stderr } = await cluster.run('groups delete nobody doomed')
  expect([code, stdout]).toEqual([1, 'deleted doomed\n'])
  expect(stderr).toMatch(/group nobody: GROUP_ID_NOT_FOUND: there is none; see odradek groups list/)
  expect(await cluster.run('groups describe doomed')).toMatchObject({ code: 1 })
})

test('members are shown, and nothing is changed behind their backs', async () => {
  const kafka = new Kafka({ clientId: 'reader', brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: 'busy' })
  await consumer.connect()
  await consumer.subscribe({ topics: ['orders', 'mail'], fromBeginning: true })
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve))
  await consumer.run({ eachMessage: async () => {} })
  await joined
  const [group] = await cluster.rows('groups describe busy --members')
  expect(group).toMatchObject({
    state: 'Stable',
    memberCount: 1,
    members: [
      { client: 'reader', instance: null, assigned: expect.arrayContaining(['orders-0', 'orders-1', 'mail-0']) },
    ],
  })
  expect(await committed('busy')).toMatchObject({
    partitions: expect.arrayContaining([expect.objectContaining({ topic: 'mail', logEndOffset: 0, client: 'reader' })]),
  })
  expect(await commit('busy', '--topic orders --to-latest')).toMatchObject({
    code: 1,
    stderr: 'odradek: group busy is stable: stop its members first\n',
  })
  expect((await cluster.run('groups delete busy')).stderr).toContain('NON_EMPTY_GROUP: it has members; stop them first')
  expect((await cluster.run('groups delete-offsets busy --topic orders:0')).stderr).toContain(
    'GROUP_SUBSCRIBED_TO_TOPIC',
  )
  await consumer.disconnect()
})

test.each([
  ['groups reset-offsets g --topic orders', 'say where to: --to-earliest'],
  ['groups reset-offsets g --to-latest', 'name the partitions by --topic'],
  ['groups reset-offsets g --to-latest --to-earliest --all-topics', '--to-earliest and --to-latest exclude each other'],
  ['groups reset-offsets g --all-topics --by-duration 5', '--by-duration 5: write a duration as PT1H30M'],
  ['groups reset-offsets g --topic orders:x --to-latest', '--topic orders:x: partition x: write a whole number'],
  ['groups reset-offsets g --topic orders: --to-latest', 'write NAME or NAME:0,1,2'],
  ['groups reset-offsets g --from-file f --all-topics', '--from-file names the partitions'],
])('%s is refused: %s', async (line, message) => {
  expect(await cluster.run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

test('there is nothing to shift where nothing is committed', async () => {
  const { code, stderr } = await cluster.run('groups reset-offsets fresh --topic mail --shift-by 1')
  expect([code, stderr]).toEqual([1, 'odradek: mail-0: nothing is committed that could be shifted\n'])
})
