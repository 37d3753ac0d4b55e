import type { Clock, Logger, Prng } from '@odradek/core'
import { MemoryFs } from './fs/memory-fs.ts'
import type { LogConfig } from './log-config.ts'
import { SegmentedLogStore } from './log-store.ts'
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
  const { clock, logger, prng, bytesMax, whenFull, maintenance } = settings
  const fs = new MemoryFs({ bytesMax, now: () => clock.wallMs() })
  const dropsOldest = whenFull === 'dropOldest'
  return new SegmentedLogStore(
    { fs, directory: '', clock, logger, prng, ...(maintenance === undefined ? {} : { maintenance }) },
    {
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
    },
  )
}

function segmentBytesFor(config: LogConfig, bytesMax: number): number {
  return Math.min(config.segmentBytes, Math.max(config.maxMessageBytes, Math.floor(bytesMax / SEGMENTS_MIN)))
}
