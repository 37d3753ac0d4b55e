import { MemoryFs } from '@odradek/log'
import { brokerOn, storage } from './storage-fixture.ts'

const METADATA_LOG = 'd/__cluster_metadata-0/00000000000000000000.log'

async function run(fs: MemoryFs, topics: string): Promise<void> {
  const broker = brokerOn(fs, topics)
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
