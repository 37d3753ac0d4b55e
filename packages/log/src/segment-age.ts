import type { Fs } from '@odradek/core'
import type { Segment } from './segment.ts'

/** The largest timestamp in the segment; where its records have none, when it was last written to. */
export function newestMs(fs: Fs, segment: Segment): number {
  if (segment.maxTimestamp >= 0n) return Number(segment.maxTimestamp)
  return segment.writtenMs ?? fs.statSync(segment.log.path)?.modifiedMs ?? segment.createdMs
}
