import { CommandLine, runLine } from './commands-fixture.ts'

let cluster: CommandLine

beforeAll(async () => {
  cluster = await CommandLine.start('orders:4', { 'odradek.brokers': '3' })
})
afterAll(() => cluster.stop())

test('brokers are shown with their addresses', async () => {
  const [described] = await cluster.rows('cluster describe')
  expect(described).toMatchObject({
    clusterId: expect.stringMatching(/^[\w-]{22}$/),
    brokers: cluster.bootstrap.split(',').map((address, index) => ({
      broker: index + 1,
      host: 'localhost',
      port: Number(address.split(':')[1]),
    })),
  })
})

test('features and API versions are shown', async () => {
  expect(await cluster.rows('cluster features')).toContainEqual(
    expect.objectContaining({ feature: 'metadata.version', level: expect.any(Number) }),
  )
  expect(await cluster.rows('cluster api-versions --broker 2')).toContainEqual({
    key: 18,
    api: 'ApiVersions',
    min: 0,
    max: 5,
  })
})

test('log directories of each broker have the partitions that it holds', async () => {
  const rows = await cluster.rows('log-dirs describe --topic orders')
  expect(rows).toHaveLength(4)
  expect(rows).toContainEqual(expect.objectContaining({ topic: 'orders', partition: 3, offsetLag: 0, moving: false }))
  expect(await cluster.rows('log-dirs describe --summary --broker 3')).toMatchObject([
    { broker: 3, bytes: expect.any(Number) },
  ])
  expect(await cluster.run('log-dirs describe --broker 9')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the cluster has no broker 9'),
  })
})

test('commands find leaders and coordinators among several brokers', async () => {
  await cluster.run('produce orders', { input: ['a\nb\nc\nd\n'] })
  const { stdout } = await cluster.run('consume orders --from-beginning --until-end')
  expect(stdout.trim().split('\n').sort()).toEqual(['a', 'b', 'c', 'd'])
  for (const group of ['one', 'two', 'three', 'four'])
    await cluster.run(`groups reset-offsets ${group} --topic orders --to-earliest --execute`)
  expect(await cluster.rows('groups list')).toHaveLength(4)
})

test('an address where nobody listens is named, with the way to name another', async () => {
  const { code, stderr } = await runLine('topics list --bootstrap localhost:1,[::1]:1', {})
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^odradek: localhost:1 cannot be reached: .*ECONNREFUSED.*; \[::1\]:1 cannot be reached: .*--bootstrap or ODRADEK_BOOTSTRAP/,
  )
})

test('the first address that answers is taken', async () => {
  const { code } = await runLine(`topics list --bootstrap localhost:1,${cluster.bootstrap}`, {})
  expect(code).toBe(0)
})

test.each([
  ['--bootstrap localhost:99999', {}, '--bootstrap: "localhost:99999" is no address'],
  ['--bootstrap PLAINTEXT://localhost:1', {}, 'is no address: write HOST:PORT'],
  ['', { ODRADEK_BOOTSTRAP: ',' }, 'ODRADEK_BOOTSTRAP is empty'],
  ['--timeout 0', {}, '--timeout 0: write a whole number from 1'],
])('topics list %s is refused', async (flags, environment: Record<string, string>, message) => {
  expect(await runLine(`topics list ${flags}`, environment)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message),
  })
})

test('help names every command, and each command its flags', async () => {
  const { stdout } = await runLine('--help', {})
  for (const noun of ['topics', 'configs', 'groups', 'produce', 'consume', 'log-dirs', 'cluster'])
    expect(stdout).toMatch(new RegExp(`^ +${noun} `, 'm'))
  const groups = await runLine('groups --help', {})
  expect(groups.stdout).toContain('reset-offsets')
  const reset = await runLine('groups reset-offsets --help', {})
  expect(reset).toMatchObject({ code: 0, stdout: expect.stringContaining('--by-duration') })
})
