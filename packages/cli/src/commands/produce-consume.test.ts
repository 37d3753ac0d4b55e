import { CommandLine } from './commands-fixture.ts'

let cluster: CommandLine

beforeAll(async () => {
  cluster = await CommandLine.start('lines:1,codecs:1,spread:4,copies:4,tail:1,grouped:2,odd:1,cut:1')
})
afterAll(() => cluster.stop())

test('lines become records, and come out as they went in, whatever the chunks are', async () => {
  const input = ['one\ntw', 'o\n', 'thr\u00e9e\r\nlast']
  expect(await cluster.run('produce lines', { input })).toEqual({
    code: 0,
    stdout: '',
    stderr: 'sent 4 records to lines\n',
  })
  expect(await cluster.run('consume lines --from-beginning --until-end')).toEqual({
    code: 0,
    stdout: 'one\ntwo\nthr\u00e9e\nlast\n',
    stderr: '',
  })
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s goes both ways, alone and in a group', async (codec) => {
  const values = Array.from({ length: 50 }, (_, at) => `${codec}-${at}`)
  await cluster.run(`produce codecs --compression ${codec}`, { input: [values.join('\n')] })
  const alone = await cluster.run('consume codecs --from-beginning --until-end')
  expect(alone.stdout.split('\n').filter((line) => line.startsWith(codec))).toEqual(values)
  const count = alone.stdout.split('\n').length - 1
  const member = await cluster.run(`consume codecs --group ${codec} --from-beginning --max-records ${count}`)
  expect(member.stdout).toBe(alone.stdout)
})

test('what consume shows as JSON produce takes: keys, headers, tombstones, and bytes that are no text', async () => {
  const records = [
    { key: 'a', value: 'text', headers: { h: 'x', twice: ['1', '2'] }, partition: 2, timestamp: 5000 },
    { key: 'b', value: null, headers: {}, partition: 0, timestamp: 6000 },
    { key: null, value: { base64: '/wD+' }, headers: {}, partition: 3, timestamp: 7000 },
  ]
  const lines = records.map((record) => `${JSON.stringify(record)}\n`)
  const answers = await cluster.rows('produce spread', { input: [lines.join('')] })
  expect(answers).toHaveLength(3)
  expect(answers).toContainEqual({ topic: 'spread', partition: 2, offset: 0 })
  const shown = await cluster.run('consume spread --from-beginning --until-end --json')
  await cluster.run('produce copies --json', { input: [shown.stdout] })
  const copies = await cluster.rows('consume copies --from-beginning --until-end')
  for (const record of records) expect(copies).toContainEqual({ topic: 'copies', offset: 0, ...record })
  expect(copies).toHaveLength(3)
})

test('keys stand before a separator, and are shown when asked for', async () => {
  await cluster.run('produce odd --key-separator :: --header from=test', { input: ['k::v::w\n'] })
  expect((await cluster.run('consume odd --from-beginning --until-end --keys')).stdout).toBe('k\tv::w\n')
  expect(await cluster.rows('consume odd --from-beginning --until-end')).toMatchObject([{ headers: { from: 'test' } }])
  const { code, stderr } = await cluster.run('produce odd --key-separator ::', { input: ['plain\n'] })
  expect([code, stderr]).toEqual([1, 'odradek: no "::" in this line: plain\n'])
})

test('without a place to begin only what comes is shown, until someone asks to stop', async () => {
  await cluster.run('produce tail', { input: ['before\n'] })
  let produced: Promise<unknown> | null = null
  const consumed = cluster.run('consume tail', {
    onOutput: (stdout, askToStop) => {
      if (stdout.includes('after')) askToStop()
    },
  })
  // The consumer looks up where the end is before it shows anything: records are sent until it has.
  let isDone = false
  void consumed.then(() => {
    isDone = true
  })
  while (!isDone) {
    produced = cluster.run('produce tail', { input: ['after\n'] })
    await produced
  }
  const { code, stdout } = await consumed
  expect(code).toBe(0)
  expect(stdout).toMatch(/^(after\n)+$/)
})

test('a place to begin: an offset, a time', async () => {
  const at = (timestamp: number) => `{"value":"${timestamp}","timestamp":${timestamp}}\n`
  await cluster.run('produce cut --json', { input: [at(1000), at(2000), at(3000), at(4000)] })
  const values = async (words: string) => (await cluster.run(`consume cut ${words}`)).stdout.trim().split('\n')
  expect(await values('--partition 0 --offset 2 --until-end')).toEqual(['3000', '4000'])
  expect(await values('--from-time 1970-01-01T00:00:01.001Z --max-records 2')).toEqual(['2000', '3000'])
  expect(await values('--from-time 2100-01-01T00:00:00Z --until-end')).toEqual([''])
  await cluster.run('topics delete-records cut --partition 0 --before 3')
  expect(await values('--partition 0 --offset 0 --until-end')).toEqual(['4000'])
  const beyond = await cluster.run('consume cut --partition 0 --offset 99')
  expect([beyond.code, beyond.stderr]).toEqual([1, 'odradek: cut-0 has no offset 99: it has 3 to 4\n'])
})

test('a group goes on where it was, and has committed what was shown and no more', async () => {
  await cluster.run('produce grouped --partition 0', { input: ['1\n2\n3\n4\n5\n'] })
  expect((await cluster.run('consume grouped --group g --from-beginning --max-records 2')).stdout).toBe('1\n2\n')
  expect(await cluster.rows('groups describe g')).toMatchObject([
    { partitions: expect.arrayContaining([expect.objectContaining({ partition: 0, currentOffset: 2, lag: 3 })]) },
  ])
  expect((await cluster.run('consume grouped --group g --max-records 3')).stdout).toBe('3\n4\n5\n')
})

test('records of an aborted transaction are left out when asked for', async () => {
  const { Kafka, logLevel } = await import('kafkajs')
  const kafka = new Kafka({ brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ transactionalId: 't', maxInFlightRequests: 1, idempotent: true })
  await cluster.run('topics create settled --partitions 1')
  await producer.connect()
  for (const outcome of ['commit', 'abort', 'commit'] as const) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'settled', messages: [{ value: outcome }] })
    await transaction[outcome]()
  }
  await producer.disconnect()
  const shown = async (flag: string) =>
    (await cluster.run(`consume settled --from-beginning --until-end ${flag}`)).stdout
  expect(await shown('')).toBe('commit\nabort\ncommit\n')
  expect(await shown('--read-committed')).toBe('commit\ncommit\n')
})

test.each([
  ['produce t --acks 2', '--acks 2: write all, 1 or 0'],
  ['produce t --compression lzma', '--compression lzma: write one of none, gzip'],
  ['consume t --offset 3', '--offset needs --partition'],
  ['consume t --group g --partition 1', '--group goes on where the group is'],
  ['consume t --max-records 0', '--max-records 0: write a whole number from 1 on'],
  ['consume t --from-beginning --from-time 0', '--from-beginning and --from-time exclude each other'],
])('%s is refused: %s', async (line, message) => {
  expect(await cluster.run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

test.each(['{"value":', '[1]', '{"timestamp":1.5}', '{"headers":1}'])('%s is no record', async (line) => {
  const { code, stderr } = await cluster.run('produce odd --json', { input: [line] })
  expect([code, stderr]).toEqual([1, expect.stringContaining(`odradek: ${line}: is no record; write {"key": "k"`)])
})
