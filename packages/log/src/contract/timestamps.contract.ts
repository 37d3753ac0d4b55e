import { leaderEpoch, offset, SeededPrng, timestamp } from '@odradek/core'
import { buildBatch, crc32c, type RecordToWrite } from '@odradek/records'
import { BASE_TIMESTAMP, type EngineRun, LogRun, records } from './log-run.ts'

const MAX_TIMESTAMP_AT = 35
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

function timed(times: readonly number[]): RecordToWrite[] {
  return times.map((time) => ({ timestamp: timestamp(BigInt(time)), key: null, value: Buffer.alloc(20) }))
}

/** The batch with another maximum timestamp in its header, and a checksum that agrees. */
function claiming(batch: Uint8Array, maxTimestamp: number): Uint8Array {
  const bytes = Buffer.from(batch)
  bytes.writeBigInt64BE(BigInt(maxTimestamp), MAX_TIMESTAMP_AT)
  bytes.writeUInt32BE(crc32c(bytes, 21), 17)
  return bytes
}

export function timestampsContract(start: () => EngineRun): void {
  describe('a lookup by timestamp', () => {
    let run: LogRun

    beforeEach(async () => {
      run = await LogRun.open(start(), { segmentBytes: 3000, indexIntervalBytes: 200 })
    })

    afterEach(async () => {
      await run.end()
    })

    const lookUp = (time: number, bound: 'highWatermark' | 'lastStable' | 'end' = 'end') =>
      run.settle(run.log.lookupTimestamp(timestamp(BigInt(time)), bound))
    const offsetAt = async (time: number) => (await lookUp(time))?.offset ?? null
    const largest = () => run.settle(run.log.lookupMaxTimestamp())

    it('finds nothing in an empty log', async () => {
      expect(await lookUp(0)).toBeNull()
      expect(await largest()).toBeNull()
    })

    it('finds the earliest record at or after the time, also within compressed batches', async () => {
      run.log.setLeaderEpoch(leaderEpoch(4))
      for (const compressionType of CODECS) {
        await run.append({ records: timed([1000, 1010, 1020]), compressionType })
      }
      expect(await lookUp(1010)).toEqual({ offset: 1, timestamp: 1010n, leaderEpoch: 4 })
      expect(await lookUp(1011)).toEqual({ offset: 2, timestamp: 1020n, leaderEpoch: 4 })
      expect(await lookUp(0)).toMatchObject({ offset: 0, timestamp: 1000n })
      expect(await lookUp(1021)).toBeNull()
      expect(await largest()).toEqual({ offset: 2, timestamp: 1020n, leaderEpoch: 4 })
    })

    it('agrees with a search through all records, in any order of times and over many segments', async () => {
      const seed = Number(process.env['SEED'] ?? 11)
      const prng = new SeededPrng(seed)
      const all: number[] = []
      for (let index = 0; index < 150; index++) {
        const times = Array.from({ length: 1 + prng.below(4) }, () => 10_000 + index * 10 + prng.below(400))
        all.push(...times)
        await run.append({ records: timed(times), compressionType: CODECS[prng.below(5)] ?? 'none' })
      }
      for (let index = 0; index < 200; index++) {
        const time = 9_990 + prng.below(2000)
        const expected = all.findIndex((value) => value >= time)
        expect([seed, time, await offsetAt(time)]).toEqual([seed, time, expected < 0 ? null : expected])
      }
      expect((await largest())?.offset).toBe(all.indexOf(Math.max(...all)))
      await run.settle(run.log.deleteRecordsBefore(offset(100)))
      const expected = all.findIndex((value, at) => at >= 100 && value >= 10_200)
      expect(await offsetAt(10_200)).toBe(expected)
    })

    it('does not believe a compressed batch that claims too little', async () => {
      await run.append({ records: timed([100]) })
      await run.appendBytes(claiming(buildBatch({ records: timed([110, 900, 120]), compressionType: 'lz4' }), 120))
      for (let index = 0; index < 60; index++) await run.append({ records: timed([200 + index]) })
      await run.append({ records: timed([950]) })
      for (const _ of ['first lookup', 'what it found out is kept']) {
        expect(await offsetAt(900)).toBe(2)
        expect(await offsetAt(300)).toBe(2)
        expect(await offsetAt(901)).toBe(64)
        expect(await offsetAt(105)).toBe(1)
      }
      expect(await largest()).toMatchObject({ offset: 64, timestamp: 950n })
      await run.appendBytes(claiming(buildBatch({ records: timed([960, 970]), compressionType: 'gzip' }), 5))
      expect(await offsetAt(955)).toBe(65)
      expect(await largest()).toMatchObject({ offset: 66, timestamp: 970n })
      if (!run.engine.isDurable) return
      await run.restart()
      expect(await largest()).toMatchObject({ offset: 66, timestamp: 970n })
      expect(await offsetAt(900)).toBe(2)
    })

    it('goes on past a compressed batch that claims too much', async () => {
      await run.appendBytes(claiming(buildBatch({ records: timed([100]), compressionType: 'zstd' }), 5000))
      for (let index = 0; index < 60; index++) await run.append({ records: timed([200 + index]) })
      expect(await offsetAt(230)).toBe(31)
      expect(await offsetAt(231)).toBe(32)
      expect(await offsetAt(4000)).toBeNull()
      expect(await largest()).toMatchObject({ offset: 60, timestamp: 259n })
    })

    it('passes over a batch that nobody can open', async () => {
      const poison = Buffer.from(buildBatch({ records: records(1), compressionType: 'gzip' }))
      poison.fill(0x55, 61)
      poison.writeUInt32BE(crc32c(poison, 21), 17)
      await run.appendBytes(poison)
      await run.append({ records: timed([100]) })
      expect(await offsetAt(50)).toBe(1)
      expect(await largest()).toMatchObject({ offset: 1 })
    })

    it('takes the append time of a batch as that of all its records', async () => {
      await run.append({ records: timed([1, 2]), logAppendTime: timestamp(500n), compressionType: 'snappy' })
      expect(await lookUp(400)).toMatchObject({ offset: 0, timestamp: 500n })
      expect(await largest()).toMatchObject({ offset: 0, timestamp: 500n })
    })

    it('finds the first record as the latest when none has a time', async () => {
      await run.append({ records: timed([-1, -1]) })
      await run.append({ records: timed([-1]) })
      expect(await largest()).toMatchObject({ offset: 0, timestamp: -1n })
      expect(await lookUp(0)).toBeNull()
    })

    it('does not look past its bound', async () => {
      const open = { producerId: 9n as never, producerEpoch: 0, baseSequence: 0, isTransactional: true }
      await run.append({ records: timed([10]) })
      await run.append({ records: timed([20]), ...open })
      expect(await lookUp(20, 'highWatermark')).toMatchObject({ offset: 1 })
      expect(await lookUp(20, 'lastStable')).toBeNull()
      expect(await lookUp(10, 'lastStable')).toMatchObject({ offset: 0 })
    })
  })

  it('keeps the base timestamp of the helpers in sight', () => {
    expect(records(2).map((record) => record.timestamp)).toEqual([BASE_TIMESTAMP, BASE_TIMESTAMP + 1n])
  })
}
