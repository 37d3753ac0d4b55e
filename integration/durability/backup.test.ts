import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timestamp } from '@odradek/core'
import { ErrorCode, ListOffsets } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { type Described, describeBroker } from '../fixtures/describe.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { backedUp, opened, restore } from './backed-up-broker.ts'
import { commitOffsets, createdTopic, deleteTopic, produce } from './broker-calls.ts'

// Backups of a broker whose logs grow, shrink, are compacted and deleted while they are copied.

const BACKUPS = 2
const EARLIEST = -2n
const KEYS = 10
const GROUP = 'readers'
let scratch = ''

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'odradek-backup-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function check(directory: string): readonly [number | null, string] {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/odradek.cjs', 'storage', 'check', directory])
  return [status, status === 0 ? '' : `${stdout}${stderr}`]
}

function batchOf(key: string, value: string): Uint8Array {
  const record = { timestamp: timestamp(BigInt(Date.now())), key: Buffer.from(key), value: Buffer.from(value) }
  return buildBatch({ records: [record] })
}

/** Clients that go on until they are told to stop, and what they were told. */
class Load {
  readonly acknowledged = { kept: 0, short: 0, compacted: 0 }
  committed = 0
  readonly doomed = { created: 0, deleted: 0 }
  private readonly port: number
  private isDone = false
  private running: Promise<unknown> = Promise.resolve()

  constructor(port: number) {
    this.port = port
  }

  async start(): Promise<void> {
    const client = await WireClient.open(this.port)
    const small = { 'internal.segment.bytes': '3000' }
    await createdTopic(client, 'kept', 1, small)
    await createdTopic(client, 'short', 1, { ...small, 'retention.bytes': '6000', 'file.delete.delay.ms': '1' })
    const compacted = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01', 'file.delete.delay.ms': '1' }
    await createdTopic(client, 'compacted', 1, { ...small, ...compacted })
    // Makes the copy take its time.
    await createdTopic(client, 'bulk', 1)
    for (let index = 0; index < 10; index++) await produce(client, 'bulk', 0, batchOf('', 'b'.repeat(100_000)))
    await until('the group has a coordinator', async () => (await commitKept(client, 0)) === ErrorCode.NONE)
    client.close()
    this.running = Promise.all([
      this.each((own, count) => this.sendKept(own, count)),
      this.each((own, count) => this.send(own, 'short', `${count}`)),
      this.each((own, count) => this.send(own, 'compacted', `key ${count % KEYS}`)),
      this.each((own) => this.createAndDelete(own)),
    ])
  }

  async stop(): Promise<void> {
    this.isDone = true
    await this.running
  }

  private async each(step: (client: WireClient, count: number) => Promise<void>): Promise<void> {
    const client = await WireClient.open(this.port)
    for (let count = 0; !this.isDone; count++) await step(client, count)
    client.close()
  }

  private async send(client: WireClient, topic: 'kept' | 'short' | 'compacted', key: string): Promise<void> {
    const offset = this.acknowledged[topic]
    const answer = await produce(client, topic, 0, batchOf(key, valueAt(offset)))
    expect(answer).toEqual({ errorCode: ErrorCode.NONE, baseOffset: offset })
    this.acknowledged[topic]++
  }

  private async sendKept(client: WireClient, count: number): Promise<void> {
    await this.send(client, 'kept', `${count}`)
    expect(await commitKept(client, count + 1)).toBe(ErrorCode.NONE)
    this.committed = count + 1
  }

  private async createAndDelete(client: WireClient): Promise<void> {
    const name = `doomed-${this.doomed.created}`
    await createdTopic(client, name, 2)
    this.doomed.created++
    for (let index = 0; index < 5; index++) {
      expect(await produce(client, name, 0, batchOf('', valueAt(index)))).toMatchObject({ errorCode: ErrorCode.NONE })
    }
    expect(await deleteTopic(client, name)).toBe(ErrorCode.NONE)
    this.doomed.deleted++
  }
}

const valueAt = (offset: number): string => `value ${offset} ${'.'.repeat(30)}`

async function commitKept(client: WireClient, offset: number): Promise<number | undefined> {
  return (await commitOffsets(client, GROUP, 'kept', new Map([[0, offset]]))).get(0)
}

/** What was known before a backup was asked for, and what when it was there: its moment lies between. */
interface Moment {
  readonly kept: number
  readonly committed: number
  readonly short: number
  readonly compacted: number
  readonly created: number
  readonly deleted: number
}

const momentOf = ({ acknowledged, committed, doomed }: Load): Moment => ({ ...acknowledged, committed, ...doomed })

type Row = readonly [offset: number, timestamp: number, key: string | null, value: string | null]

function rowsOf({ topics }: Described, topic: string): { start: number; end: number; rows: readonly Row[] } {
  const { startOffset, endOffset, records } = topics[topic]!.partitions[0]!
  return { start: startOffset, end: endOffset, rows: records.map((line): Row => JSON.parse(line)) }
}

async function startOf(client: WireClient, name: string): Promise<number> {
  const partitions = [{ partitionIndex: 0, timestamp: EARLIEST }]
  const { topics } = await client.call(ListOffsets, 5, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name, partitions }],
  })
  return Number(topics[0]?.partitions[0]?.offset)
}

function compare(found: Described, before: Moment, after: Moment): void {
  for (const topic of ['kept', 'short', 'compacted'] as const) {
    const { start, end, rows } = rowsOf(found, topic)
    expect(end).toBeGreaterThanOrEqual(before[topic])
    // One more may have been written that was not answered yet.
    expect(end).toBeLessThanOrEqual(after[topic] + 1)
    for (const [offset, , , value] of rows) expect(value).toBe(valueAt(offset))
    if (topic !== 'compacted') {
      expect(rows.map(([offset]) => offset)).toEqual(Array.from({ length: end - start }, (_, index) => start + index))
    }
  }
  expect(rowsOf(found, 'kept').start).toBe(0)
  const { end, rows } = rowsOf(found, 'compacted')
  const last = new Map(rows.map(([offset, , key]) => [key, offset]))
  for (let offset = Math.max(0, end - KEYS); offset < end; offset++)
    expect(last.get(`key ${offset % KEYS}`)).toBe(offset)
  // Committed right after it was acknowledged: at one moment at most the last is not, and none that is not there.
  const committed = Number.parseInt(found.groups[GROUP]!.committed['kept-0']!, 10)
  expect([rowsOf(found, 'kept').end, rowsOf(found, 'kept').end - 1]).toContain(committed)
  expect(committed).toBeGreaterThanOrEqual(before.committed)
  const doomed = Object.keys(found.topics).filter((name) => name.startsWith('doomed'))
  for (const name of doomed) {
    const number = Number(name.slice('doomed-'.length))
    expect(number).toBeGreaterThanOrEqual(before.deleted)
    expect(number).toBeLessThanOrEqual(after.created)
    for (const [offset, , , value] of rowsOf(found, name).rows) expect(value).toBe(valueAt(offset))
  }
  expect(doomed.length).toBeLessThanOrEqual(1)
}

test('backups under producing, retention, compaction and deletion: each of one moment, and sound', async () => {
  const directory = join(scratch, 'data')
  const hasty = {
    'log.initial.task.delay.ms': '1',
    'log.retention.check.interval.ms': '50',
    'log.cleaner.backoff.ms': '20',
  }
  const { broker, port } = await opened(directory, hasty)
  const load = new Load(port)
  await load.start()
  const moments: (readonly [string, Moment, Moment])[] = []
  for (let count = 0; count < BACKUPS; count++) {
    const target = join(scratch, `backup-${count}`)
    const before = momentOf(load)
    await backedUp(directory, target)
    moments.push([target, before, momentOf(load)])
  }
  const client = await WireClient.open(port)
  // Otherwise nothing was taken from below the backups.
  await until('what the first backup has is deleted', async () => {
    return load.doomed.deleted > BACKUPS && (await startOf(client, 'short')) > moments[0]![2].short
  })
  await load.stop()
  const live = await describeBroker(client, [])
  client.close()
  await broker.stop()
  expect(rowsOf(live, 'compacted').rows.length).toBeLessThan(moments[0]![1].compacted + 500)

  for (const [backup, before, after] of moments) {
    const restored = `${backup}-restored`
    await restore(backup, restored)
    expect(check(restored)).toEqual([0, ''])
    const again = await opened(restored)
    const own = await WireClient.open(again.port)
    compare(await describeBroker(own, [GROUP]), before, after)
    own.close()
    await again.broker.stop()
  }
  expect(readdirSync(directory).filter((name) => name.startsWith('.odradek-backup'))).toEqual([])
  expect(check(directory)).toEqual([0, ''])
}, 60_000)
