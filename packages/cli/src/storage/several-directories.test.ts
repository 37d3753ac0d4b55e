import { resolve } from 'node:path'
import { MemoryFs } from '@odradek/log'
import { AlterReplicaLogDirs, ErrorCode, IncrementalAlterConfigs } from '@odradek/protocol'
import { call } from './call-fixture.ts'
import { Running } from './running-fixture.ts'
import { storage } from './storage-fixture.ts'

const BOTH = 'd,e'
const SEGMENT = '00000000000000000000.log'

/** Partition 0 of `orders` is in d, 1 in e; three records each. */
async function filled(): Promise<MemoryFs> {
  const fs = new MemoryFs()
  const running = await Running.on(fs, undefined, BOTH)
  for (let count = 0; count < 3; count++) for (const partition of [0, 1]) await running.produce(partition)
  await running.stop()
  return fs
}

const nameOf = (fs: MemoryFs) => fs.readdirSync('d').find((name) => /^[0-9a-f]{32}-0$/.test(name))!
const bytesOf = (fs: MemoryFs, path: string) => Buffer.from(fs.readFileSync(path) ?? [])
const idOf = (fs: MemoryFs, directory: string) =>
  /directory\.id=(\S+)/.exec(bytesOf(fs, `${directory}/meta.properties`).toString())![1]!

function write(fs: MemoryFs, path: string, content: string | Uint8Array): void {
  const file = fs.openSync(path, 'create')
  file.writeSync([Buffer.from(content)], 0)
  file.closeSync()
}

/** Copies partition 0 to e, of each file so many bytes. */
function copy(fs: MemoryFs, bytesMax = 1_000_000): void {
  const name = nameOf(fs)
  fs.mkdirSync(`e/${name}`)
  for (const file of fs.readdirSync(`d/${name}`)) {
    write(fs, `e/${name}/${file}`, bytesOf(fs, `d/${name}/${file}`).subarray(0, bytesMax))
  }
}

/** What a move has left that was interrupted at this moment, and where the log is then. */
const leftOvers: readonly (readonly [string, string, (fs: MemoryFs) => void])[] = [
  [
    'while it copied',
    'd',
    (fs) => {
      copy(fs, 100)
      fs.unlinkSync(`e/${nameOf(fs)}/partition.metadata`)
      write(fs, `e/${nameOf(fs)}.future`, 'version: 0\n')
      write(fs, `d/${nameOf(fs)}.moving`, `version: 0\nto: ${idOf(fs, 'e')}\n`)
    },
  ],
  [
    'a moment after the log went over',
    'e',
    (fs) => {
      copy(fs)
      const { length } = bytesOf(fs, `d/${nameOf(fs)}/${SEGMENT}`)
      write(fs, `e/${nameOf(fs)}.future`, 'version: 0\n')
      write(fs, `d/${nameOf(fs)}.moved`, `version: 0\nto: ${idOf(fs, 'e')}\nsynced: ${SEGMENT} ${length}\n`)
    },
  ],
  [
    'before a power cut took the end of the copy',
    'd',
    (fs) => {
      copy(fs, 300)
      write(fs, `e/${nameOf(fs)}.future`, 'version: 0\n')
      write(fs, `d/${nameOf(fs)}.moved`, `version: 0\nto: ${idOf(fs, 'e')}\n`)
    },
  ],
  [
    'before the old files were removed',
    'e',
    (fs) => {
      copy(fs)
      const old = `d/${nameOf(fs)}/${SEGMENT}`
      write(fs, old, bytesOf(fs, old).subarray(0, 100))
      write(fs, `d/${nameOf(fs)}.moved`, `version: 0\nto: ${idOf(fs, 'e')}\n`)
    },
  ],
]

describe.each(leftOvers)('a move that ended %s', (_, home, interrupt) => {
  let fs: MemoryFs

  beforeEach(async () => {
    fs = await filled()
    interrupt(fs)
  })

  test('is told as what it is, and no partition counts twice', async () => {
    const { code, stdout } = await storage(fs, `check ${BOTH}`)
    const other = home === 'd' ? 'e' : 'd'
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^3 partitions, .*: sound$/m)])
    expect(stdout).toContain(`note   ${other}/${nameOf(fs)}: is a copy that an interrupted move has left`)
    expect(stdout.split('\n')).toHaveLength(3)
  })

  test('is the same in a backup, restored and started', async () => {
    expect(await storage(fs, `backup ${BOTH} b`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ 3 partitions/),
    })
    expect(await storage(fs, 'restore b r,s')).toMatchObject({ code: 0, stderr: '' })
    expect((await storage(fs, 'check r,s')).code).toBe(0)
    const running = await Running.on(fs, undefined, 'r,s')
    expect([await running.fetch(0), await running.fetch(1)]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ])
    await running.produce(0)
    await running.stop()
    expect(await storage(fs, 'check r,s')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^3 partitions, .*: sound$/m),
    })
  })

  test('does not keep damage from being found and mended, once a start has decided', async () => {
    const path = `${home}/${nameOf(fs)}/${SEGMENT}`
    const bytes = bytesOf(fs, path)
    bytes[80] = (bytes[80] ?? 0) ^ 1
    write(fs, path, bytes)
    expect((await storage(fs, `check ${BOTH}`)).code).toBe(1)
    const { code, stderr } = await storage(fs, `repair ${BOTH} --all --skip-batch`)
    if (code !== 0) {
      expect(stderr).toContain('a move to another data directory was interrupted: start the broker once')
      await (await Running.on(fs, undefined, BOTH)).stop()
      expect((await storage(fs, `repair ${BOTH} --all --skip-batch`)).code).toBe(0)
    }
    expect((await storage(fs, `check ${BOTH}`)).code).toBe(0)
  })
})

test('a backup of a running broker that moves a log has all of it', async () => {
  const fs = await filled()
  const running = await Running.on(fs, undefined, BOTH)
  const configs = [{ name: 'replica.alter.log.dirs.io.max.bytes.per.second', configOperation: 0, value: '1000' }]
  const resources = [{ resourceType: 4, resourceName: '', configs }]
  const { responses } = await call(running.port, IncrementalAlterConfigs, 1, { resources, validateOnly: false })
  expect(responses).toMatchObject([{ errorCode: ErrorCode.NONE }])
  const dirs = [{ path: resolve('e'), topics: [{ name: 'orders', partitions: [0] }] }]
  const { results } = await call(running.port, AlterReplicaLogDirs, 2, { dirs })
  expect(results[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.NONE }])
  let next = 0
  // As soon as the copy has begun.
  while (!fs.readdirSync('e').some((name) => name.endsWith('.future')))
    next = await running.committed().catch(() => next)
  const backup = storage(fs, `backup ${BOTH} b`)
  await running.produce(0)
  expect(await backup).toMatchObject({ code: 0, stderr: '' })
  expect((await storage(fs, 'restore b r,s')).code).toBe(0)
  await running.stop()
  expect((await storage(fs, 'check r,s')).code).toBe(0)
  const restored = await Running.on(fs, undefined, 'r,s')
  const [first, second] = [await restored.fetch(0), await restored.fetch(1)]
  expect([first, second]).toEqual([expect.arrayContaining([0, 1, 2]), [0, 1, 2]])
  await restored.stop()
})

test('some of the directories alone are not all, and one of them twice is refused', async () => {
  const fs = await filled()
  const { code, stdout } = await storage(fs, 'check d')
  expect([code, stdout]).toEqual([1, expect.stringContaining('orders-1 lies in the directory with id')])
  fs.mkdirSync('f')
  write(fs, 'f/meta.properties', bytesOf(fs, 'e/meta.properties'))
  expect(await storage(fs, 'check d,e,f')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('e and f have the same directory.id'),
  })
})
