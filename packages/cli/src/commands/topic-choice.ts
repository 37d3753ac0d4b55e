import type { CommittedOffset } from '../client/group-offsets.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import { partitionsOf, type TopicPartition } from '../client/partition-offsets.ts'
import { UsageError } from '../usage-error.ts'
import { type Given, integerFrom } from './given.ts'

const INT32_MAX = 2_147_483_647

/** `orders` (all partitions), or `orders:0,2`. */
export interface TopicChoice {
  readonly topic: string
  readonly partitions: readonly number[] | null
}

/** @throws UsageError */
function topicChoice(text: string): TopicChoice {
  const [topic = '', list, ...more] = text.split(':')
  if (topic === '' || list === '' || more.length > 0) throw new UsageError(`--topic ${text}: write NAME or NAME:0,1,2`)
  const partitions = list?.split(',').map((part) => integerFrom(part, `--topic ${text}: partition`, 0, INT32_MAX))
  return { topic, partitions: partitions ?? null }
}

/** Null stands for --all-topics. @throws UsageError unless one of them was given. */
export function chosenTopics(given: Given): readonly TopicChoice[] | null {
  const choices = given.texts('topic').map(topicChoice)
  if (choices.length > 0 === given.has('allTopics'))
    throw new UsageError('name the partitions by --topic NAME[:0,1,2], which may be repeated, or take --all-topics')
  return given.has('allTopics') ? null : choices
}

/** The partitions meant: of topics that are there, or all that `committed` has. @throws CommandFailure for a topic that is not there */
export async function chosenPartitions(
  client: KafkaClient,
  choices: readonly TopicChoice[] | null,
  committed: readonly CommittedOffset[],
): Promise<readonly TopicPartition[]> {
  if (choices === null) return committed.map(({ topic, partition }) => ({ topic, partition }))
  const whole = choices.filter(({ partitions }) => partitions === null).map(({ topic }) => topic)
  const named = choices.flatMap(({ topic, partitions }) =>
    (partitions ?? []).map((partition) => ({ topic, partition })),
  )
  return [...(whole.length === 0 ? [] : await client.retrying(() => partitionsOf(client, whole))), ...named]
}
