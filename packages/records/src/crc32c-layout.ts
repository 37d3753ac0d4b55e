/** Where things lie in the memory that the CRC-32C module works in. The regions must not overlap. */

/** Tables for slicing by 16, of 256 words each, at 0: the module addresses them by constants. */
export const TABLES = 16
const TABLES_BYTES = TABLES * 1024

export const BLOCK_BYTES = 16
/** How far back a folded block reaches. */
export const HISTORY_BLOCKS = 209
/** Folded at a time; between two chunks the last blocks move back to the front of the history. */
export const CHUNK_BLOCKS = 1024
/** Below this the table method alone is faster. */
export const FOLD_BYTES_MIN = 6144

export const HISTORY_AT = TABLES_BYTES
export const REMAINDER_AT = HISTORY_AT + (HISTORY_BLOCKS + CHUNK_BLOCKS) * BLOCK_BYTES
const REMAINDER_BYTES = HISTORY_BLOCKS * BLOCK_BYTES

const PAGE_BYTES = 65_536
const pagesFor = (bytes: number) => Math.ceil(bytes / PAGE_BYTES)

/** Bytes from elsewhere are copied to here, this many at a time: small enough to stay in the processor's cache. */
export const SCRATCH_AT = pagesFor(REMAINDER_AT + REMAINDER_BYTES) * PAGE_BYTES
export const SCRATCH_BYTES = 256 * 1024

/** Bytes that lie here are read in place: receive buffers. */
export const OPEN_AT = SCRATCH_AT + SCRATCH_BYTES

/** With `openBytes` for receive buffers. */
export const memoryPages = (openBytes: number): number => pagesFor(OPEN_AT + openBytes)

/** Of the memory that there is from the start: one buffer that reads of all connections go to. */
export const SMALL_OPEN_BYTES = 256 * 1024
/** Of the one for large requests. */
export const LARGE_OPEN_BYTES = 64 * 1024 * 1024
