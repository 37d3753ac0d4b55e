import type { LogCheckpoints, StoredCheckpoint } from '@odradek/log'
import { MetadataLogError } from './metadata-log-error.ts'
import type { MetadataRecord } from './metadata-records.ts'
import { isWholeSnapshot, snapshotBatches } from './snapshot-batches.ts'

/** What a snapshot says, and up to where. */
export interface Snapshot {
  readonly endOffset: number
  readonly leaderEpoch: number
  readonly batches: Iterable<readonly MetadataRecord[]>
}

/**
 * The newest snapshot that is whole and that the log goes on from, null where the log itself has everything, and those
 * that were passed over.
 * @throws MetadataLogError when neither has everything
 */
export function newestSnapshot(
  snapshots: Pick<LogCheckpoints, 'list' | 'read'>,
  logStartOffset: number,
): { readonly snapshot: Snapshot | null; readonly damaged: readonly StoredCheckpoint[] } {
  const damaged: StoredCheckpoint[] = []
  for (const stored of [...snapshots.list()].reverse()) {
    if (stored.endOffset < logStartOffset) break
    const bytes = snapshots.read(stored)
    if (bytes !== null && isWholeSnapshot(bytes))
      return { snapshot: { ...stored, batches: snapshotBatches(bytes) }, damaged }
    damaged.push(stored)
  }
  if (logStartOffset === 0) return { snapshot: null, damaged }
  const why =
    damaged.length === 0
      ? 'there is no snapshot of what was before'
      : `${damaged.map(({ path }) => path).join(' and ')} ${damaged.length === 1 ? 'is' : 'are'} damaged`
  throw new MetadataLogError(
    `The metadata log begins at offset ${logStartOffset}, and ${why}; restore the file from a backup, or the data directory (odradek storage restore)`,
  )
}
