import type { TopicId } from '@odradek/core'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed, OVER_QUOTA } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'
import { type MetadataRecord, removeTopicRecord } from './metadata-records.ts'

/** Topics and partitions that go in one atomic batch; a topic with more partitions goes alone. */
export const DELETIONS_PER_BATCH = 1000

/** Topics that are deleted together, in their order. */
export function* deletionBatches(
  ids: readonly TopicId[],
  image: Pick<MetadataImage, 'topicById'>,
): Generator<readonly TopicId[]> {
  let batch: TopicId[] = []
  let size = 0
  for (const id of ids) {
    const added = 1 + (image.topicById(id)?.partitions.length ?? 0)
    if (batch.length > 0 && size + added > DELETIONS_PER_BATCH) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(id)
    size += added
  }
  if (batch.length > 0) yield batch
}

/** One record takes a topic away with its partitions and configs. */
export function decideDeleteTopics(
  ids: readonly TopicId[],
  image: MetadataImage,
  quota: MutationQuota = unlimitedMutations,
): Decision<readonly Outcome[]> {
  const records: MetadataRecord[] = []
  const taken = new Set<TopicId>()
  const result = ids.map((id) => {
    const topic = image.topicById(id)
    if (topic === undefined) return failed('UNKNOWN_TOPIC_ID', `There is no topic with id ${id}`)
    if (!taken.has(id) && !quota.admits(topic.partitions.length)) return OVER_QUOTA
    if (!taken.has(id)) records.push(removeTopicRecord(id))
    taken.add(id)
    return DONE
  })
  return { records, result }
}
