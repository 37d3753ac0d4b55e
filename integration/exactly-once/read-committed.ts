import { ErrorCode, Fetch } from '@odradek/protocol'
import {
  type AbortedTransaction,
  BATCH_HEADER_BYTES,
  CommittedView,
  readBatchHeader,
  recordsOf,
} from '@odradek/records'
import type { WireClient } from '../harness/wire-client.ts'
import type { ReadRecord } from './history.ts'

export type Isolation = 'read_committed' | 'read_uncommitted'

const ISOLATION_LEVEL = { read_uncommitted: 0, read_committed: 1 } as const
const FETCH_BYTES_MAX = 4 * 1024 * 1024
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

export interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly records: readonly ReadRecord[]
  /** Where to read on: behind all that came, shown or not. */
  readonly position: number
}

/** What an application is shown of `bytes` from `position` on: as every client leaves out markers and what was aborted. */
function shownRecords(
  bytes: Uint8Array,
  position: number,
  aborted: readonly AbortedTransaction[],
): Pick<FetchedPartition, 'records' | 'position'> {
  const records: ReadRecord[] = []
  const view = new CommittedView(aborted)
  let next = position
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    const header = readBatchHeader(bytes, at)
    if (at + header.sizeBytes > bytes.length) break
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    const unpacked = recordsOf(bytes.subarray(at, at + header.sizeBytes), { maxDecompressedBytes: UNPACKED_BYTES_MAX })
    if (view.shows(header, unpacked)) {
      for (const { offset, value } of unpacked)
        if (offset >= position) records.push({ offset, value: Buffer.from(value ?? []).toString() })
    }
    next = Math.max(next, lastOffset + 1)
    at += header.sizeBytes
  }
  return { records, position: next }
}

/** From each partition what follows the position that `positions` has for it. */
export async function fetchShown(
  client: WireClient,
  topic: string,
  positions: ReadonlyMap<number, number>,
  isolation: Isolation,
  maxWaitMs: number,
): Promise<readonly FetchedPartition[]> {
  const partitions = Array.from(positions, ([partition, offset]) => ({
    partition,
    fetchOffset: BigInt(offset),
    partitionMaxBytes: FETCH_BYTES_MAX,
  }))
  const { responses } = await client.call(Fetch, 12, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: FETCH_BYTES_MAX,
    isolationLevel: ISOLATION_LEVEL[isolation],
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  })
  return (responses[0]?.partitions ?? []).map((answer) => {
    const from = positions.get(answer.partitionIndex) ?? 0
    return {
      partition: answer.partitionIndex,
      errorCode: answer.errorCode,
      highWatermark: Number(answer.highWatermark),
      lastStableOffset: Number(answer.lastStableOffset),
      ...shownRecords(answer.records ?? new Uint8Array(), from, answer.abortedTransactions ?? []),
    }
  })
}

/** All that a partition shows from its start to its end. @throws Error when a fetch is refused. */
export async function readShown(
  client: WireClient,
  topic: string,
  partition: number,
  isolation: Isolation,
): Promise<FetchedPartition> {
  const records: ReadRecord[] = []
  for (let position = 0; ; ) {
    const [answer] = await fetchShown(client, topic, new Map([[partition, position]]), isolation, 0)
    if (answer?.errorCode !== ErrorCode.NONE)
      throw new Error(`a fetch of ${topic}-${partition} at ${position}: error ${answer?.errorCode}`)
    for (const record of answer.records) records.push(record)
    if (answer.position === position) return { ...answer, records }
    position = answer.position
  }
}
