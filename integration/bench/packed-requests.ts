import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { offset, timestamp } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import type { LoadOptions } from './load-run.ts'
import type { LoadWorkload } from './load-workload.ts'
import { fetchFrame, produceFrame } from './requests.ts'

const FETCH_BYTES = 1_048_576
/** Found in a packed fetch to see where its offset stands. */
const MARK_OFFSET = 0x0102030405n
const MARK = Buffer.from('0000000102030405'.padStart(16, '0'), 'hex')
/** Of a Produce answer in front of the error code, but for the topic's name. */
const PRODUCE_ERROR_AT = 22
/** What an idle consumer waits for records. */
const LONG_POLL_MS = 500

export interface Batch {
  readonly bytes: Uint8Array
  readonly records: number
}

/** Of values of `recordBytes` as near to `bytes` as they come without passing it, and one at least. */
export function packBatch(bytes: number, recordBytes: number): Batch {
  const now = timestamp(BigInt(Date.now()))
  const records = (count: number, size: number) =>
    Array.from({ length: count }, (_, index) => ({
      timestamp: now,
      key: null,
      value: Buffer.alloc(size, 97 + (index % 26)),
      headers: [],
    }))
  const empty = buildBatch({ records: records(1, 0) }).length
  if (bytes < empty) throw new Error(`a batch has ${empty} bytes at least, not ${bytes}`)
  let one = Math.min(recordBytes, bytes - empty)
  // A longer value needs longer lengths in front of it.
  while (buildBatch({ records: records(1, one) }).length > bytes) one--
  const each =
    (buildBatch({ records: records(101, one) }).length - buildBatch({ records: records(1, one) }).length) / 100
  const count = Math.max(1, Math.floor((bytes - empty) / each))
  return { bytes: buildBatch({ records: records(count, one) }), records: count }
}

export interface PackedLoad {
  readonly options: LoadOptions
  readonly batch: Batch
}

/** Writes the requests of a workload to a file for the generator, and says how it finds its way in them. */
export function packRequests(workload: LoadWorkload, topic: string, directory: string): PackedLoad {
  const batch = packBatch(workload.batchBytes, workload.recordBytes)
  const indexes = Array.from({ length: workload.partitions }, (_, index) => index)
  const produces = indexes.map((index) => produceFrame(topic, index, batch.bytes, workload.acks))
  const waitMs = workload.kind === 'deliver' ? LONG_POLL_MS : 0
  const fetches = indexes.map((index) => fetchFrame(topic, index, offset(Number(MARK_OFFSET)), FETCH_BYTES, waitMs))
  const fetchOffsetAt = Buffer.from(fetches[0] ?? []).indexOf(MARK)
  mkdirSync(directory, { recursive: true })
  const file = (name: string, frames: readonly Uint8Array[]): string => {
    const path = join(directory, name)
    writeFileSync(path, Buffer.concat(frames))
    return path
  }
  const frames =
    workload.kind === 'produce'
      ? file('produce', produces)
      : workload.kind === 'fetch'
        ? file('fetch', fetches)
        : file('deliver', [...produces, ...fetches])
  const options = {
    frames,
    topicBytes: Buffer.byteLength(topic),
    errorAt: PRODUCE_ERROR_AT + Buffer.byteLength(topic),
    fetchOffsetAt,
    batchBytes: batch.bytes.length,
    batchRecords: batch.records,
    connections: workload.kind === 'deliver' ? workload.partitions : workload.connections,
    depth: workload.depth,
  }
  return { options, batch }
}
