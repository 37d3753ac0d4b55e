import type { NodeId } from '@odradek/core'
import { FixedHistogram, TIME_BOUNDS_MS } from './fixed-histogram.ts'
import { RequestMetrics } from './request-metrics.ts'
import { TopicMetrics } from './topic-metrics.ts'

/** Until the settings are read, and where a test has none. */
const TOPICS_MAX = 1000

/** What one node counts while it serves. */
export class NodeMetrics {
  readonly requests = new RequestMetrics()
  readonly topics: TopicMetrics

  constructor(topicsMax: () => number) {
    this.topics = new TopicMetrics(topicsMax)
  }
}

/** What is counted while requests are served. Plain numbers: whoever is asked for metrics makes them of these. */
export class BrokerMetrics {
  private readonly nodes = new Map<NodeId, NodeMetrics>()
  readonly flushTimesMs = new FixedHistogram(TIME_BOUNDS_MS)
  /** odradek.metrics.topics.max, for each node */
  topicsMax = TOPICS_MAX

  of(node: NodeId): NodeMetrics {
    let metrics = this.nodes.get(node)
    if (metrics === undefined) {
      metrics = new NodeMetrics(() => this.topicsMax)
      this.nodes.set(node, metrics)
    }
    return metrics
  }

  /** The topic is gone: what went through it stays in the totals. */
  forgetTopic(name: string): void {
    for (const { topics } of this.nodes.values()) topics.forget(name)
  }
}
