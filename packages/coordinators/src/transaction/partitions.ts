import type { TransactionTopic } from './commands.ts'
import type { TransactionPartitions } from './transaction.ts'

export function includesAll(partitions: TransactionPartitions, topics: readonly TransactionTopic[]): boolean {
  return topics.every(({ name, partitionIndexes }) => {
    const known = partitions.get(name)
    return partitionIndexes.every((index) => known?.has(index) === true)
  })
}

/** `partitions` and those of `topics`. */
export function including(
  partitions: TransactionPartitions,
  topics: readonly TransactionTopic[],
): TransactionPartitions {
  const all = new Map(partitions)
  for (const { name, partitionIndexes } of topics)
    all.set(name, new Set([...(all.get(name) ?? []), ...partitionIndexes]))
  return all
}

export function topicsOf(partitions: TransactionPartitions): readonly TransactionTopic[] {
  return [...partitions].map(([name, indexes]) => ({ name, partitionIndexes: [...indexes] }))
}
