import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { LoadedLog } from './log-loader.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { errorText } from './storage-error.ts'

/**
 * After a crash nobody knows what the device has: what is about to be shown must be there. Returns the log with why it
 * cannot be used, should that fail.
 */
export async function flushRecovered(
  environment: LogEnvironment,
  directory: string,
  identity: PartitionIdentity,
  config: LogConfig,
  loaded: LoadedLog,
): Promise<LoadedLog> {
  const { files, fs, recoveryPoints } = environment
  const unflushed = loaded.segments.all.filter(({ isDirty }) => isDirty)
  const isRest = loaded.areNamesUnsafe || unflushed.length > 0
  if (loaded.failure !== null || config.flush === 'os' || !isRest) return loaded
  try {
    for (const segment of unflushed) {
      const handle = files.pin(segment.log)
      try {
        await handle.datasync()
      } finally {
        files.unpin(segment.log)
      }
      segment.isDirty = false
    }
    if (loaded.areNamesUnsafe) await fs.syncDirectory(directory)
    recoveryPoints.set(identity, Math.max(loaded.segments.active.endOffset, loaded.startOffset))
    return loaded
  } catch (error) {
    return { ...loaded, failure: `${directory} could not be flushed: ${errorText(error)}` }
  }
}
