import { leaderEpoch, offset } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { defaultLogConfig } from '../log-config.ts'
import { batchesIn, type EngineRun, IDENTITY, LogRun, records, settle } from './log-run.ts'

export function lifecycleContract(start: () => EngineRun): void {
  describe('leader epochs', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start())
    })

    afterEach(async () => {
      await run.end()
    })

    it('are told apart by where they began and ended', async () => {
      const endOf = (epoch: number) => run.log.endOffsetForEpoch(leaderEpoch(epoch))
      expect(run.log.epochAt(offset(0))).toBe(-1)
      expect(endOf(0)).toBeNull()
      run.log.setLeaderEpoch(leaderEpoch(2))
      expect(endOf(2)).toEqual({ leaderEpoch: 2, endOffset: 0 })
      await run.append({ records: records(3) })
      run.log.setLeaderEpoch(leaderEpoch(5))
      run.log.setLeaderEpoch(leaderEpoch(6))
      await run.append({ records: records(2) })
      const expectEpochs = () => {
        expect(endOf(1)).toBeNull()
        expect(endOf(2)).toEqual({ leaderEpoch: 2, endOffset: 3 })
        expect(endOf(4)).toEqual({ leaderEpoch: 2, endOffset: 3 })
        expect(endOf(5)).toEqual({ leaderEpoch: 2, endOffset: 3 })
        expect(endOf(6)).toEqual({ leaderEpoch: 6, endOffset: 5 })
        expect(endOf(7)).toBeNull()
        expect([0, 2, 3, 4, 5].map((at) => run.log.epochAt(offset(at)))).toEqual([2, 2, 6, 6, 6])
        expect(run.log.leaderEpoch).toBe(6)
      }
      expectEpochs()
      if (!run.engine.isDurable) return
      await run.restart()
      expectEpochs()
      await run.reopen()
      expectEpochs()
    })

    it('never fall', () => {
      run.log.setLeaderEpoch(leaderEpoch(3))
      run.log.setLeaderEpoch(leaderEpoch(3))
      expect(() => run.log.setLeaderEpoch(leaderEpoch(2))).toThrow('never falls')
    })
  })

  describe('deleting records', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start(), { segmentBytes: 1000 })
      for (let index = 0; index < 20; index++) await run.append({ records: records(2, 100) })
    })

    afterEach(async () => {
      await run.end()
    })

    it('moves the start, for good, and gives back the space of whole segments', async () => {
      const sizeBytes = run.log.sizeBytes
      const seen: number[] = []
      run.log.watch(() => seen.push(run.log.startOffset))
      await run.settle(run.log.deleteRecordsBefore(offset(25)))
      await run.append({ records: records(1) })
      expect(seen[0]).toBe(25)
      expect(run.log.startOffset).toBe(25)
      expect(run.log.sizeBytes).toBeLessThan(sizeBytes * 0.6)
      expect(batchesIn((await run.read(25)) ?? ([] as never))[0]).toMatchObject({ baseOffset: 24 })
      expect(run.log.epochAt(offset(25))).toBe(0)
      await run.settle(run.log.deleteRecordsBefore(offset(7)))
      expect(run.log.startOffset).toBe(25)
      expect(await run.append({ records: records(1) })).toMatchObject({ logStartOffset: 25 })
      if (!run.engine.isDurable) return
      await run.reopen()
      expect(run.log.startOffset).toBe(25)
      expect(run.log.endOffset).toBe(42)
      await run.restart()
      expect(run.log.startOffset).toBe(25)
    })

    it('may take all there is', async () => {
      await run.settle(run.log.deleteRecordsBefore(run.log.endOffset))
      expect(run.log.startOffset).toBe(40)
      expect(await run.read(40)).toHaveLength(0)
      expect(await run.append({ records: records(1) })).toMatchObject({ baseOffset: 40, logStartOffset: 40 })
    })
  })

  describe('a store', () => {
    it('keeps partitions apart, lists them and removes them', async () => {
      const engine = start()
      const store = engine.store()
      const other = { ...IDENTITY, partition: 4 }
      const metadata = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', topicName: '__cluster_metadata', partition: 0 }
      const logs = []
      for (const identity of [IDENTITY, other, metadata]) {
        logs.push(await settle(engine, store.open(identity, defaultLogConfig)))
      }
      const identities = [IDENTITY, other, metadata].map(({ topicId, partition }) => ({ topicId, partition }))
      expect([...store.list()].sort((a, b) => a.partition - b.partition)).toEqual(
        identities.sort((a, b) => a.partition - b.partition),
      )
      const run = await LogRun.open({ ...engine, store: () => store }, {}, { ...IDENTITY, partition: 5 })
      await run.append({ records: records(1) })
      expect(logs.map((log) => log.endOffset)).toEqual([0, 0, 0])
      await settle(engine, run.log.close())
      await settle(engine, store.remove({ ...IDENTITY, partition: 5 }))
      expect(store.list().map(({ partition }) => partition)).not.toContain(5)
      const again = await settle(engine, store.open({ ...IDENTITY, partition: 5 }, defaultLogConfig))
      expect(again.endOffset).toBe(0)
      await settle(engine, store.close())
      await engine.dispose()
    })
  })

  describe('a restart', () => {
    const produce = async (run: LogRun) => {
      const changes = { producerId: 8n as never, producerEpoch: 0 }
      for (let index = 0; index < 30; index++) {
        await run.append({ records: records(2, 150), ...changes, baseSequence: index * 2 }, 'flushed')
      }
      return run.readAll(0)
    }
    const expectAll = async (run: LogRun, before: Buffer) => {
      expect(run.log.failure).toBeNull()
      expect(run.log.wasCut).toBe(false)
      expect(run.log.highWatermark).toBe(60)
      expect((await run.readAll(0)).equals(before)).toBe(true)
      for (let at = 0; at < 60; at++) {
        expect(batchesIn((await run.read(at, 0)) ?? ([] as never))).toMatchObject([{ baseOffset: at - (at % 2) }])
      }
      const repeat = { records: records(2, 150), producerId: 8n as never, producerEpoch: 0, baseSequence: 50 }
      expect(await run.append(repeat)).toMatchObject({ ok: true, duplicate: true, baseOffset: 50 })
    }

    it.each(['clean stop', 'kill'])('after a %s finds everything again', async (how) => {
      const engine = start()
      if (!engine.isDurable) return engine.dispose()
      const run = await LogRun.open(engine, { segmentBytes: 2000, indexIntervalBytes: 300 })
      const before = await produce(run)
      for (let round = 0; round < 2; round++) {
        if (how === 'kill') await run.reopen()
        else await run.restart()
        await expectAll(run, before)
      }
      const next = { records: records(1), producerId: 8n as never, producerEpoch: 0, baseSequence: 60 }
      expect(await run.append(next)).toMatchObject({ ok: true, baseOffset: 60, duplicate: false })
      await run.end()
    })

    it('after a kill has what was written without a flush, large and small', async () => {
      const engine = start()
      if (!engine.isDurable) return engine.dispose()
      const run = await LogRun.open(engine)
      const batches = [10, 300_000, 20, 20_000].map((size) => buildBatch({ records: records(1, size) }))
      await run.appendTogether(batches)
      const before = await run.readAll(0)
      await run.reopen()
      expect((await run.readAll(0)).equals(before)).toBe(true)
      await run.end()
    })
  })
}
