import { silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { brokerOn, SNAPSHOTS, storage } from './storage-fixture.ts'

const METADATA_LOG = 'd/__cluster_metadata-0/00000000000000000000.log'

async function run(fs: MemoryFs, topics: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const broker = brokerOn(fs, topics, silentLogger, 'd', more)
  await broker.start()
  await broker.stop()
}

test('the metadata log is cut only when that is said, and logs whose topics are lost are kept', async () => {
  const fs = new MemoryFs()
  await run(fs, 'first:1')
  const keptBytes = fs.statSync(METADATA_LOG)?.sizeBytes ?? 0
  await run(fs, 'second:2')
  const file = fs.openSync(METADATA_LOG, 'append')
  file.writeSync([Buffer.from([0xff])], keptBytes + 40)
  file.closeSync()
  await expect(brokerOn(fs, '').start()).rejects.toThrow('metadata log')
  expect(await storage(fs, 'repair d --all --truncate')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the metadata log is damaged; mend it first'),
  })
  const mended = await storage(fs, 'repair d --metadata --truncate')
  expect(mended).toMatchObject({ code: 0, stderr: '' })
  expect(mended.stdout).toMatch(/cut at offset \d+; changes of topics and configs after it are lost/)
  expect(fs.readdirSync('d').filter((name) => name.endsWith('.stray'))).toHaveLength(2)
  expect((await storage(fs, 'check d')).code).toBe(0)
  await run(fs, '')
  const { stdout } = await storage(fs, 'check d --topic first')
  expect(stdout).toContain('1 partitions')
})

test('damage in front of a snapshot: what it says is kept, and what came after it is lost', async () => {
  const fs = new MemoryFs()
  await run(fs, 'first:1', { ...SNAPSHOTS, 'metadata.max.retention.bytes': '-1' })
  await run(fs, 'second:2')
  const file = fs.openSync(METADATA_LOG, 'append')
  file.writeSync([Buffer.from([0xff])], 40)
  file.closeSync()
  const { stdout } = await storage(fs, 'check d')
  expect(stdout).toContain('repair d --metadata --truncate')
  const mended = await storage(fs, 'repair d --metadata --truncate')
  expect(mended).toMatchObject({ code: 0, stderr: '' })
  const [, cutAt, keptTo] =
    /cut at offset (\d+); a snapshot has what was before offset (\d+), changes of topics and configs after it are lost/.exec(
      mended.stdout,
    ) ?? []
  expect(Number(keptTo)).toBeGreaterThan(Number(cutAt))
  expect(fs.readdirSync('d').filter((name) => name.endsWith('.stray'))).toHaveLength(2)
  expect((await storage(fs, 'check d')).code).toBe(0)
  for (let start = 0; start < 2; start++) {
    await run(fs, 'third:1')
    for (const [topic, found] of [
      ['first', '1 partitions'],
      ['third', '1 partitions'],
    ] as const) {
      expect((await storage(fs, `check d --topic ${topic}`)).stdout).toContain(found)
    }
    expect((await storage(fs, 'check d --topic second')).code).not.toBe(0)
  }
})

test.each([
  ['repair d --topic a', 'say one of --truncate, --skip-batch, --indexes'],
  ['repair d --topic a --truncate --skip-batch', 'say one of --truncate'],
  ['repair d --truncate', 'say one of --topic NAME [--partition N], --all, --metadata'],
  ['repair d --truncate --all --metadata', 'say one of --topic'],
  ['repair d --metadata --skip-batch', 'use --truncate'],
  ['repair d --topic b --truncate', 'there is no topic b here'],
])('%s is refused: %s', async (line, message) => {
  const fs = new MemoryFs()
  await run(fs, 'a')
  const { code, stderr } = await storage(fs, line)
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

test('there is nothing to mend in a sound directory, and no epoch is raised', async () => {
  const fs = new MemoryFs()
  await run(fs, 'a')
  const before = fs.readFileSync(METADATA_LOG)
  expect(await storage(fs, 'repair d --all --skip-batch')).toEqual({
    code: 0,
    stdout: expect.stringContaining('nothing to repair'),
    stderr: '',
  })
  expect(fs.readFileSync(METADATA_LOG)).toEqual(before)
})
