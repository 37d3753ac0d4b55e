import { createHash } from 'node:crypto'
import { BATCH_HEADER_BYTES, readBatchHeader, recordsOf } from '@odradek/records'

/** `TOPIC-PARTITION`. */
export type PartitionName = string

/** How a batch ended for its producer; `lost`: the connection ended before an answer. */
export type SendOutcome =
  | { readonly kind: 'acknowledged'; readonly baseOffset: number }
  | { readonly kind: 'refused'; readonly errorCode: number }
  | { readonly kind: 'lost' }

/** One batch that a producer has sent, with what came of it. */
export interface SentBatch {
  readonly producer: string
  readonly partition: PartitionName
  /** One digest for each record: its timestamp, key, value and headers. */
  readonly records: readonly string[]
  /** Digest of all bytes that the broker must not touch. */
  readonly batch: string
  outcome: SendOutcome
}

/** A record as it was read. */
export interface ReadRecord {
  readonly offset: number
  readonly record: string
  readonly batch: string
}

export interface Reading {
  readonly consumer: string
  readonly partition: PartitionName
  readonly records: ReadRecord[]
}

/** All that a partition holds at the end. */
export interface FinalLog {
  readonly logStartOffset: number
  /** The high watermark, when nothing is written any more. */
  readonly endOffset: number
  readonly records: readonly ReadRecord[]
}

/** `committed`: an answered OffsetCommit; `asked`: one without an answer; `found`: what OffsetFetch said. */
export interface CommitEvent {
  readonly group: string
  readonly partition: PartitionName
  readonly kind: 'committed' | 'asked' | 'found'
  readonly offset: number
}

/** What clients have seen of a broker that was killed under them. */
export interface History {
  readonly sent: SentBatch[]
  readonly readings: Reading[]
  readonly commits: CommitEvent[]
  readonly final: Map<PartitionName, FinalLog>
}

export const emptyHistory = (): History => ({ sent: [], readings: [], commits: [], final: new Map() })

const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

function lengthThenBytes(hash: ReturnType<typeof createHash>, bytes: Uint8Array | null): void {
  hash.update(`${bytes === null ? -1 : bytes.length}:`)
  if (bytes !== null) hash.update(bytes)
}

/** All of a record but its offset. */
export interface RecordContent {
  readonly timestamp: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null }[]
}

export function recordDigest({ timestamp, key, value, headers }: RecordContent): string {
  const hash = createHash('sha1').update(`${timestamp};`)
  lengthThenBytes(hash, key)
  lengthThenBytes(hash, value)
  for (const header of headers) {
    lengthThenBytes(hash, header.key)
    lengthThenBytes(hash, header.value)
  }
  return hash.digest('base64')
}

/** Of everything but the base offset (8 bytes) and the leader epoch (4, at 12), which are the broker's. */
export function batchDigest(batch: Uint8Array): string {
  return createHash('sha1').update(batch.subarray(8, 12)).update(batch.subarray(16)).digest('base64')
}

/** The records of whole batches; a batch that is cut off at the end of `bytes` is left out, as in every answer to a fetch. */
export function readRecords(bytes: Uint8Array): readonly ReadRecord[] {
  const records: ReadRecord[] = []
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    const { sizeBytes } = readBatchHeader(bytes, at)
    if (at + sizeBytes > bytes.length) break
    const batch = bytes.subarray(at, at + sizeBytes)
    const digest = batchDigest(batch)
    for (const record of recordsOf(batch, { maxDecompressedBytes: UNPACKED_BYTES_MAX }))
      records.push({ offset: record.offset, record: recordDigest(record), batch: digest })
    at += sizeBytes
  }
  return records
}
