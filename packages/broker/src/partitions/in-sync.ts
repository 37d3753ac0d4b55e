import type { LocalPartition } from '../services.ts'

/** Whether as many replicas are in sync as `min.insync.replicas` wants; never more than the partition has. */
export function hasEnoughInSync(view: LocalPartition['view'], settings: LocalPartition['settings']): boolean {
  return view.inSyncReplicas.length >= Math.min(settings.minInsyncReplicas, view.replicas.length)
}
