import { offset, producerId, timestamp } from '@odradek/core'
import { buildEndTransactionBatch } from '@odradek/records'
import { defaultMaintenanceSettings } from '../maintenance-settings.ts'
import type { PartitionLog } from '../partition-log.ts'
import { batchesIn, type EngineRun, LogRun, records } from './log-run.ts'

const CHECK_MS = defaultMaintenanceSettings.initialDelayMs + defaultMaintenanceSettings.retentionCheckIntervalMs
const DAY_MS = 86_400_000
const VALUE_BYTES = 300
/** One record of so many bytes. */
const BATCH_BYTES = 370
/** A disk may take its time. */
const TURNS_MAX = 100_000

export function retentionContract(start: () => EngineRun): void {
  describe('retention', () => {
    let run: LogRun

    const open = async (changes: Parameters<typeof LogRun.open>[1]) => {
      run = await LogRun.open(start(), { segmentBytes: 1000, retentionMs: -1, ...changes })
    }
    /** Two records a batch, two batches a segment. */
    const produce = async (count: number, ageMs = 0) => {
      for (let index = 0; index < count; index++) {
        const time = timestamp(BigInt(run.engine.clock.wallMs() - ageMs))
        await run.append({ records: records(1, VALUE_BYTES, time) })
      }
    }
    /** Lets the store look after its logs, after which the log begins at `startOffset`. */
    const expectStart = async (startOffset: number) => {
      run.engine.clock.advance(CHECK_MS)
      const isDone = () => {
        const batchesMax = run.log.endOffset - startOffset + (startOffset % 2)
        return run.log.startOffset >= startOffset && run.log.sizeBytes <= batchesMax * BATCH_BYTES
      }
      for (let turn = 0; turn < TURNS_MAX && !isDone(); turn++) await run.settle(null)
      for (let turn = 0; turn < 20; turn++) await run.settle(null)
      expect(run.log.startOffset).toBe(startOffset)
    }
    const range = (log: PartitionLog) => [log.startOffset, log.endOffset]
    const configure = (changes: Partial<LogRun['config']>) => {
      run.config = { ...run.config, ...changes }
      run.log.configure(run.config)
    }

    afterEach(async () => {
      await run.end()
    })

    it('deletes segments whose newest record is too old, and no others', async () => {
      await open({ retentionMs: DAY_MS })
      await produce(4, DAY_MS + 1)
      await produce(3)
      const seen: number[] = []
      run.log.watch(() => seen.push(run.log.startOffset))
      await expectStart(4)
      expect(range(run.log)).toEqual([4, 7])
      expect(seen).toEqual([4])
      expect(await run.read(3)).toBeNull()
      expect(batchesIn((await run.read(4)) ?? Buffer.alloc(0))[0]).toMatchObject({ baseOffset: 4 })
      if (!run.engine.isDurable) return
      await run.reopen()
      expect(range(run.log)).toEqual([4, 7])
      await run.restart()
      expect(range(run.log)).toEqual([4, 7])
    })

    it('stops at the first segment that stays, whatever comes after it', async () => {
      await open({ retentionMs: DAY_MS })
      await produce(2, DAY_MS + 1)
      await produce(2)
      await produce(4, DAY_MS + 1)
      await expectStart(2)
      expect(range(run.log)).toEqual([2, 8])
    })

    it('takes all there is, the active segment too, and the next record gets the next offset', async () => {
      await open({ retentionMs: DAY_MS })
      await produce(5, DAY_MS + 1)
      await expectStart(5)
      expect(range(run.log)).toEqual([5, 5])
      expect(await run.read(5)).toHaveLength(0)
      expect(run.log.sizeBytes).toBe(0)
      if (run.engine.isDurable) {
        await run.restart()
        expect(range(run.log)).toEqual([5, 5])
        await run.reopen()
        expect(range(run.log)).toEqual([5, 5])
      }
      await produce(1)
      expect(range(run.log)).toEqual([5, 6])
      await expectStart(5)
      expect(range(run.log)).toEqual([5, 6])
    })

    it('keeps as many bytes as it is told, and never less', async () => {
      await open({})
      await produce(20)
      const oneSegment = run.log.sizeBytes / 10
      configure({ retentionBytes: oneSegment * 3 + 1 })
      await expectStart(12)
      expect(range(run.log)).toEqual([12, 20])
      configure({ retentionBytes: oneSegment * 3 })
      await expectStart(14)
      expect(range(run.log)).toEqual([14, 20])
    })

    it('follows a change of its settings without a restart', async () => {
      await open({})
      await produce(6, 2 * DAY_MS)
      await expectStart(0)
      configure({ retentionMs: DAY_MS })
      await expectStart(6)
    })

    it('is not for a topic that is only compacted, but what DeleteRecords cut off goes', async () => {
      await open({ cleanupDelete: false, cleanupCompact: true, retentionMs: 1, retentionBytes: 1 })
      await produce(6, DAY_MS)
      await expectStart(0)
      await run.settle(run.log.deleteRecordsBefore(offset(3)))
      await expectStart(3)
      expect(range(run.log)).toEqual([3, 6])
    })

    it('goes over an open transaction, which holds nothing up that is still there', async () => {
      await open({ retentionMs: DAY_MS })
      const producer = { producerId: producerId(7n), producerEpoch: 0, isTransactional: true }
      const old = timestamp(BigInt(run.engine.clock.wallMs() - DAY_MS - 1))
      await run.append({ records: records(1, VALUE_BYTES, old), ...producer, baseSequence: 0 })
      await produce(3, DAY_MS + 1)
      await produce(1)
      expect(run.log.lastStableOffset).toBe(0)
      await expectStart(4)
      // As in Kafka: what is stable never lies before what there is.
      expect(run.log.lastStableOffset).toBe(4)
      expect(run.log.producers()).toMatchObject([{ currentTransactionStartOffset: 0 }])
      if (run.engine.isDurable) {
        await run.restart()
        expect([...range(run.log), run.log.lastStableOffset]).toEqual([4, 5, 4])
        await run.reopen()
        expect([...range(run.log), run.log.lastStableOffset]).toEqual([4, 5, 4])
      }
      const now = timestamp(BigInt(run.engine.clock.wallMs()))
      const marker = { ...producer, outcome: 'abort', coordinatorEpoch: 1, timestamp: now } as const
      expect(await run.appendBytes(buildEndTransactionBatch(marker))).toMatchObject({ ok: true, baseOffset: 5 })
      expect(run.log.lastStableOffset).toBe(6)
    })

    it('is for a topic that is both compacted and deleted', async () => {
      await open({ cleanupDelete: true, cleanupCompact: true, retentionMs: DAY_MS })
      await produce(6, 2 * DAY_MS)
      await expectStart(6)
    })
  })
}
