import { ErrorCode } from '@odradek/protocol'
import type { TopicView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import { FETCH_BY_ID_VERSION_MIN, type FetchTarget } from './fetch-target.ts'

/** The partition that `target` names, or why the client gets nothing of it. */
export function locate(target: FetchTarget, context: RequestContext): LocalPartition | ErrorCode {
  const topic = context.version >= FETCH_BY_ID_VERSION_MIN ? topicById(target, context) : topicByName(target, context)
  if (typeof topic === 'number') return topic
  return context.services.partitions.find(topic, target.partition) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

/** Rights come first, so that the answer does not tell which topics exist. */
function topicByName(target: FetchTarget, context: RequestContext): TopicView | ErrorCode {
  if (!context.authorize('READ', 'TOPIC', target.topicName)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return context.services.cluster.topic(target.topicName) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function topicById(target: FetchTarget, context: RequestContext): TopicView | ErrorCode {
  const { cluster } = context.services
  const topic = cluster.topicById(target.topicId)
  if (topic === undefined) {
    if (target.topicName === '') return ErrorCode.UNKNOWN_TOPIC_ID
    // The session knew the topic before it was deleted; another may have taken the name since.
    return cluster.topic(target.topicName) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INCONSISTENT_TOPIC_ID
  }
  target.topicName = topic.name
  return context.authorize('READ', 'TOPIC', topic.name) ? topic : ErrorCode.TOPIC_AUTHORIZATION_FAILED
}
