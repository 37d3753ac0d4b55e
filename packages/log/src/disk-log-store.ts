import { type LogStoreSettings, SegmentedLogStore } from './log-store.ts'
import type { LogStore } from './partition-log.ts'

/** Logs in Kafka's file formats below a data directory; they survive the process, and what was flushed a power cut. */
export function diskLogStore(settings: LogStoreSettings): LogStore {
  return new SegmentedLogStore(settings, {
    isDurable: true,
    adapt: (config) => config,
    fullMessage: 'no space left: nothing can be produced until there is some',
    dropsOldest: false,
  })
}
