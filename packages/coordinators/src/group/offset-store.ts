import type { CommittedOffset } from './records.ts'

type OffsetsByPartition = Map<number, CommittedOffset>
type OffsetsByTopic = Map<string, OffsetsByPartition>

const NO_OFFSETS: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> = new Map()

/**
 * Committed offsets by group, topic and partition: hard state, written by replay alone. Offsets of open transactions
 * (TxnOffsetCommit) will stand beside them, by producer id, until their marker comes.
 */
export class OffsetStore {
  private readonly byGroup = new Map<string, OffsetsByTopic>()

  get(groupId: string, topic: string, partition: number): CommittedOffset | null {
    return this.byGroup.get(groupId)?.get(topic)?.get(partition) ?? null
  }

  /** By topic and partition; empty for a group without offsets. */
  ofGroup(groupId: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.byGroup.get(groupId) ?? NO_OFFSETS
  }

  groupIds(): Iterable<string> {
    return this.byGroup.keys()
  }

  put(groupId: string, topic: string, partition: number, committed: CommittedOffset): void {
    const byTopic: OffsetsByTopic = this.byGroup.get(groupId) ?? new Map()
    const byPartition: OffsetsByPartition = byTopic.get(topic) ?? new Map()
    byPartition.set(partition, committed)
    byTopic.set(topic, byPartition)
    this.byGroup.set(groupId, byTopic)
  }

  /** Maps that are empty go too, or names of groups and topics long gone would fill the memory. */
  remove(groupId: string, topic: string, partition: number): void {
    const byTopic = this.byGroup.get(groupId)
    const byPartition = byTopic?.get(topic)
    if (byTopic === undefined || byPartition === undefined) return
    byPartition.delete(partition)
    if (byPartition.size === 0) byTopic.delete(topic)
    if (byTopic.size === 0) this.byGroup.delete(groupId)
  }
}
