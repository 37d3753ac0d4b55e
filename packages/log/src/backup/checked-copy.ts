import type { FileHandle, Fs } from '@odradek/core'
import { crc32c } from '@odradek/records'
import { ShortWriteError } from '../storage-error.ts'

/** Bytes copied in one go: what a produce may have to wait for. */
export const PIECE_BYTES = 256 * 1024
/** Not more than this waits for the device at a time: past a limit of its own the kernel makes the writer wait. */
const FLUSH_BYTES = 8 * 1024 * 1024

/** A file of a backup. The checksum is one over the checksums of its pieces, each with the one before it. */
export interface CopiedFile {
  readonly path: string
  readonly sizeBytes: number
  readonly checksum: number
}

export interface CopyOptions {
  readonly fs: Fs
  /** Of all copies. */
  readonly to: string
  /** Called after each piece; resolves when the next may come. */
  readonly pace: (bytes: number) => Promise<void>
}

/** Copies the first `sizeBytes` of an open file to `path` below the target, and flushes it. */
export async function copyFile(
  { fs, to, pace }: CopyOptions,
  source: FileHandle,
  sizeBytes: number,
  path: string,
): Promise<CopiedFile> {
  const target = openTarget(fs, to, path)
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(PIECE_BYTES, sizeBytes)))
  let checksum = 0
  let unflushed = 0
  try {
    for (let at = 0; at < sizeBytes; ) {
      const count = await source.read(buffer, 0, Math.min(PIECE_BYTES, sizeBytes - at), at)
      if (count < Math.min(PIECE_BYTES, sizeBytes - at)) throw new Error(`${source.path} ends at ${at + count}`)
      const piece = buffer.subarray(0, count)
      write(target, piece, at)
      checksum = chained(checksum, piece)
      at += count
      unflushed += count
      if (unflushed >= FLUSH_BYTES) {
        await target.datasync()
        unflushed = 0
      }
      await pace(count)
    }
    await target.datasync()
  } finally {
    target.closeSync()
  }
  return { path, sizeBytes, checksum }
}

/** The same for a small file whose bytes are there. */
export async function writeFile({ fs, to, pace }: CopyOptions, bytes: Uint8Array, path: string): Promise<CopiedFile> {
  const target = openTarget(fs, to, path)
  let checksum = 0
  try {
    for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES)
      write(target, piece, at)
      checksum = chained(checksum, piece)
    }
    await target.datasync()
  } finally {
    target.closeSync()
  }
  await pace(bytes.byteLength)
  return { path, sizeBytes: bytes.byteLength, checksum }
}

/** Flushes every directory that the files stand in. */
export async function syncDirectories({ fs, to }: CopyOptions, files: readonly CopiedFile[]): Promise<void> {
  const directories = new Set(files.map(({ path }) => `${to}/${path}`.slice(0, -path.length + path.lastIndexOf('/'))))
  for (const directory of new Set([...directories, to])) await fs.syncDirectory(directory)
}

function openTarget(fs: Fs, to: string, path: string): FileHandle {
  const directory = path.lastIndexOf('/')
  if (directory > 0) fs.mkdirSync(`${to}/${path.slice(0, directory)}`)
  return fs.openSync(`${to}/${path}`, 'create')
}

function write(target: FileHandle, piece: Uint8Array, at: number): void {
  const written = target.writeSync([piece], at)
  if (written !== piece.byteLength) throw new ShortWriteError(target.path, written, piece.byteLength)
}

function chained(before: number, piece: Uint8Array): number {
  const link = Buffer.allocUnsafe(8)
  link.writeUInt32BE(before, 0)
  link.writeUInt32BE(crc32c(piece), 4)
  return crc32c(link)
}
