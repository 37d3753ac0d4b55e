import { type Clock, type Timestamp, timestamp } from '@odradek/core'
import { SnapshotFooterRecord, SnapshotHeaderRecord } from '@odradek/protocol/records'
import { Writer } from '@odradek/protocol/wire'
import { batchSizeAt, buildBatch, isBatchIntact, readBatchHeader, recordsOf } from '@odradek/records'
import { nextTurn } from '../in-turns.ts'
import type { MetadataRecord } from './metadata-records.ts'
import { inBatches } from './record-batches.ts'

/** Types of the control records that begin and end a snapshot (KIP-630). */
const HEADER_TYPE = 3
const FOOTER_TYPE = 4
const FORMAT_2_AT = 16
/** Metadata is never compressed; the limit only bounds what a broken file could ask for. */
const LIMITS = { maxDecompressedBytes: 134_217_728 }

export interface SnapshotFields {
  readonly leaderEpoch: number
  /** Of the last record that it stands for. */
  readonly lastTimestamp: Timestamp
  readonly records: Iterable<MetadataRecord>
}

/** A snapshot in Kafka's form, a batch in a turn. */
export async function* snapshotParts(
  { leaderEpoch, lastTimestamp, records }: SnapshotFields,
  clock: Pick<Clock, 'soon' | 'wallMs'>,
): AsyncGenerator<Uint8Array, void, void> {
  const now = timestamp(BigInt(Math.trunc(clock.wallMs())))
  let baseOffset = 0
  const batch = (
    batched: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array }[],
    isControl: boolean,
  ): Uint8Array => {
    const timed = batched.map((record) => ({ ...record, timestamp: now }))
    const bytes = buildBatch({ records: timed, isControl, baseOffset, partitionLeaderEpoch: leaderEpoch })
    baseOffset += batched.length
    return bytes
  }
  const header = new Writer()
  SnapshotHeaderRecord.write(header, 0, { version: 0, lastContainedLogTimestamp: lastTimestamp })
  yield batch([{ key: controlKey(HEADER_TYPE), value: header.toBytes() }], true)
  for (const some of inBatches(records)) {
    yield batch(
      some.map((value) => ({ key: null, value })),
      false,
    )
    await nextTurn(clock)
  }
  const footer = new Writer()
  SnapshotFooterRecord.write(footer, 0, { version: 0 })
  yield batch([{ key: controlKey(FOOTER_TYPE), value: footer.toBytes() }], true)
}

/** Whether all batches are as they were written, from the first to the one that says that it is the last. */
export function isWholeSnapshot(bytes: Uint8Array): boolean {
  let ended = false
  let at = 0
  let next = 0
  for (; isBatchAt(bytes, at); at += batchSizeAt(bytes, at) ?? 0) {
    const { baseOffset, isControl, lastOffsetDelta } = readBatchHeader(bytes, at)
    // The checksum does not cover where a batch stands.
    if (baseOffset !== next || ended) return false
    next = baseOffset + lastOffsetDelta + 1
    if (!isControl) continue
    for (const { key } of recordsOf(bytes, LIMITS, at)) ended ||= key?.[3] === FOOTER_TYPE
  }
  return ended && at === bytes.length
}

/** The records of a whole snapshot, batch by batch: views into `bytes`. */
export function* snapshotBatches(bytes: Uint8Array): Generator<readonly MetadataRecord[], void, void> {
  for (let at = 0; isBatchAt(bytes, at); at += batchSizeAt(bytes, at) ?? 0) {
    if (readBatchHeader(bytes, at).isControl) continue
    yield Array.from(recordsOf(bytes, LIMITS, at)).flatMap(({ value }) => (value === null ? [] : [value]))
  }
}

export function isBatchAt(bytes: Uint8Array, at: number): boolean {
  const sizeBytes = batchSizeAt(bytes, at)
  if (sizeBytes === null || sizeBytes > bytes.length - at || bytes[at + FORMAT_2_AT] !== 2) return false
  return isBatchIntact(bytes, at, sizeBytes)
}

function controlKey(type: number): Uint8Array {
  const key = new Writer()
  key.int16(0)
  key.int16(type)
  return key.toBytes()
}
