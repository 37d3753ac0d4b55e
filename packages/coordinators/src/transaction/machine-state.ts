import type { LeaderEpoch } from '@odradek/core'
import type { TransactionPartitions } from './transaction.ts'
import type { TransactionStore } from './transaction-store.ts'

/** What the parts of one machine share. */
export interface MachineState {
  readonly store: TransactionStore
  /** By transactional id, the partitions whose marker is still missing. Soft: a restart asks for all of them again. */
  readonly missingMarkers: Map<string, TransactionPartitions>
  /** The leader epoch of the partition of `__transaction_state`, as long as this machine lives. */
  readonly coordinatorEpoch: LeaderEpoch
  /** Transactional ids of all machines that count together. */
  readonly countAll: () => number
}
