import type { Fs, WallMs } from '@odradek/core'
import { replaceFileDurably } from '../small-file.ts'
import { type CopiedFile, PIECE_BYTES } from './checked-copy.ts'

/** Written last: a backup without it was never finished. */
const MANIFEST_NAME = 'odradek-backup.json'
const FORMAT = 1

export interface BackupManifest {
  readonly format: number
  readonly softwareVersion: string
  readonly takenAtMs: WallMs
  /** One for each data directory; with several, their files are in directories 0, 1 and so on. */
  readonly directories: number
  readonly partitions: number
  readonly pieceBytes: number
  readonly files: readonly CopiedFile[]
}

/** The backup cannot be taken or used; the message is for a person. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

export function writeManifest(
  fs: Fs,
  directory: string,
  facts: Omit<BackupManifest, 'format' | 'pieceBytes'>,
): Promise<void> {
  const manifest: BackupManifest = { format: FORMAT, pieceBytes: PIECE_BYTES, ...facts }
  return replaceFileDurably(fs, directory, MANIFEST_NAME, `${JSON.stringify(manifest)}\n`)
}

/** @throws BackupError when the directory holds no finished backup, or one of a newer version. */
export function readManifest(fs: Fs, directory: string): BackupManifest {
  const bytes = fs.readFileSync(`${directory}/${MANIFEST_NAME}`)
  if (bytes === null) {
    throw new BackupError(`${directory} is no backup, or one that was never finished: it has no ${MANIFEST_NAME}`)
  }
  const manifest = parsed(Buffer.from(bytes).toString())
  if (!isManifest(manifest)) throw new BackupError(`${directory}/${MANIFEST_NAME} is damaged`)
  if (manifest.format > FORMAT || manifest.pieceBytes !== PIECE_BYTES) {
    throw new BackupError(`${directory} was taken by odradek ${manifest.softwareVersion}; restore it with that version`)
  }
  return manifest
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isManifest(value: unknown): value is BackupManifest {
  return (
    isObject(value) &&
    ['format', 'takenAtMs', 'directories', 'partitions', 'pieceBytes'].every((name) => Number.isInteger(value[name])) &&
    typeof value['softwareVersion'] === 'string' &&
    Array.isArray(value['files']) &&
    value['files'].every(isFile)
  )
}

function isFile(value: unknown): value is CopiedFile {
  return (
    isObject(value) &&
    typeof value['path'] === 'string' &&
    // Never out of the directory that it is restored to.
    !value['path'].split('/').some((part) => part === '..' || part === '') &&
    Number.isInteger(value['sizeBytes']) &&
    Number.isInteger(value['checksum'])
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
