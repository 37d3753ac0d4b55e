import type { ErrorCode } from '@odradek/protocol'
import type { PartitionResult, TopicResult } from './commands.ts'

interface TopicRows {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number }[]
}

/** The same code in every row of the request. */
export function everyPartition(topics: readonly TopicRows[], errorCode: ErrorCode): readonly TopicResult[] {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }): PartitionResult => ({ partitionIndex, errorCode })),
  }))
}
