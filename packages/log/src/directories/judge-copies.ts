import type { SyncedBytes } from './move-markers.ts'

/** A partition's directory in one data directory, and what the files beside it say. */
export interface LogCopy {
  readonly directoryId: string
  /** Made for a move that had not ended. */
  readonly isFuture: boolean
  /** The directory in which the log went on. */
  readonly movedTo: string | null
  readonly synced: SyncedBytes
}

/** Which of several copies is the log. */
export type Verdict =
  | { readonly kind: 'none' }
  /** `stale` is what a move has left behind, `strays` what nobody can account for; a move to `resumeTo` had begun. */
  | {
      readonly kind: 'use'
      readonly copy: LogCopy
      readonly stale: readonly LogCopy[]
      readonly strays: readonly LogCopy[]
      readonly resumeTo: string | null
    }
  /** The log went over to `to` a moment before the end: it is the log, unless a power cut has taken its last bytes. */
  | { readonly kind: 'compare'; readonly from: LogCopy; readonly to: LogCopy }
  | { readonly kind: 'offline'; readonly why: string }

/**
 * Decides by the files beside the copies, and where those are silent by `assigned`, the directory that the metadata has.
 * Kafka asks the metadata too, and does not start where that leaves two.
 */
export function judgeCopies(
  copies: readonly LogCopy[],
  assigned: string | undefined,
  isOnline: (directoryId: string) => boolean,
): Verdict {
  if (copies.length === 0) return { kind: 'none' }
  const use = (copy: LogCopy, rest: { stale?: readonly LogCopy[]; strays?: readonly LogCopy[]; resumeTo?: string }) =>
    ({
      kind: 'use',
      copy,
      stale: rest.stale ?? [],
      strays: rest.strays ?? [],
      resumeTo: rest.resumeTo ?? null,
    }) as const
  const others = (copy: LogCopy) => copies.filter((each) => each !== copy)
  const moved = copies.find((copy) => copy.movedTo !== null && !copy.isFuture)
  if (moved?.movedTo != null) {
    if (!isOnline(moved.movedTo)) {
      return { kind: 'offline', why: `it was moved to the directory with id ${moved.movedTo}, which is not there` }
    }
    const target = copies.find(({ directoryId }) => directoryId === moved.movedTo)
    if (target === undefined) return use(moved, { stale: others(moved) })
    return target.isFuture ? { kind: 'compare', from: moved, to: target } : use(target, { stale: others(target) })
  }
  const current = copies.filter(({ isFuture }) => !isFuture)
  const futures = copies.filter(({ isFuture }) => isFuture)
  const [first] = current
  if (first === undefined) {
    // The old one is removed before the new one loses its mark, and after the metadata has it.
    const whole = futures.find(({ directoryId }) => directoryId === assigned)
    if (whole !== undefined) return use(whole, { stale: others(whole) })
    return {
      kind: 'offline',
      why: `its directory, with id ${assigned}, is not there, and a copy elsewhere is not whole`,
    }
  }
  const chosen = current.find(({ directoryId }) => directoryId === assigned) ?? first
  const strays = current.filter((copy) => copy !== chosen)
  const [future] = futures
  return use(chosen, { stale: futures, strays, ...(future === undefined ? {} : { resumeTo: future.directoryId }) })
}
