import type { LocalPartition } from '../services.ts'

/** Replicas in sync beyond what `min.insync.replicas` wants, which is never more than the partition has; below 0 too few are. */
export function inSyncBeyondMin(view: LocalPartition['view'], settings: LocalPartition['settings']): number {
  return view.inSyncReplicas.length - Math.min(settings.minInsyncReplicas, view.replicas.length)
}

export function hasEnoughInSync(view: LocalPartition['view'], settings: LocalPartition['settings']): boolean {
  return inSyncBeyondMin(view, settings) >= 0
}
