import type { Clock, Fs } from '@odradek/core'
import { BackupError, type BackupManifest, readManifest } from './backup-manifest.ts'
import { type CopiedFile, copyFile, syncDirectories } from './checked-copy.ts'
import { paceOf } from './pace.ts'
import { prefixOf } from './take-backup.ts'

export interface RestoreOptions {
  readonly fs: Fs
  readonly backup: string
  /** As many as were backed up, each missing or empty but for `.lock`. */
  readonly directories: readonly string[]
  /** Comes last: without it nothing starts on what is half restored. */
  readonly identityFile: string
  readonly clock: Clock
}

/**
 * Makes data directories of a backup. Every byte is compared with the manifest, and is on the device when it resolves.
 * @throws BackupError when the backup is not whole, or not for so many directories; what was copied is removed then.
 */
export async function restoreBackup(options: RestoreOptions): Promise<BackupManifest> {
  const { backup, directories, fs, identityFile } = options
  const manifest = readManifest(fs, backup)
  if (manifest.directories !== directories.length) {
    throw new BackupError(
      `${backup} is of ${manifest.directories} data directories, and ${directories.length} were named: write A,B for several`,
    )
  }
  try {
    for (const [index, directory] of directories.entries()) {
      const prefix = prefixOf(index, directories.length)
      const files = manifest.files.filter(({ path }) => path.startsWith(prefix))
      const isIdentity = ({ path }: CopiedFile) => path === `${prefix}${identityFile}`
      await restoreFiles(
        options,
        files.filter((file) => !isIdentity(file)),
        directory,
        prefix,
      )
      await restoreFiles(options, files.filter(isIdentity), directory, prefix)
    }
  } catch (error) {
    for (const directory of directories) await removeRestored(fs, directory, manifest)
    throw error
  }
  return manifest
}

async function restoreFiles(
  { fs, backup, clock }: RestoreOptions,
  files: readonly CopiedFile[],
  directory: string,
  prefix: string,
): Promise<void> {
  const copy = { fs, to: directory, pace: paceOf(clock, null) }
  const restored: CopiedFile[] = []
  for (const { path, sizeBytes, checksum } of files) {
    if (fs.statSync(`${backup}/${path}`)?.sizeBytes !== sizeBytes) {
      throw new BackupError(`${backup}/${path} is missing, or not of ${sizeBytes} bytes: the backup is not whole`)
    }
    const source = fs.openSync(`${backup}/${path}`, 'read')
    try {
      const copied = await copyFile(copy, source, sizeBytes, path.slice(prefix.length))
      if (copied.checksum !== checksum) {
        throw new BackupError(`${backup}/${path} has changed since the backup: its checksum is wrong`)
      }
      restored.push(copied)
    } finally {
      source.closeSync()
    }
  }
  await syncDirectories(copy, restored)
}

async function removeRestored(fs: Fs, directory: string, manifest: BackupManifest): Promise<void> {
  const names = new Set(manifest.files.map(({ path }) => path.split('/').at(-2) ?? path))
  for (const name of fs.readdirSync(directory)) {
    if (fs.statSync(`${directory}/${name}`)?.isDirectory === true) {
      if (names.has(name)) await fs.removeDirectory(`${directory}/${name}`)
    } else if (manifest.files.some(({ path }) => path.endsWith(name))) fs.unlinkSync(`${directory}/${name}`)
  }
}
