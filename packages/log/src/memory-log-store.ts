import type { Clock, Logger, Prng } from '@odradek/core'
import { LogDirectories } from './directories/log-directories.ts'
import { MemoryFs } from './fs/memory-fs.ts'
import type { LogConfig } from './log-config.ts'
import { type EnginePolicy, SegmentedLogStore } from './log-store.ts'
import type { MaintenanceSettings } from './maintenance-settings.ts'
import type { LogStore } from './partition-log.ts'

/** The part of all memory that one segment may take: the oldest can only be dropped by segments. */
const SEGMENTS_MIN = 16

export interface MemoryLogStoreSettings {
  readonly clock: Clock
  readonly logger: Logger
  readonly prng: Prng
  /** odradek.memory.log.bytes: all partitions together, outside the V8 heap. */
  readonly bytesMax: number
  /** Past it: answer KAFKA_STORAGE_ERROR, or forget the oldest records of whichever partition. */
  readonly whenFull: 'refuse' | 'dropOldest'
  readonly maintenance?: MaintenanceSettings
}

/** Logs that live as long as the process, on the same code as those on disk. */
export function memoryLogStore(settings: MemoryLogStoreSettings): LogStore {
  return new SegmentedLogStore({ ...settings, fs: memoryOf(settings), directory: '' }, policyOf(settings))
}

/** The same, shown as one directory with a path that is not there. */
export function memoryLogDirectories(
  settings: MemoryLogStoreSettings & { readonly path: string; readonly id: string },
): LogDirectories {
  const fs = memoryOf(settings)
  const { path, id } = settings
  const directories = [{ root: path, path, id, takesPartitions: true, failure: null }]
  return new LogDirectories(
    { ...settings, fs, directories },
    (_directory, shared, onLogFailed) =>
      new SegmentedLogStore({ ...settings, fs, directory: path, shared, onLogFailed }, policyOf(settings)),
  )
}

function memoryOf({ bytesMax, clock }: MemoryLogStoreSettings): MemoryFs {
  return new MemoryFs({ bytesMax, now: () => clock.wallMs() })
}

function policyOf({ whenFull, bytesMax }: MemoryLogStoreSettings): EnginePolicy {
  const dropsOldest = whenFull === 'dropOldest'
  return {
    isDurable: false,
    adapt: (config: LogConfig) => ({
      ...config,
      flush: 'os',
      fileDeleteDelayMs: 0,
      segmentBytes: dropsOldest ? segmentBytesFor(config, bytesMax) : config.segmentBytes,
    }),
    fullMessage:
      'the memory for logs is full: raise odradek.memory.log.bytes, delete topics or let the oldest records go',
    dropsOldest,
  }
}

function segmentBytesFor(config: LogConfig, bytesMax: number): number {
  return Math.min(config.segmentBytes, Math.max(config.maxMessageBytes, Math.floor(bytesMax / SEGMENTS_MIN)))
}
