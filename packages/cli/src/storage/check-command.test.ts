import { MemoryFs } from '@odradek/log'
import { brokerOn, storage } from './storage-fixture.ts'

async function stopped(): Promise<MemoryFs> {
  const fs = new MemoryFs()
  const broker = brokerOn(fs, 'orders:2,_a:1')
  await broker.start()
  await broker.stop()
  return fs
}

function flip(fs: MemoryFs, path: string, at: number): void {
  const handle = fs.openSync(path, 'append')
  const byte = Buffer.alloc(1)
  handle.readSync(byte, 0, 1, at)
  handle.writeSync([Buffer.from([byte.readUInt8(0) ^ 1])], at)
  handle.closeSync()
}

const METADATA_LOG = 'd/__cluster_metadata-0/00000000000000000000.log'

test('a stopped broker’s directory is sound, and may be looked at in part', async () => {
  const fs = await stopped()
  const whole = await storage(fs, 'check d')
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  expect(whole.stdout).toMatch(/^4 partitions, \d+ segments, \d+ batches, \d+ bytes: sound\n$/)
  const { code, stdout } = await storage(fs, 'check d --topic orders --partition 1 --json')
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { isSound: true, partitions: 1, segments: 0, batches: 0, bytes: 0, findings: [] },
  ])
})

test('damage is told with its place and the command that mends it', async () => {
  const fs = await stopped()
  flip(fs, METADATA_LOG, 90)
  const { code, stdout } = await storage(fs, 'check d')
  expect(code).toBe(1)
  expect(stdout).toContain(`DAMAGE __cluster_metadata-0: ${METADATA_LOG}, bytes 0 to `)
  expect(stdout).toContain('offsets 0 to 0, below the recovery point')
  expect(stdout).toContain('repair: odradek storage repair d --metadata --truncate')
})

test('a broker that uses the directory is named, and nothing is read', async () => {
  const fs = new MemoryFs()
  const broker = brokerOn(fs, 'orders')
  await broker.start()
  const { code, stderr } = await storage(fs, 'check d')
  expect([code, stderr]).toEqual([2, 'odradek: data directory d: a broker is using it; stop it first\n'])
  await broker.stop()
})

test.each([
  ['check nowhere', 'nowhere is no directory'],
  ['check .', 'meta.properties is missing'],
  ['check d --topic other', 'there is no topic other here'],
  ['check d --topic orders --partition 2', 'there is no partition orders-2 here'],
  ['check d --partition 2', '--partition needs --topic'],
  ['check d --topic orders --partition x', '--partition x: write a number from 0 on'],
  ['check', "missing required argument 'data_dir'"],
  ['check d --jsn', '--json'],
  ['chek d', "unknown command 'chek'"],
])('%s is refused: %s', async (line, message) => {
  const { code, stderr } = await storage(await stopped(), line)
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

test('help tells what there is', async () => {
  const { code, stdout } = await storage(new MemoryFs(), '--help')
  expect(code).toBe(0)
  expect(stdout).toContain('check')
})
