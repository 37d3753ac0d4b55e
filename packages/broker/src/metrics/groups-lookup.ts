import type { FetchedTopic, ListedGroup } from '@odradek/coordinators'
import type { NodeId } from '@odradek/core'
import type { MetricSources } from './sources.ts'

/** Groups that one scrape asks for their offsets; how many more there are is told. */
const GROUPS_ASKED_MAX = 10_000
const GROUPS_PER_TURN_MAX = 200

export interface CommittedOffset {
  readonly groupId: string
  readonly topicName: string
  readonly partition: number
  readonly offset: number
  readonly lag: number
}

/** The groups that a node coordinates. */
export interface NodeGroups {
  readonly groups: readonly ListedGroup[]
  readonly offsetsCount: number
}

export interface GroupSnapshot {
  readonly byNode: ReadonlyMap<NodeId, NodeGroups>
  readonly offsets: readonly CommittedOffset[]
  readonly groupsNotAsked: number
}

/** What one scrape knows of the groups: asked for once, however many families want it. */
export class GroupsLookup {
  private readonly sources: MetricSources
  private readonly turn: () => Promise<void>
  private taken: Promise<GroupSnapshot> | null = null

  constructor(sources: MetricSources, turn: () => Promise<void>) {
    this.sources = sources
    this.turn = turn
  }

  snapshot(): Promise<GroupSnapshot> {
    this.taken ??= this.take()
    return this.taken
  }

  private async take(): Promise<GroupSnapshot> {
    const byNode = new Map<NodeId, NodeGroups>()
    const offsets: CommittedOffset[] = []
    let seen = 0
    let asked = 0
    for (const node of this.sources.nodeIds) {
      const groups = await this.list(node)
      const offsetsBefore = offsets.length
      for (const { groupId } of groups.slice(0, GROUPS_ASKED_MAX - asked)) {
        for (const topic of await this.offsetsOf(node, groupId)) offsets.push(...this.committed(groupId, topic))
        if (++asked % GROUPS_PER_TURN_MAX === 0) await this.turn()
      }
      seen += groups.length
      byNode.set(node, { groups, offsetsCount: offsets.length - offsetsBefore })
    }
    return { byNode, offsets, groupsNotAsked: seen - asked }
  }

  private async list(node: NodeId): Promise<readonly ListedGroup[]> {
    const { groups } = this.sources.services
    const answers = await groups.submitToAll(node, { kind: 'ListGroups', statesFilter: [], typesFilter: [] })
    return answers.flatMap((answer) => (answer.kind === 'ListGroups' ? answer.groups : []))
  }

  private async offsetsOf(node: NodeId, groupId: string): Promise<readonly FetchedTopic[]> {
    const member = { memberId: null, memberEpoch: -1, requireStable: false }
    const command = { kind: 'OffsetFetch', groupId, ...member, topics: null } as const
    const answer = await this.sources.services.groups.submit(node, groupId, command)
    return answer.kind === 'OffsetFetch' ? answer.topics : []
  }

  private committed(groupId: string, { name, partitions }: FetchedTopic): CommittedOffset[] {
    const { cluster, partitions: table } = this.sources.services
    const topic = cluster.topic(name)
    return partitions.flatMap(({ partitionIndex, committedOffset }) => {
      const log = topic === undefined ? undefined : table.find(topic, partitionIndex)?.log
      if (log === undefined || committedOffset < 0n) return []
      const offset = Number(committedOffset)
      const lag = Math.max(0, log.highWatermark - Math.max(offset, log.startOffset))
      return [{ groupId, topicName: name, partition: partitionIndex, offset, lag }]
    })
  }
}
