import type { BufferPool } from './buffer-pool.ts'
import type { LazyFile, OpenFiles } from './fs/open-files.ts'

/** Something that looks at a file range by range, and does not care whether they come at once or later. */
export interface RangeReader {
  /** The range wanted next. */
  readonly position: number
  readonly length: number
  /** Looks at the range's bytes at the start of `bytes`; true when no other is wanted. */
  accept(bytes: Buffer): boolean
}

/** A file that ends before bytes that were written to it: somebody cut it, or the device lost them. */
class MissingBytesError extends Error {
  override readonly name = 'MissingBytesError'
}

function check(reader: RangeReader, file: LazyFile, count: number): void {
  if (count === reader.length) return
  throw new MissingBytesError(`${file.path} ends at ${reader.position + count}, before the bytes written to it`)
}

/** Serves the reader from the page cache. Returns the pooled buffer that holds the last range. */
export function readRangesSync(reader: RangeReader, file: LazyFile, files: OpenFiles, pool: BufferPool): Buffer {
  for (;;) {
    const { position, length } = reader
    const buffer = pool.take(length)
    let isLast = false
    try {
      check(reader, file, files.use(file).readSync(buffer, 0, length, position))
      isLast = reader.accept(buffer)
      if (isLast) return buffer
    } finally {
      if (!isLast) pool.give(buffer)
    }
  }
}

/** Serves the reader on other threads: for ranges that may have to come from the device. */
export async function readRanges(
  reader: RangeReader,
  file: LazyFile,
  files: OpenFiles,
  pool: BufferPool,
): Promise<Buffer> {
  // Not to wait: by the time there is room the file may have become another one.
  if (!files.canPin(file)) return readRangesSync(reader, file, files, pool)
  const handle = files.pin(file)
  try {
    for (;;) {
      const { position, length } = reader
      const buffer = pool.take(length)
      let isLast = false
      try {
        check(reader, file, await files.reads.read(handle, buffer, length, position))
        isLast = reader.accept(buffer)
        if (isLast) return buffer
      } finally {
        if (!isLast) pool.give(buffer)
      }
    }
  } finally {
    files.unpin(file)
  }
}
