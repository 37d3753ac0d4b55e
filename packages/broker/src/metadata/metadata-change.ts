import type { Later, Offset } from '@odradek/core'
import type { TopicView } from '../cluster-view.ts'

/** What one atomic batch of the metadata log did to the image; the image shows it already. */
export interface MetadataChange {
  /** Offset after its last record. */
  readonly endOffset: Offset
  readonly topicsCreated: readonly TopicView[]
  readonly topicsDeleted: readonly TopicView[]
  /** Partitions added, leaders or replicas moved. A topic made or deleted in the same batch is not among them. */
  readonly topicsChanged: readonly { readonly before: TopicView; readonly after: TopicView }[]
  /** Names of topics whose own configs are others now; created and deleted ones are not among them. */
  readonly topicConfigsChanged: readonly string[]
  /** A broker's or the cluster's dynamic configs changed: the defaults of every topic may be others now. */
  readonly brokerConfigsChanged: boolean
  readonly nodesChanged: boolean
  readonly clientQuotasChanged: boolean
}

/**
 * Takes a change in. The command that made it is answered when every subscriber is done, so that a topic that was
 * answered can be used at once; the next command waits too. Must not throw: what fails for one partition is that
 * partition's affair.
 */
export type MetadataSubscriber = (change: MetadataChange) => Later<void>
