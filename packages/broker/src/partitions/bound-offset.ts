import type { Offset } from '@odradek/core'
import type { PartitionLog, ReadBound } from '@odradek/log'

/** One offset past the last record that may be given out. */
export function boundOffset(log: PartitionLog, bound: ReadBound): Offset {
  switch (bound) {
    case 'highWatermark':
      return log.highWatermark
    case 'lastStable':
      return log.lastStableOffset
    case 'end':
      return log.endOffset
  }
}
