import type { TopicId } from '@odradek/core'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed, OVER_QUOTA } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'
import { type MetadataRecord, removeTopicRecord } from './metadata-records.ts'

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
