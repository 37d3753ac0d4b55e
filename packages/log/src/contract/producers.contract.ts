import { producerId, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch, buildEndTransactionBatch } from '@odradek/records'
import { BASE_TIMESTAMP, batchesIn, type EngineRun, LogRun, records } from './log-run.ts'

const PRODUCER = producerId(4000n)
/** producer.id.expiration.check.interval.ms */
const PRODUCER_EXPIRATION_INTERVAL_MS = 600_000

function produced(baseSequence: number, changes: Partial<BatchToBuild> = {}): BatchToBuild {
  return { records: records(2), producerId: PRODUCER, producerEpoch: 1, baseSequence, ...changes }
}

function marker(outcome: 'commit' | 'abort', producerEpoch = 1, id = PRODUCER, coordinatorEpoch = 3): Uint8Array {
  const time = timestamp(BASE_TIMESTAMP + 500n)
  return buildEndTransactionBatch({ outcome, coordinatorEpoch, producerId: id, producerEpoch, timestamp: time })
}

export function producersContract(start: () => EngineRun): void {
  describe('an idempotent producer', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start())
    })

    afterEach(async () => {
      await run.end()
    })

    it('gets the original answer for a repeat of one of its last five batches', async () => {
      for (let index = 0; index < 6; index++) await run.append(produced(index * 2))
      for (let index = 1; index < 6; index++) {
        expect(await run.append(produced(index * 2))).toMatchObject({
          ok: true,
          baseOffset: index * 2,
          lastOffset: index * 2 + 1,
          duplicate: true,
          duplicateTimestamp: BASE_TIMESTAMP + 1n,
        })
      }
      expect(await run.append(produced(0))).toMatchObject({ ok: false, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
      expect(run.log.endOffset).toBe(12)
    })

    it('may repeat a batch in the tick of the first, and it is stored once', async () => {
      const results = await run.appendTogether([
        buildBatch(produced(0)),
        buildBatch(produced(2)),
        buildBatch(produced(0)),
        buildBatch(produced(4)),
      ])
      expect(results).toMatchObject([
        { baseOffset: 0, duplicate: false },
        { baseOffset: 2, duplicate: false },
        { baseOffset: 0, duplicate: true },
        { baseOffset: 4, duplicate: false },
      ])
      expect(batchesIn(await run.readAll(0))).toHaveLength(3)
    })

    it('may not skip, go back or overlap', async () => {
      await run.append(produced(0))
      for (const sequence of [1, 3, 4, 2_147_483_647]) {
        expect(await run.append(produced(sequence))).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
      }
      expect(await run.append(produced(2))).toMatchObject({ ok: true, baseOffset: 2 })
    })

    it('goes on with 0 after the largest sequence, also within a batch', async () => {
      await run.append(produced(2_147_483_646))
      expect(await run.append(produced(0))).toMatchObject({ ok: true, baseOffset: 2 })
      const other = { producerId: producerId(5n) }
      await run.append(produced(2_147_483_647, other))
      expect(await run.append(produced(0, other))).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
      expect(await run.append(produced(1, other))).toMatchObject({ ok: true, baseOffset: 6 })
      expect(await run.append(produced(2_147_483_647, other))).toMatchObject({ baseOffset: 4, duplicate: true })
    })

    it('begins with 0 in a new epoch and never returns to an old one', async () => {
      await run.append(produced(0))
      const newer = { producerEpoch: 2 }
      expect(await run.append(produced(2, newer))).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
      expect(await run.append(produced(0, newer))).toMatchObject({ ok: true, duplicate: false, baseOffset: 2 })
      expect(await run.append(produced(2))).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
      expect(await run.append(produced(2, newer))).toMatchObject({ ok: true, baseOffset: 4 })
    })

    it('may begin anywhere when nothing is known of it', async () => {
      expect(await run.append(produced(77))).toMatchObject({ ok: true, baseOffset: 0 })
      expect(await run.append(produced(79))).toMatchObject({ ok: true, baseOffset: 2 })
    })

    it('is shown as Kafka shows it', async () => {
      await run.append(produced(10))
      expect(run.log.producers()).toEqual([
        {
          producerId: PRODUCER,
          producerEpoch: 1,
          lastSequence: 11,
          lastTimestamp: BASE_TIMESTAMP + 1n,
          coordinatorEpoch: -1,
          currentTransactionStartOffset: -1,
        },
      ])
    })

    it('is not counted in what a coordinator writes in its name, which only a later epoch refuses', async () => {
      const write = (producerEpoch: number) => {
        const batch = buildBatch(produced(0, { isTransactional: true, producerEpoch }))
        return run.appendRequest({ batch, durability: 'written', origin: 'coordinator' })
      }
      for (let index = 0; index < 3; index++)
        expect(await write(1)).toMatchObject({ baseOffset: index * 2, duplicate: false })
      const shown = { lastSequence: 1, currentTransactionStartOffset: 0 }
      expect(run.log.producers()).toMatchObject([shown])
      expect(run.log.lastStableOffset).toBe(0)
      expect(run.log.standingOf(PRODUCER)).toMatchObject({
        producerEpoch: 1,
        isTransactionOpen: true,
        endedTransactions: 0,
      })
      expect(run.log.standingOf(producerId(7n))).toBeNull()
      if (run.engine.isDurable) {
        // From the snapshot, and from the batches themselves.
        await run.restart()
        expect(run.log.producers()).toMatchObject([shown])
        await run.reopen()
        expect(run.log.producers()).toMatchObject([shown])
      }
      expect(await write(2)).toMatchObject({ ok: true })
      expect(await write(1)).toMatchObject({ ok: false, error: 'INVALID_PRODUCER_EPOCH' })
      await run.appendTogether([marker('commit', 2)])
      expect(run.log.lastStableOffset).toBe(run.log.endOffset)
      expect(run.log.standingOf(PRODUCER)).toMatchObject({
        producerEpoch: 2,
        isTransactionOpen: false,
        endedTransactions: 1,
      })
    })

    it('is forgotten after its time, which may change while the log is open; an open transaction is not', async () => {
      const open = producerId(4001n)
      await run.append(produced(0))
      await run.append(produced(0, { producerId: open, isTransactional: true }))
      const known = () => run.log.producers().map((producer) => producer.producerId)
      const { clock } = run.engine
      clock.advance(PRODUCER_EXPIRATION_INTERVAL_MS)
      await run.settle(null)
      expect(known()).toEqual([PRODUCER, open])
      run.config = { ...run.config, producerIdExpirationMs: PRODUCER_EXPIRATION_INTERVAL_MS }
      run.log.configure(run.config)
      clock.advance(PRODUCER_EXPIRATION_INTERVAL_MS)
      await run.settle(null)
      expect(known()).toEqual([open])
    })

    it('refuses nothing to batches without a producer', async () => {
      const batch = { records: records(1), baseSequence: 5 }
      for (let index = 0; index < 3; index++) {
        expect(await run.append(batch)).toMatchObject({ ok: true, baseOffset: index, duplicate: false })
      }
      expect(run.log.producers()).toEqual([])
    })
  })

  describe('a transaction', () => {
    const inTransaction = { isTransactional: true }
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start())
    })

    afterEach(async () => {
      await run.end()
    })

    it('holds the last stable offset until its marker', async () => {
      await run.append({ records: records(3) })
      await run.append(produced(0, inTransaction))
      await run.append({ records: records(1) })
      expect(run.log.lastStableOffset).toBe(3)
      expect(batchesIn((await run.read(0, 10_000, { bound: 'lastStable' })) ?? ([] as never))).toHaveLength(1)
      expect(await run.read(3, 10_000, { bound: 'lastStable' })).toHaveLength(0)
      expect(run.log.producers()).toMatchObject([{ currentTransactionStartOffset: 3, coordinatorEpoch: -1 }])
      expect(await run.appendBytes(marker('commit'))).toMatchObject({ ok: true, baseOffset: 6 })
      expect(run.log.lastStableOffset).toBe(7)
      expect(run.log.producers()).toMatchObject([{ currentTransactionStartOffset: -1, coordinatorEpoch: 3 }])
    })

    it('that was aborted is told to readers of what it touched', async () => {
      const abortedIn = async (at: number, bytesMax: number) => {
        const request = { offset: at as never, bytesMax, atLeastOneBatch: true, bound: 'lastStable' } as const
        const result = await run.settle(run.log.read(request))
        if (!result.ok) throw new Error(result.error)
        result.release()
        return result.abortedTransactions
      }
      const second = producerId(4001n)
      await run.append(produced(0, inTransaction)) // 0, 1
      await run.append(produced(0, { ...inTransaction, producerId: second })) // 2, 3
      await run.appendBytes(marker('abort')) // 4
      await run.append({ records: records(1) }) // 5
      await run.appendBytes(marker('commit', 1, second)) // 6
      await run.append(produced(2, inTransaction)) // 7, 8
      await run.appendBytes(marker('abort')) // 9
      expect(run.log.lastStableOffset).toBe(10)
      expect(await abortedIn(0, 10_000)).toEqual([
        { producerId: PRODUCER, firstOffset: 0 },
        { producerId: PRODUCER, firstOffset: 7 },
      ])
      expect(await abortedIn(0, 1)).toEqual([{ producerId: PRODUCER, firstOffset: 0 }])
      expect(await abortedIn(4, 1)).toEqual([{ producerId: PRODUCER, firstOffset: 0 }])
      expect(await abortedIn(5, 1)).toEqual([])
      expect(await abortedIn(8, 10_000)).toEqual([{ producerId: PRODUCER, firstOffset: 7 }])
      if (!run.engine.isDurable) return
      await run.restart()
      expect(await abortedIn(0, 10_000)).toHaveLength(2)
      expect(run.log.lastStableOffset).toBe(10)
    })

    it('forbids its producer plain batches', async () => {
      await run.append(produced(0, inTransaction))
      expect(await run.append(produced(2))).toMatchObject({ error: 'INVALID_TXN_STATE' })
      await run.appendBytes(marker('commit'))
      expect(await run.append(produced(2))).toMatchObject({ ok: true })
    })

    it('ended with a raised epoch forgets the sequence and fences the old one', async () => {
      await run.append(produced(0, inTransaction))
      await run.appendBytes(marker('commit', 2))
      expect(run.log.producers()).toMatchObject([{ producerEpoch: 2, lastSequence: -1 }])
      expect(await run.append(produced(2, inTransaction))).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
      expect(await run.appendBytes(marker('abort', 1))).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
      expect(await run.append(produced(0, { ...inTransaction, producerEpoch: 2 }))).toMatchObject({ ok: true })
    })

    it('takes markers of the same epoch again under versions 0 and 1, open transaction or not', async () => {
      for (const transactionVersion of [0, 1]) {
        await run.append(produced(transactionVersion * 2, inTransaction))
        for (let index = 0; index < 2; index++)
          expect(await run.appendBytes(marker('commit'), 'written', transactionVersion)).toMatchObject({ ok: true })
      }
    })

    it('under version 2 takes a marker of its own epoch only as a repeat', async () => {
      await run.append(produced(0, inTransaction))
      expect(await run.appendBytes(marker('commit'), 'written', 2)).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
      for (let index = 0; index < 2; index++)
        expect(await run.appendBytes(marker('commit', 2), 'written', 2)).toMatchObject({ ok: true })
      expect(await run.appendBytes(marker('commit', 1), 'written', 2)).toMatchObject({
        error: 'INVALID_PRODUCER_EPOCH',
      })
      const unknown = marker('abort', 0, producerId(77n))
      expect(await run.appendBytes(unknown, 'written', 2)).toMatchObject({ ok: true })
    })

    it('is not ended by a coordinator that another one has followed', async () => {
      await run.append(produced(0, inTransaction))
      const fenced = { ok: false, error: 'TRANSACTION_COORDINATOR_FENCED' }
      expect(await run.appendBytes(marker('abort', 1, PRODUCER, 4))).toMatchObject({ ok: true })
      expect(await run.appendBytes(marker('abort', 1, PRODUCER, 3))).toMatchObject(fenced)
      // The producer's epoch is looked at first.
      expect(await run.appendBytes(marker('abort', 0, PRODUCER, 3))).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' })
      expect(await run.appendBytes(marker('abort', 1, PRODUCER, 4))).toMatchObject({ ok: true })
    })

    it('under version 2 begins with sequence 0 where its producer is unknown', async () => {
      const batch = (baseSequence: number) => buildBatch(produced(baseSequence, inTransaction))
      const refused = { ok: false, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', logStartOffset: 0 }
      expect(await run.appendBytes(batch(1), 'written', 2)).toMatchObject(refused)
      expect(await run.appendBytes(batch(0), 'written', 2)).toMatchObject({ ok: true })
      expect(await run.appendBytes(batch(2), 'written', 2)).toMatchObject({ ok: true })
      const other = buildBatch(produced(5, { ...inTransaction, producerId: producerId(77n) }))
      expect(await run.appendBytes(other, 'written', 1)).toMatchObject({ ok: true })
    })
  })
}
