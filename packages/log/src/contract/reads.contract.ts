import { offset, SeededPrng } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { batchesIn, type EngineRun, LogRun, records } from './log-run.ts'

interface Stored {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly bytes: Uint8Array
}

/** What a log of one segment must answer, said the slow way. */
function expectedRead(stored: readonly Stored[], at: number, bytesMax: number, atLeastOneBatch: boolean): Uint8Array {
  const first = stored.findIndex((batch) => batch.lastOffset >= at)
  const taken: Uint8Array[] = []
  let total = 0
  for (const { bytes } of first < 0 ? [] : stored.slice(first)) {
    if (total + bytes.byteLength > bytesMax && !(taken.length === 0 && atLeastOneBatch)) break
    taken.push(bytes)
    total += bytes.byteLength
  }
  return Buffer.concat(taken)
}

async function fill(run: LogRun, sizes: readonly number[]): Promise<Stored[]> {
  const batches = sizes.map((size, index) => buildBatch({ records: records(1 + (index % 4), size) }))
  await run.appendTogether(batches)
  const all = await run.readAll(0, 100_000_000)
  return batchesIn(all).map(({ baseOffset, lastOffset, sizeBytes, at }) => ({
    baseOffset,
    lastOffset,
    bytes: all.subarray(at, at + sizeBytes),
  }))
}

export function readsContract(start: () => EngineRun): void {
  describe('read', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start())
    })

    afterEach(async () => {
      await run.end()
    })

    it('returns whole batches from the one that holds the offset, within the limit, for every offset', async () => {
      const seed = Number(process.env['SEED'] ?? 7)
      const prng = new SeededPrng(seed)
      const sizes = Array.from({ length: 80 }, () => [5, 200, 900, 5000, 30_000][prng.below(5)] ?? 5)
      const stored = await fill(run, sizes)
      for (let at = 0; at < run.log.endOffset; at++) {
        for (const bytesMax of [[0, 1, 61][at % 3] ?? 0, prng.below(2000), prng.below(70_000)]) {
          const atLeastOneBatch = prng.below(2) === 0
          const read = await run.read(at, bytesMax, { atLeastOneBatch })
          const expected = expectedRead(stored, at, bytesMax, atLeastOneBatch)
          // A read may stop early, but only after a batch and never before the first that fits.
          const got = Buffer.from(read ?? [])
          const what = `seed ${seed}, offset ${at}, ${bytesMax} bytes, ${atLeastOneBatch}`
          expect([what, got.equals(expected.subarray(0, got.byteLength))]).toEqual([what, true])
          expect([what, got.byteLength > 0]).toEqual([what, expected.byteLength > 0])
          batchesIn(got)
        }
      }
    })

    it('returns the first batch whatever its size, if asked to, and nothing else past the limit', async () => {
      await fill(run, [3000, 100, 100])
      expect(batchesIn((await run.read(0, 0)) ?? new Uint8Array(0))).toHaveLength(1)
      expect(await run.read(0, 0, { atLeastOneBatch: false })).toHaveLength(0)
      expect(await run.read(0, 3000, { atLeastOneBatch: false })).toHaveLength(0)
    })

    it('is empty at the bound, and out of range before the start and past the end', async () => {
      await fill(run, [10, 10])
      const end = run.log.endOffset
      expect(await run.read(end)).toHaveLength(0)
      expect(await run.read(end + 1)).toBeNull()
      expect(await run.read(-1)).toBeNull()
      await run.settle(run.log.deleteRecordsBefore(offset(1)))
      expect(await run.read(0)).toBeNull()
      expect(await run.read(1)).not.toHaveLength(0)
    })

    it('ends with a segment and goes on in the next', async () => {
      run.log.configure({ ...run.config, segmentBytes: 1000, indexIntervalBytes: 100 })
      const count = 40
      for (let index = 0; index < count; index++) await run.append({ records: records(2, 100) })
      const all = await run.readAll(0)
      expect(batchesIn(all).map(({ baseOffset }) => baseOffset)).toEqual(
        Array.from({ length: count }, (_, index) => index * 2),
      )
      for (let at = 0; at < count * 2; at++) {
        const read = (await run.read(at)) ?? new Uint8Array(0)
        expect(read.byteLength).toBeLessThanOrEqual(1000)
        expect(batchesIn(read)[0]).toMatchObject({ baseOffset: at - (at % 2), lastOffset: at - (at % 2) + 1 })
      }
    })

    it('rolls by time, by the records’ own where they have any', async () => {
      run.log.configure({ ...run.config, segmentMs: 1000 })
      const append = (time: bigint) => run.append({ records: records(1, 10, time) })
      for (const time of [5000n, 5999n, 6000n, 6001n, 7001n]) await append(time)
      expect(batchesIn((await run.read(0)) ?? ([] as never))).toHaveLength(3)
      await run.append({ records: records(1, 10, -1n) })
      run.engine.clock.advance(1001)
      await run.append({ records: records(1, 10, -1n) })
      expect(batchesIn((await run.read(3)) ?? ([] as never)).map(({ baseOffset }) => baseOffset)).toEqual([3, 4, 5, 6])
    })

    it('gives its buffer back exactly once', async () => {
      await fill(run, [10])
      for (const at of [0, 1]) {
        const request = { offset: offset(at), bytesMax: 100, atLeastOneBatch: true, bound: 'end' } as const
        const result = await run.settle(run.log.read(request))
        if (!result.ok) throw new Error(result.error)
        result.release()
        expect(() => result.release()).toThrow('released once')
      }
    })

    it('keeps reads that are held at the same time apart', async () => {
      await fill(run, [100, 200, 300])
      const request = { bytesMax: 1, atLeastOneBatch: true, bound: 'highWatermark' } as const
      const offsets = [0, 1, 3]
      const results = await Promise.all(
        offsets.map((at) => run.settle(run.log.read({ ...request, offset: offset(at) }))),
      )
      for (const [index, result] of results.entries()) {
        if (!result.ok) throw new Error(result.error)
        expect(batchesIn(result.records)).toMatchObject([{ baseOffset: offsets[index] }])
        result.release()
      }
    })
  })
}
