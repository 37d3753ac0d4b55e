import type { Prng } from '@odradek/core'
import { LogDirectories, type LogDirectoriesSettings } from './directories/log-directories.ts'
import { type EnginePolicy, type LogStoreSettings, SegmentedLogStore } from './log-store.ts'
import type { LogStore } from './partition-log.ts'

const DISK: EnginePolicy = {
  isDurable: true,
  adapt: (config) => config,
  fullMessage: 'no space left: nothing can be produced until there is some',
  dropsOldest: false,
}

/** Logs in Kafka's file formats below a data directory; they survive the process, and what was flushed a power cut. */
export function diskLogStore(settings: LogStoreSettings): LogStore {
  return new SegmentedLogStore(settings, DISK)
}

/** The same over several data directories, each of which the caller has locked. */
export function diskLogDirectories(settings: LogDirectoriesSettings & { readonly prng: Prng }): LogDirectories {
  const { fs, clock, logger, prng } = settings
  return new LogDirectories(
    settings,
    ({ root }, shared, onLogFailed) =>
      new SegmentedLogStore({ fs, directory: root, clock, logger, prng, shared, onLogFailed }, DISK),
  )
}
