import { MemoryFs } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import { Running } from './running-fixture.ts'
import { storage } from './storage-fixture.ts'

function change(fs: MemoryFs, path: string, at: number): void {
  const file = fs.openSync(path, 'append')
  file.writeSync([Buffer.from([0xa5])], at)
  file.closeSync()
}

/** The directory of `orders-0`, which alone holds records. */
function partitionOf(fs: MemoryFs, directory: string): string | undefined {
  return fs.readdirSync(directory).find((name) => /^[0-9a-f]{32}-0$/.test(name))
}

/** A stopped broker's directory `d` with six batches, and a backup `b` of it. */
async function backedUp(): Promise<MemoryFs> {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  for (let index = 0; index < 6; index++) await running.produce(0)
  await running.stop()
  expect(await storage(fs, 'backup d b')).toMatchObject({ code: 0, stderr: '' })
  return fs
}

test('a backup of a running broker is of one moment, and a broker starts on what it restores', async () => {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  for (let index = 0; index < 20; index++) await running.produce(0)
  while ((await running.commit(20)) !== ErrorCode.NONE);
  let isDone = false
  const load = (async () => {
    for (let next = 21; !isDone; next++) {
      await running.produce(0)
      expect(await running.commit(next)).toBe(0)
    }
  })()
  const backup = await storage(fs, 'backup d b --json')
  isDone = true
  await load
  expect(backup).toMatchObject({ code: 0, stderr: '' })
  expect(JSON.parse(backup.stdout)).toMatchObject({ target: 'b', partitions: 53, bytes: expect.any(Number) })
  expect(fs.readdirSync('d').filter((name) => name.startsWith('.odradek-backup'))).toEqual([])
  expect((await storage(fs, 'check b')).code).toBe(0)
  expect(await storage(fs, 'restore b r')).toMatchObject({ code: 0, stderr: '' })
  const restored = await Running.on(fs, undefined, 'r')
  const [before, after] = [await running.fetch(0), await restored.fetch(0)]
  if (typeof before === 'number' || typeof after === 'number') throw new Error('not readable')
  expect(after.length).toBeGreaterThanOrEqual(20)
  expect(after).toEqual(before.slice(0, after.length))
  const committed = await restored.committed()
  // The load commits each batch after it was acknowledged: in a cut at one moment at most the last is not committed.
  expect([after.length, after.length - 1]).toContain(committed)
  expect(restored.clusterId).toBe(running.clusterId)
  await restored.produce(0)
  await Promise.all([restored.stop(), running.stop()])
  expect((await storage(fs, 'check r')).code).toBe(0)
  expect((await storage(fs, 'check d')).code).toBe(0)
})

test('a stopped broker’s directory is copied without it', async () => {
  const fs = await backedUp()
  expect(await storage(fs, 'restore b r')).toMatchObject({ code: 0 })
  const restored = await Running.on(fs, undefined, 'r')
  expect(await restored.fetch(0)).toEqual([0, 1, 2, 3, 4, 5])
  await restored.stop()
})

test.each([
  ['b/odradek-backup.json', 'is no backup, or one that was never finished'],
  ['b/meta.properties', 'is missing'],
])('a backup without %s is refused, and nothing is left', async (path, message) => {
  const fs = await backedUp()
  fs.unlinkSync(path)
  const { code, stderr } = await storage(fs, 'restore b r')
  expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
  expect(fs.readdirSync('r')).toEqual([])
})

test('a changed byte is found when a backup is restored', async () => {
  const fs = await backedUp()
  change(fs, `b/${partitionOf(fs, 'b')}/00000000000000000000.log`, 300)
  const { code, stderr } = await storage(fs, 'restore b r')
  expect([code, stderr]).toEqual([1, expect.stringContaining('has changed since the backup')])
  expect(fs.readdirSync('r')).toEqual([])
})

test('what is changed or cut off in a restored directory is damage, not the torn tail of a crash', async () => {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  for (let index = 0; index < 6; index++) await running.produce(0)
  // No recovery point of the source covers the last ones.
  expect((await storage(fs, 'backup d b')).code).toBe(0)
  await running.stop()
  for (const [target, at, kind] of [
    ['changed', 'last', 'damaged-bytes'],
    ['shorter', 'end', 'missing-records'],
  ] as const) {
    expect((await storage(fs, `restore b ${target}`)).code).toBe(0)
    const path = `${target}/${partitionOf(fs, target)}/00000000000000000000.log`
    const file = fs.openSync(path, 'append')
    const batchBytes = file.size() / 6
    if (at === 'end') file.truncateSync(batchBytes * 5)
    else file.writeSync([Buffer.from([0xa5])], batchBytes * 5 + 150)
    file.closeSync()
    const { code, stdout } = await storage(fs, `check ${target} --json`)
    expect([code, JSON.parse(stdout).findings]).toMatchObject([
      1,
      [{ kind, fromOffset: 5, isBelowRecoveryPoint: true }],
    ])
    const restored = await Running.on(fs, undefined, target)
    expect(await restored.fetch(0)).toBe(ErrorCode.KAFKA_STORAGE_ERROR)
    await restored.stop()
  }
})

test('a torn tail that the source had is one in its backup too', async () => {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  for (let index = 0; index < 6; index++) await running.produce(0)
  await running.stop()
  fs.unlinkSync('d/.odradek_cleanshutdown')
  const path = `d/${partitionOf(fs, 'd')}/00000000000000000000.log`
  const file = fs.openSync(path, 'append')
  const begin = Buffer.alloc(100)
  file.readSync(begin, 0, begin.length, 0)
  file.writeSync([begin], file.size())
  file.closeSync()
  expect((await storage(fs, 'backup d b')).code).toBe(0)
  const checked = await storage(fs, 'check b --json')
  expect([checked.code, JSON.parse(checked.stdout).findings]).toMatchObject([0, [{ kind: 'torn-tail', fromOffset: 6 }]])
  expect((await storage(fs, 'restore b r')).code).toBe(0)
  const restored = await Running.on(fs, undefined, 'r')
  expect(await restored.fetch(0)).toEqual([0, 1, 2, 3, 4, 5])
  await restored.stop()
})

test.each([
  ['backup d d/inside', 2, 'd/inside is within d;'],
  ['backup d,d c', 2, 'd is named twice in d,d'],
  ['restore b b/inside', 2, 'b/inside is within b;'],
  ['restore b d/meta.properties', 2, 'd/meta.properties is a file'],
  ['backup d b', 1, 'b is not empty'],
  ['backup d b --rate 0', 2, '--rate 0: write a number'],
  ['backup nowhere c', 2, 'nowhere is no directory'],
  ['restore b d', 2, 'd is not empty'],
  ['restore b r,s', 1, 'is of 1 data directories, and 2 were named'],
  ['restore d r', 1, 'd is no backup'],
])('%s is refused', async (line, code, message) => {
  expect(await storage(await backedUp(), line)).toMatchObject({ code, stderr: expect.stringContaining(message) })
})

test('the broker’s own refusal is what the command says, and the broker goes on', async () => {
  const fs = await backedUp()
  const running = await Running.on(fs)
  const { code, stderr } = await storage(fs, 'backup d b')
  expect([code, stderr]).toEqual([1, 'odradek: b is not empty; name a new directory\n'])
  await running.produce(0)
  await running.stop()
})

test('of two backups that are asked for at once one is refused, and none waits for ever', async () => {
  const fs = await backedUp()
  const running = await Running.on(fs)
  const answers = await Promise.all([storage(fs, 'backup d one'), storage(fs, 'backup d two')])
  expect(answers.map(({ code }) => code).sort()).toEqual([0, 1])
  expect(answers.find(({ code }) => code === 1)?.stderr).toContain('another backup has been asked for')
  await running.stop()
})

test('a broker that ends during the backup leaves no backup, and the command says so', async () => {
  const fs = new MemoryFs()
  const running = await Running.on(fs)
  await running.produce(0)
  const backup = storage(fs, 'backup d b --rate 0.000001')
  while (fs.readdirSync('b').length === 0) await new Promise((resolve) => setImmediate(resolve))
  await running.stop()
  expect(await backup).toMatchObject({ code: 1, stderr: expect.stringContaining('before the backup was finished') })
  expect(fs.readdirSync('b')).toEqual([])
  expect((await storage(fs, 'check d')).code).toBe(0)
})
