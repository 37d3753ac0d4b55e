import { crc32cMemory, largeCrc32cMemory } from '@odradek/records'
import { SHARED_RECEIVE_BYTES } from './limits.ts'
import type { ReceiveMemory } from './receive-frames.ts'
import { ReceivePool } from './receive-pool.ts'

let ofProcess: ReceiveMemory | null = null

/**
 * What all connections of the process receive into. It lies, as far as there is room, in the memory in which checksums
 * are computed: a batch is then checked where it was received.
 */
export function receiveMemory(): ReceiveMemory {
  ofProcess ??= {
    shared: asBuffer(crc32cMemory())?.subarray(0, SHARED_RECEIVE_BYTES) ?? Buffer.allocUnsafeSlow(SHARED_RECEIVE_BYTES),
    pool: new ReceivePool(() => asBuffer(largeCrc32cMemory())),
  }
  return ofProcess
}

const asBuffer = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
