import { type Clock, leaderEpoch, type NodeId, type Offset, offset, present, timestamp, topicId } from '@odradek/core'
import type { AppendResult, LogConfig, LogStore, PartitionIdentity, PartitionLog } from '@odradek/log'
import { defaultLogConfig } from '@odradek/log'
import { LeaderChangeMessage } from '@odradek/protocol/records'
import { Writer } from '@odradek/protocol/wire'
import { batchSizeAt, buildBatch, isBatchIntact, readBatchHeader, recordsOf } from '@odradek/records'
import type { MetadataRecord } from './metadata-records.ts'

/** Kafka's fixed id of the metadata topic. */
export const METADATA_TOPIC_ID = topicId('AAAAAAAAAAAAAAAAAAAAAQ')

const IDENTITY: PartitionIdentity = { topicId: METADATA_TOPIC_ID, topicName: '__cluster_metadata', partition: 0 }

/** Bytes read at a time while the log is replayed. */
const REPLAY_READ_BYTES = 1_048_576

/** Metadata is never compressed; the limit only bounds what a broken file could ask for. */
export const REPLAY_LIMITS = { maxDecompressedBytes: 134_217_728 }

/** Type of the control record that says who leads the log (KIP-595). */
const LEADER_CHANGE_TYPE = 2

/** The metadata log could not be read or written; the message is for a person. */
export class MetadataLogError extends Error {
  override readonly name = 'MetadataLogError'
  /** The log itself is all right: its disk has no room, most likely. */
  readonly mayPass: boolean

  constructor(message: string, mayPass = false) {
    super(message)
    this.mayPass = mayPass
  }
}

/**
 * `__cluster_metadata-0`: one batch of format 2 for each atomic change, framed as KRaft frames it, so that Kafka's own
 * tools can read the file. Nothing counts as written before it is on the device.
 */
export class MetadataLog {
  /** Resolves, with the reason, when a write or a flush has failed for good: nothing can be decided any more. */
  readonly failed: Promise<string>
  private readonly log: PartitionLog
  private readonly clock: Clock

  private constructor(log: PartitionLog, clock: Clock) {
    this.log = log
    this.clock = clock
    this.failed = new Promise((resolve) => {
      log.watch(() => {
        if (log.failure !== null) resolve(log.failure)
      })
    })
  }

  static async open(store: LogStore, flush: LogConfig['flush'], clock: Clock): Promise<MetadataLog> {
    // The log is small, is read as a whole at every start, and nothing of it may ever be dropped.
    const config = { ...defaultLogConfig, retentionMs: -1, segmentMs: Number.MAX_SAFE_INTEGER, flush }
    // The controller writes one change after the other, each when the one before is durable.
    return new MetadataLog(await store.open(IDENTITY, { ...config, isEachBatchFlushed: flush === 'device' }), clock)
  }

  get endOffset(): Offset {
    return this.log.endOffset
  }

  get leaderEpoch(): number {
    return this.log.leaderEpoch
  }

  /**
   * Hands over every batch in order, with the offset after it. Control batches have no records.
   * @throws MetadataLogError when the log cannot be read, or holds something that is not metadata.
   */
  async replay(take: (records: readonly MetadataRecord[], endOffset: Offset) => void): Promise<void> {
    if (this.log.failure !== null) throw new MetadataLogError(`The metadata log is unusable: ${this.log.failure}`)
    let next = this.log.startOffset
    while (next < this.log.endOffset) {
      const request = { offset: next, bytesMax: REPLAY_READ_BYTES, atLeastOneBatch: true, bound: 'end' } as const
      const read = await this.log.read(request)
      if (!read.ok) throw new MetadataLogError(`The metadata log cannot be read at offset ${next}: ${read.error}`)
      if (read.records.length === 0) throw damaged(next, `no batch holds it, and the log ends at ${this.log.endOffset}`)
      try {
        next = replayBatches(read.records, next, take)
      } finally {
        read.release()
      }
    }
  }

  /** Begins a new epoch: whoever wrote before this process writes no more. Resolves when that is durable. */
  async lead(node: NodeId): Promise<Offset> {
    const last = this.log.leaderEpoch
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

  close(): Promise<void> {
    return this.log.close()
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
    return offset(result.lastOffset + 1)
  }
}

function replayBatches(
  bytes: Uint8Array,
  from: Offset,
  take: (records: readonly MetadataRecord[], endOffset: Offset) => void,
): Offset {
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
