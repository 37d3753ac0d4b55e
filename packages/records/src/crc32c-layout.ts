/** Where things lie in the memory that the CRC-32C module works in. The regions must not overlap. */

/** Tables for slicing by 16, of 256 words each, at 0: the module addresses them by constants. */
export const TABLES = 16
const TABLES_BYTES = TABLES * 1024

const VECTOR_BYTES = 16
/** How far back, in units, a folded vector reaches. */
export const FARTHEST = 209
const UNIT_BYTES_MAX = 16
/** Folded at a time; between two chunks the last vectors move back to the front of the history. */
export const CHUNK_VECTORS = 1024

export const HISTORY_AT = TABLES_BYTES
export const HISTORY_BYTES = FARTHEST * UNIT_BYTES_MAX
const REMAINDERS_AT = HISTORY_AT + HISTORY_BYTES + CHUNK_VECTORS * VECTOR_BYTES

/** What folding in such units leaves over: whole vectors. */
export const remainderBytes = (unitBytes: number): number =>
  Math.ceil((FARTHEST * unitBytes) / VECTOR_BYTES) * VECTOR_BYTES

export interface FoldStage {
  readonly unitBytes: number
  /** Below this it costs more than what comes after it saves. */
  readonly bytesMin: number
  readonly remainderAt: number
}

/**
 * Long units reach far back, so that a vector is read again long after it was written, but leave over what short ones make
 * shorter still; the last remainder goes through the tables. Of seven combinations tried these two were the fastest from 1 KB up.
 */
export const FOLD_STAGES: readonly FoldStage[] = [
  { unitBytes: 16, bytesMin: 4096, remainderAt: REMAINDERS_AT },
  { unitBytes: 2, bytesMin: 512, remainderAt: REMAINDERS_AT + remainderBytes(16) },
]
const REMAINDERS_END = REMAINDERS_AT + remainderBytes(16) + remainderBytes(2)

const PAGE_BYTES = 65_536
const pagesFor = (bytes: number) => Math.ceil(bytes / PAGE_BYTES)

/** Bytes from elsewhere are copied to here, this many at a time: small enough to stay in the processor's cache. */
export const SCRATCH_AT = pagesFor(REMAINDERS_END) * PAGE_BYTES
export const SCRATCH_BYTES = 256 * 1024

/** Bytes that lie here are read in place: receive buffers. */
export const OPEN_AT = SCRATCH_AT + SCRATCH_BYTES

/** With `openBytes` for receive buffers. */
export const memoryPages = (openBytes: number): number => pagesFor(OPEN_AT + openBytes)

/** Of the memory that there is from the start: one buffer that reads of all connections go to. */
export const SMALL_OPEN_BYTES = 256 * 1024
/** Of the one for large requests. */
export const LARGE_OPEN_BYTES = 64 * 1024 * 1024
