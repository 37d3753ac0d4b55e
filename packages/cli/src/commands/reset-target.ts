import { UsageError } from '../usage-error.ts'
import type { Given } from './given.ts'
import { durationFrom, timeFrom } from './time-text.ts'

const MAX = Number.MAX_SAFE_INTEGER

/** Where offsets are to be set: one of Kafka's own ways. */
export type ResetTarget =
  | { readonly kind: 'earliest' | 'latest' | 'current' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'time'; readonly timestamp: number }
  | { readonly kind: 'ago'; readonly durationMs: number }
  | { readonly kind: 'file'; readonly path: string }

const WAYS = ['toEarliest', 'toLatest', 'toCurrent', 'toOffset', 'shiftBy', 'toDatetime', 'byDuration', 'fromFile']

/** @throws UsageError unless exactly one way is named. */
export function resetTarget(given: Given): ResetTarget {
  const way = given.oneOf(WAYS)
  const text = way === null ? '' : (given.text(way) ?? '')
  switch (way) {
    case 'toEarliest':
      return { kind: 'earliest' }
    case 'toLatest':
      return { kind: 'latest' }
    case 'toCurrent':
      return { kind: 'current' }
    case 'toOffset':
      return { kind: 'offset', offset: given.integer(way, 0, MAX) ?? 0 }
    case 'shiftBy':
      return { kind: 'shift', by: given.integer(way, -MAX, MAX) ?? 0 }
    case 'toDatetime':
      return { kind: 'time', timestamp: timeFrom(text, '--to-datetime') }
    case 'byDuration':
      return { kind: 'ago', durationMs: durationFrom(text, '--by-duration') }
    case 'fromFile':
      return { kind: 'file', path: text }
    default:
      throw new UsageError(
        'say where to: --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, --by-duration or --from-file',
      )
  }
}
