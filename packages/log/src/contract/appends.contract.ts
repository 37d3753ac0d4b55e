import { buildBatch, readBatchHeader } from '@odradek/records'
import type { AppendResult } from '../partition-log.ts'
import { batchesIn, type EngineRun, LogRun, records } from './log-run.ts'

function offsetsOf(results: readonly AppendResult[]): number[] {
  return results.map((result) => (result.ok ? result.baseOffset : -1))
}

export function appendsContract(start: () => EngineRun): void {
  describe('append', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start())
    })

    afterEach(async () => {
      await run.end()
    })

    it('gives dense offsets in the order of the calls, whatever the sizes', async () => {
      const sizes = [10, 20_000, 30, 65_536, 40, 70_000, 1, 2, 3]
      const batches = sizes.map((size, index) => buildBatch({ records: records(index + 1, size) }))
      const results = await run.appendTogether(batches)
      expect(offsetsOf(results)).toEqual([0, 1, 3, 6, 10, 15, 21, 28, 36])
      expect(run.log.endOffset).toBe(45)
      expect(batchesIn(await run.readAll(0)).map(({ baseOffset }) => baseOffset)).toEqual(offsetsOf(results))
    })

    it('never answers before the call has returned, and answers in order', async () => {
      const order: string[] = []
      const batch = buildBatch({ records: records(1) })
      const large = buildBatch({ records: records(1, 70_000) })
      const append = (bytes: Uint8Array, name: string, durability: 'written' | 'flushed') => {
        run.log.append({ batch: bytes, header: readBatchHeader(bytes), durability }, () => order.push(name))
        order.push(`called ${name}`)
      }
      append(batch, 'a', 'flushed')
      append(large, 'b', 'written')
      append(batch, 'c', 'written')
      await run.settle(run.log.flush())
      await run.appendBytes(batch)
      expect(order).toEqual(['called a', 'called b', 'called c', 'a', 'b', 'c'])
    })

    it('stores the bytes as they came, but for base offset and leader epoch', async () => {
      run.log.setLeaderEpoch(7 as never)
      const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
      const batches = codecs.map((compressionType) => buildBatch({ records: records(5, 100), compressionType }))
      const originals = batches.map((batch) => Buffer.from(batch))
      await run.appendTogether(batches)
      const stored = await run.readAll(0)
      let at = 0
      for (const [index, original] of originals.entries()) {
        const header = readBatchHeader(stored, at)
        expect(header.baseOffset).toBe(index * 5)
        expect(header.partitionLeaderEpoch).toBe(7)
        expect(stored.subarray(at + 16, at + header.sizeBytes).equals(original.subarray(16))).toBe(true)
        expect(header.sizeBytes).toBe(original.byteLength)
        at += header.sizeBytes
      }
      expect(at).toBe(stored.byteLength)
    })

    it('has taken the bytes when the call returns', async () => {
      for (const size of [10, 40_000]) {
        const batch = buildBatch({ records: records(2, size) })
        const expected = Buffer.from(batch.subarray(16))
        const done = new Promise<AppendResult>((resolve) => {
          run.log.append({ batch, header: readBatchHeader(batch), durability: 'written' }, resolve)
        })
        batch.fill(0xff)
        const result = await run.settle(done)
        if (!result.ok) throw new Error(result.error)
        const stored = await run.read(result.baseOffset)
        expect(
          Buffer.from(stored ?? [])
            .subarray(16)
            .equals(expected),
        ).toBe(true)
      }
    })

    it('appends what a callback asks for after what is already there', async () => {
      const batch = buildBatch({ records: records(1) })
      const request = { header: readBatchHeader(batch), durability: 'written' } as const
      const order: number[] = []
      const note = (result: AppendResult) => order.push(result.ok ? result.baseOffset : -1)
      const nested = new Promise<void>((resolve) => {
        run.log.append({ ...request, batch: Buffer.from(batch) }, (result) => {
          note(result)
          run.log.append({ ...request, batch: Buffer.from(batch) }, (later) => {
            note(later)
            resolve()
          })
        })
        run.log.append({ ...request, batch: Buffer.from(batch) }, note)
      })
      await run.settle(nested)
      expect(order).toEqual([0, 1, 2])
    })

    it('shows consumers what is written, and what must be flushed when it is', async () => {
      await run.append({ records: records(3) })
      expect(run.log.highWatermark).toBe(3)
      const result = await run.append({ records: records(2) }, 'flushed')
      expect(result).toMatchObject({ ok: true, baseOffset: 3, lastOffset: 4, duplicate: false, logStartOffset: 0 })
      expect(run.log.highWatermark).toBe(5)
      expect(run.log.lastStableOffset).toBe(5)
    })

    it('shows nothing new while the high watermark is held, and all of it afterwards', async () => {
      await run.append({ records: records(1) })
      run.log.holdHighWatermark(true)
      const seen: number[] = []
      const leave = run.log.watch(() => seen.push(run.log.highWatermark))
      expect(await run.append({ records: records(2) }, 'flushed')).toMatchObject({ ok: true, baseOffset: 1 })
      await run.append({ records: records(1) })
      expect([run.log.highWatermark, run.log.lastStableOffset, run.log.endOffset]).toEqual([1, 1, 4])
      run.log.holdHighWatermark(false)
      await run.append({ records: records(1) })
      expect([run.log.highWatermark, run.log.lastStableOffset]).toEqual([5, 5])
      expect(seen.at(-1)).toBe(5)
      leave()
    })

    it('refuses a batch larger than a segment, and only it', async () => {
      const fits = buildBatch({ records: records(1, 2000) })
      run.log.configure({ ...run.config, segmentBytes: fits.byteLength })
      const tooLarge = buildBatch({ records: records(1, 2001) })
      const results = await run.appendTogether([fits, tooLarge, Buffer.from(fits)])
      expect(results).toMatchObject([
        { ok: true, baseOffset: 0 },
        { ok: false, error: 'RECORD_LIST_TOO_LARGE', logStartOffset: 0 },
        { ok: true, baseOffset: 1 },
      ])
    })

    it('answers what waits when it is closed, and refuses what comes after', async () => {
      const batch = buildBatch({ records: records(1) })
      const request = { batch, header: readBatchHeader(batch), durability: 'flushed' } as const
      const results: AppendResult[] = []
      run.log.append(request, (result) => results.push(result))
      await run.settle(run.log.close())
      expect(results).toMatchObject([{ ok: true, baseOffset: 0 }])
      expect(await run.appendBytes(batch)).toMatchObject({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
      expect(
        await run.settle(run.log.read({ offset: 0 as never, bytesMax: 1, atLeastOneBatch: true, bound: 'end' })),
      ).toEqual({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
    })

    it('calls watchers once a tick, after the high watermark has moved, and not when they have left', async () => {
      const seen: number[] = []
      const leave = run.log.watch(() => seen.push(run.log.highWatermark))
      await run.appendTogether([1, 2, 3].map((count) => buildBatch({ records: records(count) })))
      expect(seen).toEqual([6])
      await run.append({ records: records(1) })
      expect(seen).toEqual([6, 7])
      leave()
      await run.append({ records: records(1) })
      expect(seen).toEqual([6, 7])
    })
  })
}
