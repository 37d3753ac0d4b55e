import { leaderEpoch, type Offset, timestamp } from '@odradek/core'
import { batchesIn, type LogRun, records } from './contract/log-run.ts'
import { LOG_FACTS_NAME } from './file-names.ts'
import { StoredLog } from './inspection/inspection-fixture.ts'

// Base offset and leader epoch of a batch are outside its checksum.

const CONFIG = { segmentBytes: 1000, indexIntervalBytes: 150 }
const MARKER = 'data/.odradek_cleanshutdown'

/** Batches of two records each, ten of each epoch, closed well. */
async function filled(batches = 30, changes: typeof CONFIG | Record<string, unknown> = CONFIG): Promise<StoredLog> {
  const stored = new StoredLog()
  const run = await stored.open(changes)
  await append(run, 0, batches)
  await run.end()
  return stored
}

async function append(run: LogRun, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    run.log.setLeaderEpoch(leaderEpoch(Math.floor(index / 10)))
    await run.append({ records: records(2, 40, BigInt(1000 + index * 10)) }, 'flushed')
  }
}

/** Changes the header of the batch at `offset`; returns the name of its file. */
function change(stored: StoredLog, offset: number, edit: (bytes: Buffer, at: number) => void): string {
  for (const name of stored.names('.log')) {
    const bytes = stored.read(name)
    const batch = batchesIn(bytes).find(({ baseOffset }) => baseOffset === offset)
    if (batch === undefined) continue
    edit(bytes, batch.at)
    stored.write(name, bytes)
    return name
  }
  throw new Error(`no batch at ${offset}`)
}

const moveTo = (offset: number) => (bytes: Buffer, at: number) => void bytes.writeBigInt64BE(BigInt(offset), at)
const ofEpoch = (epoch: number) => (bytes: Buffer, at: number) => void bytes.writeInt32BE(epoch, at + 12)

/** First and last in a segment and in the log, and between. */
const OFFSETS = [0, 2, 18, 20, 38, 40, 56, 58]

describe('a batch that stands under another offset or epoch than it was given', () => {
  const edits = OFFSETS.flatMap((offset) => [
    [`offset ${offset} one higher`, offset, moveTo(offset + 1)] as const,
    [`offset ${offset} far higher`, offset, moveTo(offset + 2 ** 20)] as const,
    ...(offset === 0 ? [] : [[`offset ${offset} one lower`, offset, moveTo(offset - 1)] as const]),
    [`offset ${offset} of a later epoch`, offset, ofEpoch(3)] as const,
    ...(offset < 20 ? [] : [[`offset ${offset} of an earlier epoch`, offset, ofEpoch(0)] as const]),
  ])

  it.each(edits)('is not served and not cut off: %s', async (_, offset, edit) => {
    for (const way of ['stop', 'kill']) {
      const stored = await filled()
      change(stored, offset, edit)
      expect(stored.inspect().findings[0]).toMatchObject({ kind: 'damaged-bytes', fromOffset: offset })
      if (way === 'kill') stored.fs.unlinkSync(MARKER)
      const bytes = stored.names('.log').map((name) => stored.read(name).toString('hex'))
      const run = await stored.open(CONFIG)
      const request = { offset: offset as Offset, bytesMax: 1, atLeastOneBatch: true, bound: 'end' } as const
      const result = run.log.failure === null ? await run.settle(run.log.read(request)) : { ok: false }
      expect([way, result.ok, run.log.failure]).toEqual([way, false, expect.stringContaining('storage check')])
      expect(stored.names('.log').map((name) => stored.read(name).toString('hex'))).toEqual(bytes)
    }
  })

  it.each(edits)('is not what a time leads to: %s', async (_, offset, edit) => {
    const stored = await filled()
    change(stored, offset, edit)
    const run = await stored.open(CONFIG)
    const time = timestamp(BigInt(1000 + (offset / 2) * 10))
    const epoch = leaderEpoch(Math.floor(offset / 20))
    const found = await run.settle(run.log.lookupTimestamp(time, 'end')).catch(() => null)
    if (found === null) expect(run.log.failure).toEqual(expect.any(String))
    else expect(found).toMatchObject({ offset, leaderEpoch: epoch })
  })

  it('is cut off where nobody was promised it', async () => {
    for (const edit of [moveTo(9), ofEpoch(-1)]) {
      const stored = new StoredLog()
      const run = await stored.open({ ...CONFIG, flush: 'os' })
      for (let index = 0; index < 5; index++) await run.append({ records: records(2, 40) })
      change(stored, 8, edit)
      const next = await stored.open({ ...CONFIG, flush: 'os' })
      expect([next.log.failure, next.log.wasCut, next.log.endOffset]).toEqual([null, true, 8])
    }
  })

  it('ends the log where a segment is gone from between others, after a stop or a kill', async () => {
    for (const way of ['stop', 'kill']) {
      const stored = await filled()
      const [, second = '', third = ''] = stored.names('.log')
      stored.fs.unlinkSync(`${stored.directory}/${second}`)
      if (way === 'kill') stored.fs.unlinkSync(MARKER)
      const [from, to] = [second, third].map((name) => Number(name.slice(0, 20)))
      expect(stored.inspect().findings).toContainEqual(
        expect.objectContaining({ kind: 'missing-records', fromOffset: from, toOffset: to }),
      )
      const run = await stored.open(CONFIG)
      expect([way, run.log.failure]).toEqual([way, expect.stringContaining(`offsets ${from} to ${(to ?? 0) - 1}`)])
    }
  })
})

describe('gaps that somebody left on purpose', () => {
  /** As compaction, a repair or an import would: no file tells how it was before. */
  async function withGap(): Promise<StoredLog> {
    const stored = await filled(30, { indexIntervalBytes: 150 })
    const [name = ''] = stored.names('.log')
    const bytes = stored.read(name)
    const [from, to] = batchesIn(bytes).filter(({ baseOffset }) => baseOffset === 24 || baseOffset === 30)
    stored.write(name, Buffer.concat([bytes.subarray(0, from?.at), bytes.subarray(to?.at)]))
    for (const other of stored.names()) {
      if (other !== name && other !== 'partition.metadata') stored.fs.unlinkSync(`${stored.directory}/${other}`)
    }
    return stored
  }

  it('stay, and what comes after them is guarded as ever', async () => {
    const stored = await withGap()
    const run = await stored.open({ indexIntervalBytes: 150 })
    expect(batchesIn((await run.read(24)) ?? Buffer.alloc(0))[0]).toMatchObject({ baseOffset: 30 })
    await append(run, 30, 34)
    await run.restart()
    expect(run.log.failure).toBeNull()
    expect(batchesIn(await run.readAll(0))).toHaveLength(31)
    await run.end()
    expect(stored.inspect().findings).toEqual([])
    change(stored, 62, moveTo(63))
    const next = await stored.open({ indexIntervalBytes: 150 })
    await expect(next.read(62)).rejects.toThrow('KAFKA_STORAGE_ERROR')
  })

  it('stay where the file of facts is lost as well', async () => {
    const stored = await withGap()
    await (await stored.open({ indexIntervalBytes: 150 })).end()
    for (const way of ['stop', 'kill']) {
      stored.fs.unlinkSync(`${stored.directory}/${LOG_FACTS_NAME}`)
      if (way === 'kill') stored.fs.unlinkSync(MARKER)
      const run = await stored.open({ indexIntervalBytes: 150 })
      expect(batchesIn(await run.readAll(0))).toHaveLength(27)
      await run.end()
    }
  })

  it('hide no batch whose epoch another broker’s files do not tell', async () => {
    const stored = await withGap()
    change(stored, 40, ofEpoch(0))
    stored.write('leader-epoch-checkpoint', Buffer.from('0\n2\n0 0\n7 20\n'))
    const run = await stored.open({ indexIntervalBytes: 150 })
    expect([run.log.failure, run.log.leaderEpoch]).toEqual([null, 7])
    expect(batchesIn(await run.readAll(0))).toHaveLength(27)
    await append(run, 80, 81)
    expect(batchesIn(await run.readAll(60))).toHaveLength(1)
  })
})

it('epochs are what the batches say where an older checkpoint has come back', async () => {
  const stored = new StoredLog()
  const run = await stored.open()
  run.log.setLeaderEpoch(leaderEpoch(1))
  for (let index = 0; index < 5; index++) await run.append({ records: records(2) }, 'flushed')
  stored.fs.unlinkSync(`${stored.directory}/${LOG_FACTS_NAME}`)
  // The power was cut twice: after the first time less of the log was left, and the second brought this file back.
  stored.write('leader-epoch-checkpoint', Buffer.from('0\n2\n0 0\n1 8\n'))
  const next = await stored.open()
  expect([0, 6, 9].map((offset) => next.log.epochAt(offset as Offset))).toEqual([1, 1, 1])
  expect(batchesIn(await next.readAll(0))).toHaveLength(5)
})

it('a log goes on where it was cut off, when a power cut took all that was left of it', async () => {
  const stored = new StoredLog()
  const run = await stored.open({ flush: 'os' })
  for (let index = 0; index < 2; index++) await run.append({ records: records(2) })
  await run.settle(run.log.deleteRecordsBefore(3 as Offset))
  stored.write('00000000000000000000.log', Buffer.alloc(0))
  const second = await stored.open({ flush: 'os' })
  expect([second.log.startOffset, second.log.endOffset]).toEqual([3, 3])
  await second.append({ records: records(1) })
  const third = await stored.open({ flush: 'os' })
  expect([third.log.startOffset, third.log.endOffset, third.log.wasCut]).toEqual([3, 4, false])
  expect(batchesIn(await third.readAll(3))).toMatchObject([{ baseOffset: 3 }])
})
