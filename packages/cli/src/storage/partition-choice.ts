import type { Command } from 'commander'
import { UsageError } from '../usage-error.ts'
import type { NamedPartition } from './stored-partitions.ts'

/** Which partitions a command is about. */
export interface PartitionChoice {
  readonly topic: string | null
  readonly partition: number | null
}

export function addPartitionFlags(command: Command): Command {
  return command
    .option('--topic <name>', 'only this topic, by its name or id')
    .option('--partition <number>', 'only this partition of the topic')
}

/** @throws UsageError for a partition that is no number, or of no topic. */
export function partitionChoice(values: Readonly<Record<string, unknown>>): PartitionChoice {
  const { topic, partition } = values
  if (partition === undefined) return { topic: topic === undefined ? null : String(topic), partition: null }
  if (topic === undefined) throw new UsageError('--partition needs --topic')
  if (!/^\d{1,9}$/.test(String(partition))) throw new UsageError(`--partition ${partition}: write a number from 0 on`)
  return { topic: String(topic), partition: Number(partition) }
}

/** The partitions that are meant. @throws UsageError when there is none. */
export function choose(partitions: readonly NamedPartition[], choice: PartitionChoice): readonly NamedPartition[] {
  const { topic, partition } = choice
  const chosen = partitions.filter(
    (each) =>
      (topic === null || each.topicName === topic || each.topicId === topic) &&
      (partition === null || each.partition === partition),
  )
  if (chosen.length > 0 || topic === null) return chosen
  throw new UsageError(`there is no ${partition === null ? `topic ${topic}` : `partition ${topic}-${partition}`} here`)
}
