import { silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { brokerOn, SNAPSHOTS, storage } from './storage-fixture.ts'

async function stopped(more: Readonly<Record<string, string>> = {}): Promise<MemoryFs> {
  const fs = new MemoryFs()
  const broker = brokerOn(fs, 'orders:2,_a:1', silentLogger, 'd', more)
  await broker.start()
  await broker.stop()
  return fs
}

test('what is exported for Kafka can be imported, is sound, and a broker starts on it as the same cluster', async () => {
  const fs = await stopped()
  const exported = await storage(fs, 'export d k --node-id 1')
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(exported.stdout).toMatch(/^exported cluster \S{22}: \d+ topics, \d+ partitions\n/)
  expect(exported.stdout).toContain('\ncontroller.quorum.voters=1@')
  const imported = await storage(fs, 'import k e')
  expect(imported).toMatchObject({ code: 0, stderr: '' })
  expect(imported.stdout).toContain('start: odradek --data-dir e --node-id 1\n')
  expect((await storage(fs, 'check e')).stdout).toMatch(/: sound\n$/)
  const clusterId = /cluster (\S{22})/.exec(exported.stdout)?.[1]
  const broker = brokerOn(fs, 'orders:2', silentLogger, 'e')
  const started = await broker.start()
  await broker.stop()
  expect(started.clusterId).toBe(clusterId)
})

test('what only a snapshot says is exported, too', async () => {
  const fs = await stopped(SNAPSHOTS)
  // So that the newest snapshot is one of several, behind the start of the log.
  for (const topics of ['second:3', 'third:1']) {
    const broker = brokerOn(fs, topics, silentLogger, 'd', SNAPSHOTS)
    await broker.start()
    await broker.stop()
  }
  const starts = Buffer.from(fs.readFileSync('d/log-start-offset-checkpoint') ?? []).toString()
  expect(starts).toMatch(/AAAAAAAAAAAAAAAAAAAAAQ 0 [1-9]\d*\n/)
  expect(await storage(fs, 'export d k')).toMatchObject({ code: 0, stderr: '' })
  expect(await storage(fs, 'import k e')).toMatchObject({ code: 0, stderr: '' })
  for (const [topic, count] of [
    ['orders', 2],
    ['_a', 1],
    ['second', 3],
    ['third', 1],
  ] as const) {
    expect((await storage(fs, `check e --topic ${topic}`)).stdout).toContain(`${count} partitions`)
  }
})

test('what is asked for wrongly ends with code 2 and a sentence', async () => {
  const fs = await stopped()
  expect(await storage(fs, 'import d e')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('d is a data directory of odradek already'),
  })
  expect(await storage(fs, 'import nowhere e')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nowhere is not there'),
  })
  expect(await storage(fs, 'export d d')).toMatchObject({ code: 2, stderr: expect.stringContaining('d is not empty') })
  expect(await storage(fs, 'export d d/k')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('d/k is within d;'),
  })
  expect(await storage(fs, 'export d k')).toMatchObject({ code: 0 })
  expect(await storage(fs, 'import k k/e')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('k/e is within k;'),
  })
  expect(fs.readdirSync('k/e')).toEqual([])
  expect(await storage(fs, 'export d k --node-id 2147483648')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--node-id 2147483648'),
  })
})
