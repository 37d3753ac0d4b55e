/** What went through one topic since the broker's start. */
export class TopicCounters {
  messagesIn = 0
  bytesIn = 0
  bytesOut = 0
  produceRequests = 0
  fetchRequests = 0
  failedProduceRequests = 0
  failedFetchRequests = 0
}

/**
 * Counters by topic, for topics that exist: nobody makes entries by asking for names. At most `topicsMax()` have counters
 * of their own; those that come later share one, and so do requests for topics that are not there.
 */
export class TopicMetrics {
  private readonly topics = new Map<string, TopicCounters>()
  /** Of topics past the limit. */
  readonly others = new TopicCounters()
  /** Of requests for topics that do not exist, and of topics that are gone. */
  readonly unnamed = new TopicCounters()
  private readonly topicsMax: () => number
  /** Topics that had no room for counters of their own. */
  private readonly crowdedOut = new Set<string>()

  constructor(topicsMax: () => number) {
    this.topicsMax = topicsMax
  }

  get othersCount(): number {
    return this.crowdedOut.size
  }

  /** The counters of a topic that exists. */
  of(topicName: string): TopicCounters {
    const known = this.topics.get(topicName)
    if (known !== undefined) return known
    if (this.topics.size >= this.topicsMax()) {
      this.crowdedOut.add(topicName)
      return this.others
    }
    this.crowdedOut.delete(topicName)
    const counters = new TopicCounters()
    this.topics.set(topicName, counters)
    return counters
  }

  /** The counters of a topic that may not exist. */
  existing(topicName: string): TopicCounters {
    return this.topics.get(topicName) ?? (this.crowdedOut.has(topicName) ? this.others : this.unnamed)
  }

  /** The topic is gone: what went through it stays in the total. */
  forget(topicName: string): void {
    this.crowdedOut.delete(topicName)
    const counters = this.topics.get(topicName)
    if (counters === undefined) return
    this.topics.delete(topicName)
    add(this.unnamed, counters)
  }

  entries(): Iterable<[string, TopicCounters]> {
    return this.topics.entries()
  }

  total(): TopicCounters {
    const total = new TopicCounters()
    for (const counters of this.topics.values()) add(total, counters)
    add(total, this.others)
    add(total, this.unnamed)
    return total
  }
}

function add(to: TopicCounters, from: TopicCounters): void {
  to.messagesIn += from.messagesIn
  to.bytesIn += from.bytesIn
  to.bytesOut += from.bytesOut
  to.produceRequests += from.produceRequests
  to.fetchRequests += from.fetchRequests
  to.failedProduceRequests += from.failedProduceRequests
  to.failedFetchRequests += from.failedFetchRequests
}
