import type { ProducerId, Timestamp } from '@odradek/core'
import { buildBatch } from './batch-builder.ts'

/** How a transaction ended. */
export type TransactionOutcome = 'commit' | 'abort'

/** Types of control records by number. Only the first two occur in a partition of clients, the others in the metadata log. */
export const CONTROL_TYPES: readonly string[] = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
]
const ABORT = 0
const COMMIT = 1

/** The value of a transaction's marker; newer versions may be longer. */
export interface EndTransactionMarker {
  readonly outcome: TransactionOutcome
  readonly coordinatorEpoch: number
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** The type in a control record's key; null when it is too short to have one. Readers leave unknown types alone. */
export function controlTypeOf(key: Uint8Array | null): number | null {
  return key === null || key.length < 4 ? null : viewOf(key).getInt16(2)
}

/** The marker that a control record holds; null when it is another kind of record, or cut short. */
export function readEndTransactionMarker(
  key: Uint8Array | null,
  value: Uint8Array | null,
): EndTransactionMarker | null {
  const type = controlTypeOf(key)
  if ((type !== ABORT && type !== COMMIT) || value === null || value.length < 6) return null
  return { outcome: type === COMMIT ? 'commit' : 'abort', coordinatorEpoch: viewOf(value).getInt32(2) }
}

/** A batch of one marker, as the coordinator writes it into each partition of the transaction. */
export function buildEndTransactionBatch(
  marker: EndTransactionMarker & {
    readonly producerId: ProducerId
    readonly producerEpoch: number
    readonly timestamp: Timestamp
  },
): Uint8Array {
  const key = Buffer.alloc(4)
  key.writeInt16BE(marker.outcome === 'commit' ? COMMIT : ABORT, 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  const { producerId, producerEpoch, timestamp } = marker
  return buildBatch({
    records: [{ timestamp, key, value }],
    producerId,
    producerEpoch,
    isTransactional: true,
    isControl: true,
  })
}
