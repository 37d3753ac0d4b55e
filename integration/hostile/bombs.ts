import { timestamp } from '@odradek/core'
import { buildBatch, codecFor, crc32c } from '@odradek/records'

const HEADER_BYTES = 61
const LENGTH_AT = 8
const LENGTH_BEGINS = 12
const CRC_AT = 17
const ATTRIBUTES_AT = 21

const ZEROS_BYTES = 200_000_000

/** A batch that becomes very much when it is opened. */
export interface Bomb {
  readonly name: string
  readonly batch: Uint8Array
}

/** Of each codec one; that of snappy only says that it is large. */
export function bombs(): Bomb[] {
  const zeros = Buffer.alloc(ZEROS_BYTES)
  const made = (['gzip', 'lz4', 'zstd'] as const).map((type, index) => {
    const payload = codecFor(type, type === 'lz4' ? 9 : 3).compress(
      type === 'lz4' ? zeros.subarray(0, ZEROS_BYTES / 2) : zeros,
    )
    const name = `${type}: ${payload.length} bytes that become ${type === 'lz4' ? ZEROS_BYTES / 2 : ZEROS_BYTES}`
    return { name, batch: sealed(CODES[type] ?? index, payload) }
  })
  const declared = Buffer.concat([Buffer.from('ffffffff07', 'hex'), Buffer.alloc(100)])
  return [...made, { name: 'snappy: 105 bytes that announce 2 GB', batch: sealed(CODES['snappy'] ?? 0, declared) }]
}

const CODES: Readonly<Record<string, number>> = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/** A batch of one record with another payload, and length and checksum that are right for it. */
function sealed(codec: number, payload: Uint8Array): Uint8Array {
  const plain = buildBatch({ records: [{ timestamp: timestamp(1n), key: null, value: Buffer.from('v'), headers: [] }] })
  const batch = Buffer.concat([plain.subarray(0, HEADER_BYTES), payload])
  batch.writeInt32BE(batch.length - LENGTH_BEGINS, LENGTH_AT)
  batch.writeInt16BE(codec, ATTRIBUTES_AT)
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
  return batch
}
