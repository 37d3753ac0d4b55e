import type { TopicId } from '@odradek/core'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'
import { type MetadataRecord, removeTopicRecord } from './metadata-records.ts'

/** One record takes a topic away with its partitions and configs. */
export function decideDeleteTopics(ids: readonly TopicId[], image: MetadataImage): Decision<readonly Outcome[]> {
  const records: MetadataRecord[] = []
  const taken = new Set<TopicId>()
  const result = ids.map((id) => {
    if (image.topicById(id) === undefined) return failed('UNKNOWN_TOPIC_ID', `There is no topic with id ${id}`)
    if (!taken.has(id)) records.push(removeTopicRecord(id))
    taken.add(id)
    return DONE
  })
  return { records, result }
}
