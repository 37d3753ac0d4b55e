import {
  type Clock,
  leaderEpoch,
  type NodeId,
  type Offset,
  offset,
  present,
  type Timestamp,
  timestamp,
  topicId,
} from '@odradek/core'
import type {
  AppendResult,
  LogCheckpoints,
  LogConfig,
  LogStore,
  PartitionIdentity,
  PartitionLog,
  StoredCheckpoint,
} from '@odradek/log'
import { defaultLogConfig } from '@odradek/log'
import { encodeMetadataRecord, LeaderChangeMessage, NoOpRecord } from '@odradek/protocol/records'
import { Writer } from '@odradek/protocol/wire'
import { batchSizeAt, buildBatch, isBatchIntact, readBatchHeader, recordsOf } from '@odradek/records'
import { MetadataLogError } from './metadata-log-error.ts'
import type { MetadataRecord } from './metadata-records.ts'
import { newestSnapshot } from './newest-snapshot.ts'

/** Kafka's fixed id of the metadata topic. */
export const METADATA_TOPIC_ID = topicId('AAAAAAAAAAAAAAAAAAAAAQ')

const IDENTITY: PartitionIdentity = { topicId: METADATA_TOPIC_ID, topicName: '__cluster_metadata', partition: 0 }

/** Bytes read at a time while the log is replayed. */
const REPLAY_READ_BYTES = 1_048_576

/** Metadata is never compressed; the limit only bounds what a broken file could ask for. */
export const REPLAY_LIMITS = { maxDecompressedBytes: 134_217_728 }

/** Says nothing, and has an offset. */
const NO_OP = encodeMetadataRecord(NoOpRecord, 0, {})
const NO_OPS_PER_BATCH = 1000

/** Takes the records of a batch in; the offset is the one after them. */
type ReplayTarget = (records: readonly MetadataRecord[], endOffset: Offset) => void

/** Type of the control record that says who leads the log (KIP-595). */
const LEADER_CHANGE_TYPE = 2

/**
 * `__cluster_metadata-0`: one batch of format 2 for each atomic change, framed as KRaft frames it, so that Kafka's own
 * tools can read the file. Nothing counts as written before it is on the device.
 */
export class MetadataLog {
  /** Resolves, with the reason, when a write or a flush has failed for good: nothing can be decided any more. */
  readonly failed: Promise<string>
  /** Files that stand for what was in the log before them. */
  readonly snapshots: LogCheckpoints
  private readonly log: PartitionLog
  private readonly clock: Clock
  private newBytes = 0
  private damaged: readonly StoredCheckpoint[] = []
  /** Of the snapshot that it was read from; -1 without one. */
  private snapshotEpoch = -1
  private lastMs = -1n

  private constructor(log: PartitionLog, snapshots: LogCheckpoints, clock: Clock) {
    this.log = log
    this.snapshots = snapshots
    this.clock = clock
    this.failed = new Promise((resolve) => {
      log.watch(() => {
        if (log.failure !== null) resolve(log.failure)
      })
    })
  }

  static async open(
    store: LogStore,
    flush: LogConfig['flush'],
    clock: Clock,
    segmentBytes = defaultLogConfig.segmentBytes,
  ): Promise<MetadataLog> {
    // Nothing of it may ever be dropped that no snapshot stands for.
    const config = { ...defaultLogConfig, retentionMs: -1, segmentMs: Number.MAX_SAFE_INTEGER, segmentBytes, flush }
    // The controller writes one change after the other, each when the one before is durable.
    const log = await store.open(IDENTITY, { ...config, isEachBatchFlushed: flush === 'device' })
    return new MetadataLog(log, store.checkpoints(IDENTITY), clock)
  }

  get startOffset(): Offset {
    return this.log.startOffset
  }

  get sizeBytes(): number {
    return this.log.sizeBytes
  }

  /** Of the batches that no snapshot stands for yet. */
  get bytesSinceSnapshot(): number {
    return this.newBytes
  }

  /** Those that could not be read from when the log was. */
  get damagedSnapshots(): readonly StoredCheckpoint[] {
    return this.damaged
  }

  /** Of the last batch. */
  get lastTimestamp(): Timestamp {
    return timestamp(this.lastMs)
  }

  get endOffset(): Offset {
    return this.log.endOffset
  }

  get leaderEpoch(): number {
    return Math.max(this.log.leaderEpoch, this.snapshotEpoch)
  }

  /**
   * Hands over what the newest whole snapshot says, and every batch after it in order, with the offset after it. Control
   * batches have no records.
   * @throws MetadataLogError when the log cannot be read, or holds something that is not metadata.
   */
  async replay(take: ReplayTarget): Promise<void> {
    if (this.log.failure !== null) throw new MetadataLogError(`The metadata log is unusable: ${this.log.failure}`)
    let next = await this.replaySnapshot(take)
    while (next < this.log.endOffset) {
      const request = { offset: next, bytesMax: REPLAY_READ_BYTES, atLeastOneBatch: true, bound: 'end' } as const
      const read = await this.log.read(request)
      if (!read.ok) throw new MetadataLogError(`The metadata log cannot be read at offset ${next}: ${read.error}`)
      if (read.records.length === 0) throw damaged(next, `no batch holds it, and the log ends at ${this.log.endOffset}`)
      try {
        next = replayBatches(read.records, next, take)
        this.newBytes += read.records.byteLength
        this.lastMs = lastTimestampOf(read.records)
      } finally {
        read.release()
      }
    }
  }

  /** Begins a new epoch: whoever wrote before this process writes no more. Resolves when that is durable. */
  async lead(node: NodeId): Promise<Offset> {
    const last = this.leaderEpoch
    this.log.setLeaderEpoch(leaderEpoch(Math.max(0, last) + 1))
    const { key, value } = leaderChange(node)
    return this.append([{ key, value }], true)
  }

  /** Resolves with the offset after the batch when it is durable. @throws MetadataLogError */
  write(records: readonly MetadataRecord[]): Promise<Offset> {
    return this.append(
      records.map((value) => ({ key: null, value })),
      false,
    )
  }

  /** A snapshot stands for all that had been written when `bytesSinceSnapshot` was `newBytes`. */
  snapshotMade(newBytes: number): void {
    this.newBytes -= newBytes
  }

  /** What is before `startOffset` goes, since a snapshot stands for it. Resolves when that will survive a restart. */
  async forgetBefore(startOffset: Offset): Promise<void> {
    await this.log.deleteRecordsBefore(startOffset)
  }

  forgetDamagedSnapshots(): void {
    for (const id of this.damaged) this.snapshots.remove(id)
    this.damaged = []
  }

  close(): Promise<void> {
    return this.log.close()
  }

  /** Returns where the log goes on. */
  private async replaySnapshot(take: ReplayTarget): Promise<Offset> {
    const { snapshot, damaged } = newestSnapshot(this.snapshots, this.log.startOffset)
    this.damaged = damaged
    if (snapshot === null) return this.log.startOffset
    const end = offset(snapshot.endOffset)
    for (const records of snapshot.batches) take(records, end)
    this.snapshotEpoch = snapshot.leaderEpoch
    // The log was cut below what the snapshot stands for: what comes next must come behind that.
    while (this.log.endOffset < end) {
      const count = Math.min(NO_OPS_PER_BATCH, end - this.log.endOffset)
      await this.write(Array.from({ length: count }, () => NO_OP))
    }
    this.newBytes = 0
    return end
  }

  private async append(
    records: readonly { readonly key: Uint8Array | null; readonly value: Uint8Array }[],
    isControl: boolean,
  ): Promise<Offset> {
    const now = timestamp(BigInt(Math.trunc(this.clock.wallMs())))
    const batch = buildBatch({ records: records.map((record) => ({ ...record, timestamp: now })), isControl })
    const result = await new Promise<AppendResult>((resolve) => {
      this.log.append({ batch, header: readBatchHeader(batch), durability: 'flushed' }, resolve)
    })
    if (!result.ok) {
      const { failure } = this.log
      throw new MetadataLogError(`The metadata log cannot be written: ${failure ?? result.error}`, failure === null)
    }
    this.newBytes += batch.byteLength
    this.lastMs = now
    return offset(result.lastOffset + 1)
  }
}

/** Of the last of several batches. */
function lastTimestampOf(bytes: Uint8Array): bigint {
  let at = 0
  for (let next = 0; next < bytes.length; next += batchSizeAt(bytes, next) ?? bytes.length) at = next
  return readBatchHeader(bytes, at).maxTimestamp
}

function replayBatches(bytes: Uint8Array, from: Offset, take: ReplayTarget): Offset {
  let next = from
  for (let at = 0; at < bytes.length; ) {
    const sizeBytes = batchSizeAt(bytes, at) ?? 0
    if (sizeBytes > bytes.length - at || !isBatchIntact(bytes, at, sizeBytes)) {
      throw damaged(next, 'the checksum of its batch is wrong')
    }
    const header = readBatchHeader(bytes, at)
    // The checksum does not cover it. Nothing is ever taken out of this log.
    if (header.baseOffset !== next) throw damaged(next, `its batch says offset ${header.baseOffset}`)
    next = offset(header.baseOffset + header.lastOffsetDelta + 1)
    take(header.isControl ? [] : valuesOf(bytes, at), next)
    at += sizeBytes
  }
  return next
}

function damaged(at: number, what: string): MetadataLogError {
  return new MetadataLogError(
    `The metadata log is damaged at offset ${at}: ${what}; nothing was changed, see odradek storage check --help`,
  )
}

function valuesOf(bytes: Uint8Array, at: number): MetadataRecord[] {
  // Views are enough: replaying a record keeps none of its bytes.
  return Array.from(recordsOf(bytes, REPLAY_LIMITS, at), ({ value }) => present(value, 'a metadata record has a value'))
}

/** The control record that says who leads the log. */
export function leaderChange(node: NodeId): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const key = new Writer()
  key.int16(0)
  key.int16(LEADER_CHANGE_TYPE)
  const value = new Writer()
  const voters = [{ voterId: node }]
  LeaderChangeMessage.write(value, 0, { version: 0, leaderId: node, voters, grantingVoters: voters })
  return { key: key.toBytes(), value: value.toBytes() }
}
