import type { ProducerId } from '@odradek/core'
import { KeptBytes } from './kept-bytes.ts'
import { PartitionMap } from './partition-map.ts'
import { PendingOffsets, type StoredOffset } from './pending-offsets.ts'
import type { CommittedOffset } from './records.ts'

/**
 * Committed offsets by group, topic and partition, and beside them those of open transactions, which nobody sees until
 * their marker comes: hard state, written by replay alone.
 */
export class OffsetStore {
  readonly pending: PendingOffsets
  private readonly committed = new PartitionMap<StoredOffset>()
  private records = 0
  private readonly kept: KeptBytes
  private readonly countAll: () => number

  /** `countAll`: offsets of this machine and of all others that count together; its own unless given. */
  constructor(kept = new KeptBytes(), countAll?: () => number) {
    this.kept = kept
    this.countAll = countAll ?? (() => this.size)
    this.pending = new PendingOffsets(kept)
  }

  /** What a commit with so much metadata adds to what is kept. */
  growthOf(groupId: string, topic: string, partition: number, metadataChars: number): number {
    return metadataChars - (this.committed.get(groupId, topic, partition)?.metadata.length ?? 0)
  }

  hasRoomFor(growth: number, bytesMax: number): boolean {
    return this.kept.hasRoomFor(growth, bytesMax)
  }

  /** Committed and pending ones. */
  get size(): number {
    return this.committed.size + this.pending.size
  }

  /** Whether there is one of this already, which a commit, of the transaction where `producerId` is given, replaces. */
  has(groupId: string, topic: string, partition: number, producerId: ProducerId | null): boolean {
    if (producerId !== null) return this.pending.hasOf(producerId, groupId, topic, partition)
    return this.committed.get(groupId, topic, partition) !== null
  }

  hasRoomForMore(count: number, offsetsMax: number): boolean {
    return this.countAll() + count <= offsetsMax
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | null {
    return this.committed.get(groupId, topic, partition)
  }

  /** By topic and partition; empty for a group without offsets. */
  ofGroup(groupId: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.committed.ofGroup(groupId)
  }

  /** Groups with committed or pending offsets, each once. */
  groupIds(): Iterable<string> {
    return new Set([...this.committed.groupIds(), ...this.pending.groupIds()])
  }

  /** Of a transaction where `producerId` is given. */
  put(
    groupId: string,
    topic: string,
    partition: number,
    committed: CommittedOffset,
    producerId: ProducerId | null,
  ): void {
    // In this order: V8 gives each object to which something is added after a spread a hidden class of its own, larger than it.
    const offset = { order: this.records++, ...committed }
    if (producerId === null) this.putCommitted(groupId, topic, partition, offset)
    else this.pending.put(producerId, { groupId, topic, partition, offset })
  }

  /** A commit by whomever that came after the transaction's own is the newer one, although the marker comes last. */
  endTransaction(producerId: ProducerId, isCommitted: boolean): void {
    for (const { groupId, topic, partition, offset } of this.pending.take(producerId)) {
      const present = this.committed.get(groupId, topic, partition)
      if (isCommitted && (present === null || present.order < offset.order)) {
        this.putCommitted(groupId, topic, partition, offset)
      }
    }
  }

  /** What is pending goes too: it must not come back with its marker. */
  remove(groupId: string, topic: string, partition: number): void {
    this.kept.change(this.growthOf(groupId, topic, partition, 0))
    this.committed.remove(groupId, topic, partition)
    this.pending.remove(groupId, topic, partition)
  }

  private putCommitted(groupId: string, topic: string, partition: number, offset: StoredOffset): void {
    this.kept.change(this.growthOf(groupId, topic, partition, offset.metadata.length))
    this.committed.put(groupId, topic, partition, offset)
  }
}
