import { type Fs, SeededPrng } from '@odradek/core'
import { batchesIn, type LogRun, records } from '../contract/log-run.ts'
import { surveyDirectory } from '../inspection/directory-survey.ts'
import { isDamage } from '../inspection/finding.ts'
import { StoredLog } from '../inspection/inspection-fixture.ts'
import { inspectPartition } from '../inspection/partition-inspection.ts'
import { repairPartition } from './repair-partition.ts'
import { planRepair, type RepairRequest } from './repair-plan.ts'

const SEED = Number(process.env['SEED'] ?? 20_262)
const CODECS = ['none', 'zstd', 'gzip'] as const
const CONFIG = { segmentBytes: 1500, indexIntervalBytes: 300 }

async function filled(): Promise<StoredLog> {
  const stored = new StoredLog()
  const run = await stored.open(CONFIG)
  for (let index = 0; index < 30; index++) {
    await run.append({ records: records(2, 60), compressionType: CODECS[index % CODECS.length] ?? 'none' })
  }
  await run.end()
  return stored
}

/** First offsets of all batches, by segment file. */
function offsetsIn(stored: StoredLog): number[] {
  return stored.names('.log').flatMap((name) => {
    const bytes = stored.read(name)
    return batchesIn(bytes).map(({ at }) => Number(bytes.readBigInt64BE(at)))
  })
}

/** Changes a byte that the checksum covers of the batch at `offset`. */
function damage(stored: StoredLog, offset: number): void {
  for (const name of stored.names('.log')) {
    const bytes = stored.read(name)
    const batch = batchesIn(bytes).find(({ at }) => Number(bytes.readBigInt64BE(at)) === offset)
    if (batch === undefined) continue
    bytes.writeUInt8(bytes.readUInt8(batch.at + 30) ^ 8, batch.at + 30)
    stored.write(name, bytes)
  }
}

async function repair(stored: StoredLog, cut: RepairRequest['cut'], fs: Fs = stored.fs) {
  const [partition] = surveyDirectory(stored.fs, 'data').partitions
  if (partition === undefined) throw new Error('no partition')
  const report = inspectPartition(stored.fs, partition)
  return repairPartition(fs, partition, report, planRepair(report, { cut, withUnreadable: false }))
}

/** What a broker then reads of the log. */
async function readBack(stored: StoredLog): Promise<{ run: LogRun; offsets: number[] }> {
  const run = await stored.open(CONFIG)
  expect(run.log.failure).toBeNull()
  const bytes = await run.readAll(run.log.startOffset)
  return { run, offsets: batchesIn(bytes).map(({ at }) => Number(bytes.readBigInt64BE(at))) }
}

test('on a full disk nothing is mended, and nothing is left that would make it fuller', async () => {
  const stored = await filled()
  damage(stored, offsetsIn(stored)[4] ?? 0)
  const before = stored.names('')
  const full = new Proxy(stored.fs, {
    get(target, name) {
      if (name !== 'openSync') return Reflect.get(target, name, target)
      return (path: string, mode: 'read' | 'append' | 'create') => {
        const handle = target.openSync(path, mode)
        if (path.endsWith('.repaired')) handle.writeSync = () => 3
        return handle
      }
    },
  })
  await expect(repair(stored, 'skip', full)).rejects.toThrow(/only 3 of \d+ bytes .* its disk is full/)
  const isDerived = (name: string) => /index$|snapshot$|facts$/.test(name)
  expect(stored.names('').filter((name) => !isDerived(name))).toEqual(before.filter((name) => !isDerived(name)))
})

test(`skipping takes out the damaged batches and no other, wherever they are (SEED=${SEED})`, async () => {
  const prng = new SeededPrng(SEED)
  for (let round = 0; round < 25; round++) {
    const stored = await filled()
    const before = offsetsIn(stored)
    const doomed = new Set(Array.from({ length: 1 + prng.below(4) }, () => before[prng.below(before.length)] ?? 0))
    for (const offset of doomed) damage(stored, offset)
    await repair(stored, 'skip')
    expect(stored.inspect().findings.filter(isDamage)).toEqual([])
    expect(stored.names('.damaged').length).toBeGreaterThan(0)
    const { run, offsets } = await readBack(stored)
    expect([...doomed, offsets]).toEqual([...doomed, before.filter((offset) => !doomed.has(offset))])
    await run.append({ records: records(1) })
    await run.end()
    expect(stored.inspect().findings.filter(isDamage)).toEqual([])
  }
})

test.each([0, 14, 30, 58])(
  'truncating at offset %i keeps what is before it, and the log goes on there',
  async (offset) => {
    const stored = await filled()
    const before = offsetsIn(stored)
    damage(stored, offset)
    await repair(stored, 'truncate')
    expect(stored.inspect().findings.filter(isDamage)).toEqual([])
    const { run, offsets } = await readBack(stored)
    expect(offsets).toEqual(before.filter((each) => each < offset))
    expect(await run.append({ records: records(1) })).toMatchObject({ ok: true, baseOffset: offset })
    await run.end()
  },
)

test('a log that lost its end is accepted as it is', async () => {
  const stored = await filled()
  const last = stored.names('.log').at(-1) ?? ''
  stored.fs.unlinkSync(`${stored.directory}/${last}`)
  expect(stored.inspect().findings).toContainEqual(expect.objectContaining({ kind: 'missing-records' }))
  await repair(stored, 'truncate')
  expect(stored.inspect().findings.filter(isDamage)).toEqual([])
  expect((await readBack(stored)).run.log.endOffset).toBe(Number(last.slice(0, 20)))
})

test('damaged indexes go, and the records stay', async () => {
  const stored = await filled()
  const before = offsetsIn(stored)
  const name = stored.names('.index').find((one) => stored.read(one).byteLength > 0) ?? ''
  stored.write(name, Buffer.alloc(13, 7))
  expect(await repair(stored, 'none')).toEqual({ kept: [], removed: [`${stored.directory}/${name}`] })
  expect(stored.inspect().findings).toEqual([])
  expect((await readBack(stored)).offsets).toEqual(before)
})

/** Fails, and with it everything after, at the n-th change of a file or name: the process dies there. */
function dyingFs(fs: Fs, lives: number): { readonly fs: Fs; readonly isDead: () => boolean } {
  let left = lives
  const step = () => {
    if (left-- <= 0) throw new Error('dead')
  }
  const dying: Fs = Object.assign(Object.create(fs), {
    openSync: (path: string, mode: 'read' | 'append' | 'create') => {
      const handle = fs.openSync(path, mode)
      return Object.assign(Object.create(handle), {
        writeSync: (buffers: Uint8Array[], position: number) => {
          step()
          return handle.writeSync(buffers, position)
        },
      })
    },
    renameSync: (from: string, to: string) => {
      step()
      fs.renameSync(from, to)
    },
    unlinkSync: (path: string) => {
      step()
      fs.unlinkSync(path)
    },
  })
  return { fs: dying, isDead: () => left < 0 }
}

test.each(['skip', 'truncate'] as const)('a repair (%s) that dies at any step can be done again', async (cut) => {
  for (let lives = 0; ; lives++) {
    const stored = await filled()
    const before = offsetsIn(stored)
    damage(stored, 14)
    damage(stored, 40)
    const { fs, isDead } = dyingFs(stored.fs, lives)
    await repair(stored, cut, fs).catch(() => {})
    if (!isDead()) {
      expect(lives).toBeGreaterThan(8)
      break
    }
    await repair(stored, cut)
    const { offsets } = await readBack(stored)
    expect(offsets).toEqual(before.filter((each) => (cut === 'skip' ? each !== 14 && each !== 40 : each < 14)))
  }
})
