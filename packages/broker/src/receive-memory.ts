import { crc32cMemory } from '@odradek/records'
import { SHARED_RECEIVE_BYTES } from './limits.ts'
import type { ReceiveMemory } from './receive-frames.ts'
import { ReceivePool } from './receive-pool.ts'

let ofProcess: ReceiveMemory | null = null

/**
 * What all connections of the process receive into. It lies, as far as there is room, in the memory in which checksums
 * are computed: a batch is then checked where it was received.
 */
export function receiveMemory(): ReceiveMemory {
  ofProcess ??= makeMemory(crc32cMemory())
  return ofProcess
}

function makeMemory(region: Uint8Array | null): ReceiveMemory {
  if (region === null) return { shared: Buffer.allocUnsafeSlow(SHARED_RECEIVE_BYTES), pool: new ReceivePool() }
  const buffer = Buffer.from(region.buffer, region.byteOffset, region.byteLength)
  return {
    shared: buffer.subarray(0, SHARED_RECEIVE_BYTES),
    pool: new ReceivePool(buffer.subarray(SHARED_RECEIVE_BYTES)),
  }
}
