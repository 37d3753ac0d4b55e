import type { MonotonicMs } from '@odradek/core'
import type { LimitSettings } from './config/limit-settings.ts'
import { UNSENT_SHARE_MAX } from './unsent-answers.ts'

/** A connection, as far as its unread answers go. */
interface AnswerReader {
  readonly unsentBytes: number
  /** For how long its peer has taken none of them. */
  stalledMs(nowMs: MonotonicMs): number
}

type SlowReaderSettings = Pick<LimitSettings, 'unsentBytesMax' | 'slowReaderTimeoutMs'>

/**
 * Who is to be closed, so that answers that nobody reads do not take all memory: from half of the bound on, who has read
 * nothing for long, since fetches wait for room; and past `keptBytesMax`, twice the bound, as many as it takes, those first
 * who have read nothing for longest, and of those the ones with the most to read.
 */
export function slowReaders<Reader extends AnswerReader>(
  open: Iterable<Reader>,
  nowMs: MonotonicMs,
  { unsentBytesMax, slowReaderTimeoutMs }: SlowReaderSettings,
  keptBytesMax = UNSENT_SHARE_MAX * unsentBytesMax,
): readonly Reader[] {
  const readers = Array.from(open).filter(({ unsentBytes }) => unsentBytes > 0)
  let unsentBytes = readers.reduce((total, reader) => total + reader.unsentBytes, 0)
  if (unsentBytes <= unsentBytesMax / 2) return []
  const found: Reader[] = []
  for (const reader of readers.sort(
    (a, b) => b.stalledMs(nowMs) - a.stalledMs(nowMs) || b.unsentBytes - a.unsentBytes,
  )) {
    if (reader.stalledMs(nowMs) < slowReaderTimeoutMs && unsentBytes <= keptBytesMax) break
    found.push(reader)
    unsentBytes -= reader.unsentBytes
  }
  return found
}
