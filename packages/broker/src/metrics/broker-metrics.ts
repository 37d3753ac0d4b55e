import { FixedHistogram, TIME_BOUNDS_MS } from './fixed-histogram.ts'
import { RequestMetrics } from './request-metrics.ts'
import { TopicMetrics } from './topic-metrics.ts'

/** Until the settings are read, and where a test has none. */
const TOPICS_MAX = 1000

/** What is counted while requests are served. Plain numbers: whoever is asked for metrics makes them of these. */
export class BrokerMetrics {
  readonly requests = new RequestMetrics()
  readonly topics = new TopicMetrics(() => this.topicsMax)
  readonly flushTimesMs = new FixedHistogram(TIME_BOUNDS_MS)
  /** odradek.metrics.topics.max */
  topicsMax = TOPICS_MAX
}
