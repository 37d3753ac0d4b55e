import { DataDirectoryError, lockStopped, readStoredCluster } from '@odradek/broker'
import type { Fs } from '@odradek/core'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'

/** `A,B` as it is given for `log.dirs`. */
export function directoriesOf(text: string): readonly string[] {
  const directories = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (directories.length === 0) throw new UsageError('DATA_DIR is empty; name a data directory')
  const twice = directories.find((each, index) => directories.indexOf(each) !== index)
  if (twice !== undefined) throw new UsageError(`${twice} is named twice in ${text}`)
  return directories
}

/** Nothing is written into what is copied from: Kafka, for one, does not start over a directory that it does not know. @throws UsageError */
export function refuseWithin(host: Host, target: string, sources: readonly string[]): void {
  const path = host.absolutePath(target)
  const source = sources.find((each) => path.startsWith(`${host.absolutePath(each)}/`))
  if (source !== undefined) throw new UsageError(`${target} is within ${source}; name another place`)
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
