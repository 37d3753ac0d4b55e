import { DataDirectoryError, lockStopped, readStoredCluster } from '@odradek/broker'
import type { Fs } from '@odradek/core'
import { UsageError } from '../usage-error.ts'

/** `A,B` as it is given for `log.dirs`. */
export function directoriesOf(text: string): readonly string[] {
  const directories = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (directories.length === 0) throw new UsageError('DATA_DIR is empty; name a data directory')
  return directories
}

/** @throws UsageError when one of them is no data directory of ours. */
export function refuseOthers(fs: Fs, directories: readonly string[]): void {
  try {
    for (const directory of directories) readStoredCluster(fs, directory)
  } catch (error) {
    throw error instanceof DataDirectoryError ? new UsageError(error.message) : error
  }
}

/** Runs `task` while no broker can use the directories. @throws UsageError when one does, or a directory is not ours. */
export async function whileStopped<Result>(
  fs: Fs,
  directories: readonly string[],
  task: () => Result | Promise<Result>,
): Promise<Result> {
  const locks: { release(): void }[] = []
  try {
    for (const directory of directories) locks.push(lockStopped(fs, directory))
    return await task()
  } catch (error) {
    if (error instanceof DataDirectoryError) throw new UsageError(error.message)
    throw error
  } finally {
    for (const lock of locks) lock.release()
  }
}
