/** What is wrong, or worth knowing; `DAMAGE` tells which of them mean that something was lost or cannot be read. */
export type FindingKind =
  /** Bytes that are no batch, or whose checksum is wrong. */
  | 'damaged-bytes'
  /** A batch as it was sent, whose records nobody can read: consumers stop there. */
  | 'unreadable-records'
  /** Records that had reached the device and are not there. */
  | 'missing-records'
  /** Batches that are not in order. */
  | 'order'
  /** An index, a snapshot, a checkpoint: made anew from the batches. */
  | 'derived-file'
  /** The metadata and the directories do not agree. */
  | 'metadata'
  /** Half written when the process died, and never promised: the next start cuts it off. */
  | 'torn-tail'
  /** Files that nobody needs, or that are kept for a person. */
  | 'left-over'

const HARMLESS: ReadonlySet<FindingKind> = new Set(['torn-tail', 'left-over'])

export interface Finding {
  readonly kind: FindingKind
  readonly file: string
  /** Byte range within the file, where it is about one. */
  readonly position?: number
  readonly sizeBytes?: number
  /** First offset concerned, and the first one after it that is there again; null at the end of the log. */
  readonly fromOffset?: number
  readonly toOffset?: number | null
  /** Whether it was promised to be on the device. */
  readonly isBelowRecoveryPoint?: boolean
  /** In words, for a person. */
  readonly what: string
}

export function isDamage({ kind }: Pick<Finding, 'kind'>): boolean {
  return !HARMLESS.has(kind)
}
