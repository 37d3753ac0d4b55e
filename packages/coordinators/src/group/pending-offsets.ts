import type { ProducerId } from '@odradek/core'
import type { KeptBytes } from './kept-bytes.ts'
import { PartitionMap } from './partition-map.ts'
import type { CommittedOffset } from './records.ts'

export interface StoredOffset extends CommittedOffset {
  /** Place of its record among all of the log. */
  readonly order: number
}

/** What one transaction says of one partition. */
export interface PendingOffset {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly offset: StoredOffset
}

const NONE: readonly PendingOffset[] = []

/** Offsets of open transactions, by producer, and by what they are about: of each the last one. */
export class PendingOffsets {
  private readonly byPartition = new PartitionMap<Map<ProducerId, PendingOffset>>()
  private readonly byProducer = new Map<ProducerId, Set<PendingOffset>>()
  private readonly kept: KeptBytes
  private count = 0

  constructor(kept: KeptBytes) {
    this.kept = kept
  }

  /** Each transaction's own. */
  get size(): number {
    return this.count
  }

  /** By topic and partition; empty for a group that no transaction has written to. */
  ofGroup(groupId: string): ReadonlyMap<string, ReadonlyMap<number, ReadonlyMap<ProducerId, PendingOffset>>> {
    return this.byPartition.ofGroup(groupId)
  }

  groupIds(): Iterable<string> {
    return this.byPartition.groupIds()
  }

  has(groupId: string, topic: string, partition: number): boolean {
    return this.byPartition.get(groupId, topic, partition) !== null
  }

  hasOf(producerId: ProducerId, groupId: string, topic: string, partition: number): boolean {
    return this.byPartition.get(groupId, topic, partition)?.has(producerId) === true
  }

  put(producerId: ProducerId, pending: PendingOffset): void {
    const { groupId, topic, partition } = pending
    const rivals = this.byPartition.get(groupId, topic, partition) ?? new Map<ProducerId, PendingOffset>()
    const own = this.byProducer.get(producerId) ?? new Set<PendingOffset>()
    const before = rivals.get(producerId)
    if (before === undefined) this.count += 1
    else own.delete(before)
    this.kept.change(pending.offset.metadata.length - (before?.offset.metadata.length ?? 0))
    rivals.set(producerId, pending)
    own.add(pending)
    this.byPartition.put(groupId, topic, partition, rivals)
    this.byProducer.set(producerId, own)
  }

  /** Takes out all that the producer has pending. */
  take(producerId: ProducerId): Iterable<PendingOffset> {
    const own = this.byProducer.get(producerId)
    if (own === undefined) return NONE
    this.byProducer.delete(producerId)
    this.count -= own.size
    for (const { groupId, topic, partition, offset } of own) {
      this.kept.change(-offset.metadata.length)
      const rivals = this.byPartition.get(groupId, topic, partition)
      rivals?.delete(producerId)
      if (rivals?.size === 0) this.byPartition.remove(groupId, topic, partition)
    }
    return own
  }

  /** Of every transaction. */
  remove(groupId: string, topic: string, partition: number): void {
    for (const [producerId, pending] of this.byPartition.get(groupId, topic, partition) ?? []) {
      const own = this.byProducer.get(producerId)
      if (own?.delete(pending) === true) this.count -= 1
      this.kept.change(-pending.offset.metadata.length)
      if (own?.size === 0) this.byProducer.delete(producerId)
    }
    this.byPartition.remove(groupId, topic, partition)
  }
}
