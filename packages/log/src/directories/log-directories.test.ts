import { setImmediate } from 'node:timers/promises'
import { type LogFields, ManualClock, SeededPrng } from '@odradek/core'
import { IDENTITY, LogRun, settle } from '../contract/log-run.ts'
import { SimFs } from '../contract/sim/sim-fs.ts'
import { diskLogDirectories } from '../disk-log-store.ts'
import { defaultLogConfig } from '../log-config.ts'
import type { LogDirectories } from './log-directories.ts'

const clock = new ManualClock()
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAA'
const partition = (index: number) => ({ ...IDENTITY, partition: index })

let fs: SimFs
let lines: string[]
let recorded: string[]
/** Directories that take no new partitions. */
let cordoned: string

beforeEach(() => {
  fs = new SimFs()
  lines = []
  recorded = []
  cordoned = ''
})

function openAll(ids = 'ABC', offline: Record<string, string> = {}): LogDirectories {
  const log = (message: string, fields: LogFields = {}) =>
    void lines.push([message, ...Object.values(fields)].join(' '))
  const logger = { debug: () => {}, info: log, warn: log, error: log }
  const directories = [...ids].map((id) => ({
    ...{ id, root: id, path: `/${id}`, takesPartitions: true, failure: offline[id] ?? null },
  }))
  const store = diskLogDirectories({ fs, directories, clock, logger, prng: new SeededPrng(1) })
  const record = async ({ partition: index }: { partition: number }, id: string) => void recorded.push(`${index} ${id}`)
  store.attach({ record, isCordoned: (root) => cordoned.includes(root), moveBytesPerSecondMax: () => Number.MAX_VALUE })
  return store
}

const engine = { clock, turn: () => setImmediate(), store: openAll, isDurable: true, dispose: async () => {} }
const done = <T>(value: Promise<T>): Promise<T> => settle(engine, value)
const open = (store: LogDirectories, index: number, id?: string) =>
  done(store.open(partition(index), defaultLogConfig, id))
const placeOf = (store: LogDirectories, index: number) => store.placeOf(partition(index))?.directory.path

test('partitions go where the metadata has them, and those without a place to the emptiest directory', async () => {
  const store = openAll()
  await open(store, 0, 'B')
  for (const index of [1, 2, 3]) await open(store, index, UNASSIGNED)
  expect([0, 1, 2, 3].map((index) => placeOf(store, index)).join()).toBe('/B,/A,/C,/A')
  expect(recorded).toEqual(['1 A', '2 C', '3 A'])
  await done(store.close())
  const again = openAll()
  // Files that somebody has moved by hand stay where they are now.
  await open(again, 0, 'A')
  expect(placeOf(again, 0)).toBe('/B')
  expect(recorded.at(-1)).toBe('0 B')
  expect(again.list()).toHaveLength(4)
})

test('a directory that is not there takes its partitions offline, and they are not made anew', async () => {
  const first = openAll()
  for (const id of 'ABC') await open(first, 'ABC'.indexOf(id), id)
  await done(first.close())
  const second = openAll('ABC', { B: 'not mounted' })
  expect((await open(second, 0, 'A')).failure).toBeNull()
  await expect(open(second, 1, 'B')).rejects.toThrow('its directory /B is offline: not mounted')
  expect(second.directories()).toMatchObject([{ failure: null }, { failure: 'not mounted' }, { failure: null }])
  expect(second.directories()[1]?.space()).toBeNull()
  expect([second.directoryError('/B'), second.directoryError('/X')]).toEqual([
    'KAFKA_STORAGE_ERROR',
    'LOG_DIR_NOT_FOUND',
  ])
  // Kafka too begins no move while there may be a copy that cannot be seen.
  expect(second.move(partition(0), '/C')).toBe('KAFKA_STORAGE_ERROR')
  await done(second.close())
  const third = openAll('AC')
  await expect(open(third, 1, 'B')).rejects.toThrow(/with id B, is not among log.dirs: name it there again/)
  await done(third.close())
  expect((await open(openAll(), 1, 'B')).failure).toBeNull()
})

test('a disk that fails takes all logs of its directory with it, and no other', async () => {
  const store = openAll('AB')
  const healthy = await open(store, 0, 'A')
  const logs = [await open(store, 1, 'B'), await open(store, 2, 'B')]
  fs.fault = (operation, path) => (operation !== 'read' && /^B(\/|$)/.test(path) ? 'EIO' : null)
  const run = Object.assign(Object.create(LogRun.prototype), { engine, log: logs[0], store })
  expect(
    await run.append({ records: [{ timestamp: 1n, key: null, value: Buffer.from('x') }] }, 'flushed'),
  ).toMatchObject({
    ok: false,
    error: 'KAFKA_STORAGE_ERROR',
  })
  for (let turn = 0; turn < 10; turn++) await done(setImmediate())
  for (const log of logs) expect(log.failure).not.toBeNull()
  expect([healthy.failure, store.directoryError('/A'), store.directoryError('/B')]).toEqual([
    null,
    null,
    'KAFKA_STORAGE_ERROR',
  ])
  expect(lines.filter((line) => line.includes('a log directory is offline') && line.includes('/B'))).toHaveLength(1)
  await expect(open(store, 3, 'B')).rejects.toThrow('its directory /B is offline')
  await open(store, 4, UNASSIGNED)
  expect(placeOf(store, 4)).toBe('/A')
  await done(store.close())
})

test('one log that fails in a directory that works is offline alone', async () => {
  const store = openAll('AB')
  const logs = [await open(store, 0, 'B'), await open(store, 1, 'B')]
  fs.fault = (operation, path) => (operation === 'datasync' && path.includes('-0/') ? 'EIO' : null)
  const run = Object.assign(Object.create(LogRun.prototype), { engine, log: logs[0], store })
  expect(
    await run.append({ records: [{ timestamp: 1n, key: null, value: Buffer.from('x') }] }, 'flushed'),
  ).toMatchObject({ ok: false })
  for (let turn = 0; turn < 10; turn++) await done(setImmediate())
  expect(logs.map(({ failure }) => failure === null)).toEqual([false, true])
  expect(store.directories()).toMatchObject([{ failure: null }, { failure: null }])
})

test('a second copy that nobody can account for is set aside, not removed', async () => {
  const name = `${Buffer.from(IDENTITY.topicId, 'base64url').toString('hex')}-0`
  fs.mkdirSync(`A/${name}`)
  fs.mkdirSync(`B/${name}`)
  const store = openAll('AB')
  await open(store, 0, 'B')
  expect(placeOf(store, 0)).toBe('/B')
  expect(fs.readdirSync('A')).toContain(`${name}-stray`)
})

test('a wish is kept until its partition is made, and only for directories that work', async () => {
  const store = openAll('AB', { B: 'gone' })
  store.wish('t', 0, '/B')
  store.wish(IDENTITY.topicName, 1, '/A')
  expect([store.wished('t', 0), store.wished(IDENTITY.topicName, 1)]).toEqual([null, 'A'])
  await open(store, 1, 'A')
  expect(store.wished(IDENTITY.topicName, 1)).toBeNull()
  for (let index = 0; index < 10_000; index++) store.wish('many', index, '/A')
  expect(store.wished('many', 0)).toBe('A')
  store.wish('many', 10_000, '/A')
  expect([store.wished('many', 0), store.wished('many', 1)]).toEqual([null, 'A'])
})

test('a directory that is cordoned takes no new partitions, unless there is no other', async () => {
  const store = openAll('AB')
  store.wish('topic', 4, '/A')
  cordoned = 'A'
  expect(store.directories().map(({ isCordoned }) => isCordoned)).toEqual([true, false])
  expect(store.wished('topic', 4)).toBeNull()
  for (const index of [0, 1]) await open(store, index, UNASSIGNED)
  cordoned = 'AB'
  // The metadata has it already.
  await open(store, 2, UNASSIGNED)
  expect([0, 1, 2].map((index) => placeOf(store, index))).toEqual(['/B', '/B', '/A'])
  cordoned = ''
  expect(store.wished('topic', 4)).toBe('A')
  await done(store.close())
})
