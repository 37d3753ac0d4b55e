import { ErrorCode } from '@odradek/protocol'
import type { ClusterView, TopicView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import { FETCH_BY_ID_VERSION_MIN, type FetchTarget } from './fetch-target.ts'

type MayRead = (topicName: string) => boolean

/** The partition that `target` names, or why the client gets nothing of it; a replica may read every topic. */
export function locate(target: FetchTarget, isReplica: boolean, context: RequestContext): LocalPartition | ErrorCode {
  const mayRead = (name: string) => isReplica || context.authorize('READ', 'TOPIC', name)
  const find = context.version >= FETCH_BY_ID_VERSION_MIN ? topicById : topicByName
  const topic = find(target, mayRead, context.services.cluster)
  if (typeof topic === 'number') return topic
  return context.services.partitions.find(topic, target.partition) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

/** Rights come first, so that the answer does not tell which topics exist. */
function topicByName(target: FetchTarget, mayRead: MayRead, cluster: ClusterView): TopicView | ErrorCode {
  if (!mayRead(target.topicName)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return cluster.topic(target.topicName) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function topicById(target: FetchTarget, mayRead: MayRead, cluster: ClusterView): TopicView | ErrorCode {
  const topic = cluster.topicById(target.topicId)
  if (topic === undefined) {
    if (target.topicName === '') return ErrorCode.UNKNOWN_TOPIC_ID
    // The session knew the topic before it was deleted; another may have taken the name since.
    return cluster.topic(target.topicName) === undefined
      ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      : ErrorCode.INCONSISTENT_TOPIC_ID
  }
  target.topicName = topic.name
  return mayRead(topic.name) ? topic : ErrorCode.TOPIC_AUTHORIZATION_FAILED
}
