const NOTHING: ReadonlyMap<string, ReadonlyMap<number, never>> = new Map()

/** Values by group, topic and partition. */
export class PartitionMap<Value> {
  private readonly byGroup = new Map<string, Map<string, Map<number, Value>>>()
  private count = 0

  get size(): number {
    return this.count
  }

  get(groupId: string, topic: string, partition: number): Value | null {
    return this.byGroup.get(groupId)?.get(topic)?.get(partition) ?? null
  }

  /** By topic and partition; empty for a group without values. */
  ofGroup(groupId: string): ReadonlyMap<string, ReadonlyMap<number, Value>> {
    return this.byGroup.get(groupId) ?? NOTHING
  }

  groupIds(): Iterable<string> {
    return this.byGroup.keys()
  }

  put(groupId: string, topic: string, partition: number, value: Value): void {
    const byTopic = this.byGroup.get(groupId) ?? new Map<string, Map<number, Value>>()
    const byPartition = byTopic.get(topic) ?? new Map<number, Value>()
    if (!byPartition.has(partition)) this.count += 1
    byPartition.set(partition, value)
    byTopic.set(topic, byPartition)
    this.byGroup.set(groupId, byTopic)
  }

  /** Maps that are empty go too, or names of groups and topics long gone would fill the memory. */
  remove(groupId: string, topic: string, partition: number): void {
    const byTopic = this.byGroup.get(groupId)
    const byPartition = byTopic?.get(topic)
    if (byTopic === undefined || byPartition === undefined) return
    if (byPartition.delete(partition)) this.count -= 1
    if (byPartition.size === 0) byTopic.delete(topic)
    if (byTopic.size === 0) this.byGroup.delete(groupId)
  }
}
