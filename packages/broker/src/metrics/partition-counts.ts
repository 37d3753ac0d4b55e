import type { NodeId } from '@odradek/core'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import { inSyncBeyondMin } from '../partitions/in-sync.ts'
import type { LocalPartition, Services } from '../services.ts'
import { ROWS_PER_TURN_MAX } from './family.ts'
import type { MetricSources } from './sources.ts'

/** As ReplicaManager of one broker counts: what it leads, and what it has a replica of. */
export interface NodePartitionCounts {
  hosted: number
  led: number
  offline: number
  underReplicated: number
  underMinInSync: number
  atMinInSync: number
  reassigning: number
}

export interface PartitionCounts {
  readonly byNode: ReadonlyMap<NodeId, NodePartitionCounts>
  readonly topicsCount: number
  readonly partitionsCount: number
  readonly leaderless: number
  readonly imbalanced: number
}

interface PartitionRow {
  readonly topic: TopicView
  readonly view: PartitionView
  /** Null where its log is not open. */
  readonly partition: LocalPartition | null
}

export function* eachPartition({ cluster, partitions }: Services): Iterable<PartitionRow> {
  for (const topic of cluster.topics())
    for (const view of topic.partitions) yield { topic, view, partition: partitions.find(topic, view.index) }
}

/** What one scrape knows of all partitions together: gone through once, however many families want it. */
export class PartitionsLookup {
  private readonly sources: MetricSources
  private readonly turn: () => Promise<void>
  private taken: Promise<PartitionCounts> | null = null

  constructor(sources: MetricSources, turn: () => Promise<void>) {
    this.sources = sources
    this.turn = turn
  }

  counts(): Promise<PartitionCounts> {
    this.taken ??= this.take()
    return this.taken
  }

  private async take(): Promise<PartitionCounts> {
    const { nodeIds, services } = this.sources
    const byNode = new Map(nodeIds.map((node) => [node, noPartitions()]))
    let [partitionsCount, leaderless, imbalanced] = [0, 0, 0]
    for (const row of eachPartition(services)) {
      const { leader, replicas } = row.view
      if (leader < 0) leaderless++
      if (leader !== replicas[0]) imbalanced++
      for (const node of replicas) countHosted(byNode.get(node), row)
      countLed(byNode.get(leader), row)
      if (++partitionsCount % ROWS_PER_TURN_MAX === 0) await this.turn()
    }
    return { byNode, topicsCount: [...services.cluster.topics()].length, partitionsCount, leaderless, imbalanced }
  }
}

function noPartitions(): NodePartitionCounts {
  return { hosted: 0, led: 0, offline: 0, underReplicated: 0, underMinInSync: 0, atMinInSync: 0, reassigning: 0 }
}

function countHosted(counts: NodePartitionCounts | undefined, { partition }: PartitionRow): void {
  if (counts === undefined) return
  counts.hosted++
  if (partition !== null && partition.log.failure !== null) counts.offline++
}

function countLed(counts: NodePartitionCounts | undefined, { view, partition }: PartitionRow): void {
  if (counts === undefined) return
  const { inSyncReplicas, replicas } = view
  counts.led++
  if (inSyncReplicas.length < replicas.length) counts.underReplicated++
  if (view.reassignment !== undefined) counts.reassigning++
  if (partition === null) return
  const beyondMin = inSyncBeyondMin(view, partition.settings)
  if (beyondMin < 0) counts.underMinInSync++
  if (beyondMin === 0) counts.atMinInSync++
}
