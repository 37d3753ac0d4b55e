import { producerId, timestamp } from '@odradek/core'
import { Produce } from '@odradek/protocol'
import { type BatchToBuild, buildBatch, crc32c } from '@odradek/records'
import { eachVersion, type Scenario } from '../scenario.ts'
import { batch, NOW_MS, Producing, RECORD_BATCHES } from './producing.ts'

const CRC_AT = 17
/** What the checksum is of begins here. */
const ATTRIBUTES_AT = 21
const ATTRIBUTES_LOW_AT = 22
const LAST_OFFSET_DELTA_AT = 23
const RECORDS_COUNT_AT = 57
const RECORDS_AT = 61
const LOG_APPEND_TIME_BIT = 0x08
const UNKNOWN_CODEC = 5
const SEGMENT_BYTES = 1_048_576
const MESSAGE_BYTES_MAX = 200

/** With the batch changed, and a checksum of what it is then. */
function sealed(bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = Buffer.from(bytes)
  Buffer.from(values).copy(copy, at)
  copy.writeUInt32BE(crc32c(copy.subarray(ATTRIBUTES_AT)), CRC_AT)
  return copy
}

/** With another checksum than its own. */
function unsealed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes)
  copy.writeUInt32BE((copy.readUInt32BE(CRC_AT) ^ 1) >>> 0, CRC_AT)
  return copy
}

const withBaseOffset = (bytes: Uint8Array): Uint8Array => {
  const copy = Buffer.from(bytes)
  copy.writeBigInt64BE(7n)
  return copy
}

const at = (time: bigint, key: string | null = 'k') => ({
  timestamp: timestamp(time),
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from('v'),
})

const GOOD = batch(['a', 'b'])
const COMPRESSED = batch(['a'.repeat(50), 'b'.repeat(50)], { compressionType: 'gzip' })

/** Whose header is that of records, and whose records are none. */
const BROKEN: readonly Uint8Array[] = [
  sealed(GOOD, RECORDS_COUNT_AT, 0, 0, 0, 0),
  sealed(GOOD, RECORDS_COUNT_AT, 0xff, 0xff, 0xff, 0xff),
  sealed(GOOD, RECORDS_COUNT_AT, 0, 0, 0, 3),
  sealed(GOOD, LAST_OFFSET_DELTA_AT, 0, 0, 0, 2),
  sealed(sealed(GOOD, RECORDS_COUNT_AT, 0, 0, 0, 3), LAST_OFFSET_DELTA_AT, 0, 0, 0, 2),
  sealed(GOOD, RECORDS_AT, 0x7f),
  sealed(GOOD, GOOD.length - 1, 1),
  sealed(GOOD, ATTRIBUTES_LOW_AT, UNKNOWN_CODEC),
  batch(['a'], { producerId: producerId(77_780n), producerEpoch: 0, baseSequence: -1 }),
]

/** Marked as of a codec that has not made them. */
const JUNK: readonly Uint8Array[] = [sealed(GOOD, ATTRIBUTES_LOW_AT, 1), sealed(COMPRESSED, RECORDS_AT, 0xff, 0xff)]

export const refusedBatches: readonly Scenario[] = [
  ...eachVersion(Produce, RECORD_BATCHES, 'batches whose records are none', async (world, version) => {
    const to = await Producing.to(world, version)
    for (const bytes of BROKEN) await to.send(bytes)
    // Nothing of them was stored.
    await to.send(GOOD)
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'batches that are not of their codec', async (world, version) => {
    const to = await Producing.to(world, version)
    for (const bytes of JUNK) await to.send(bytes)
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'what batches claim of their time', async (world, version) => {
    const claiming = (time: bigint) =>
      sealed(buildBatch({ records: [at(time)] }), ATTRIBUTES_LOW_AT, LOG_APPEND_TIME_BIT)
    const created = await Producing.to(world, version)
    for (const time of [NOW_MS, -1n]) await created.send(claiming(time))
    const appended = await Producing.to(world, version, { 'message.timestamp.type': 'LogAppendTime' }, 'u')
    for (const time of [NOW_MS, -1n]) await appended.send(claiming(time))
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'which fault counts of several', async (world, version) => {
    const to = await Producing.to(world, version, {
      'max.message.bytes': String(MESSAGE_BYTES_MAX),
      'cleanup.policy': 'compact',
      'message.timestamp.after.max.ms': '60000',
    })
    const late = NOW_MS + 36_000_000n
    const large: BatchToBuild = { records: [{ ...at(late, null), value: Buffer.alloc(MESSAGE_BYTES_MAX) }] }
    const outOfOrder = { producerId: producerId(77_781n), producerEpoch: 0, baseSequence: 9 }
    const small = buildBatch({ records: [at(late, null)] })
    await to.send(batch(['a'], { ...outOfOrder, baseSequence: 0 }))
    await to.send(withBaseOffset(unsealed(buildBatch(large))))
    await to.send(unsealed(buildBatch(large)))
    await to.send(unsealed(sealed(small, RECORDS_COUNT_AT, 0, 0, 0, 9)))
    await to.send(sealed(small, RECORDS_COUNT_AT, 0, 0, 0, 9))
    await to.send(small)
    await to.send(buildBatch({ records: [at(late, null)], ...outOfOrder }))
    await to.send(buildBatch({ records: [at(NOW_MS)], ...outOfOrder }))
    await to.send(Buffer.concat([unsealed(small), small]))
    await to.rows([{ index: 9, records: unsealed(small) }])
    await to.rows([{ index: 9, records: small }], 2)
  }),
  ...eachVersion(Produce, RECORD_BATCHES, 'larger than a segment', async (world, version) => {
    const to = await Producing.to(world, version, {
      'segment.bytes': String(SEGMENT_BYTES),
      'max.message.bytes': String(2 * SEGMENT_BYTES),
    })
    await to.send(batch(['x'.repeat(SEGMENT_BYTES)]))
    await to.send(batch(['x']))
  }),
]
