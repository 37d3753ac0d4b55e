import type { TopicView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'
import type { TopicCounters } from './topic-metrics.ts'

/**
 * Where what a request does with a topic counts. One that was deleted meanwhile has no counters of its own any more: they
 * would be new ones, and nobody would take them away again.
 */
export function countersOf(topic: TopicView | null, { services, node }: RequestContext): TopicCounters {
  const { topics } = services.metrics.of(node)
  const isThere = topic !== null && services.cluster.topicById(topic.id) !== undefined
  return isThere ? topics.of(topic.name) : topics.unnamed
}
