import { type NodeId, nodeId } from '@odradek/core'
import type { EligibleReplicas, PartitionView, Reassignment, TopicView } from '../cluster-view.ts'
import { eligibleAfter, type MinInSyncSource, minInSyncOf } from './eligible-replicas.ts'
import { type MetadataRecord, type PartitionChange, partitionChangeRecord } from './metadata-records.ts'

/** How a partition shall be; what is left out stays as it is. */
export interface PartitionWish {
  readonly replicas?: readonly NodeId[]
  readonly inSyncReplicas?: readonly NodeId[]
  readonly reassignment?: Reassignment
  /** Its first replica leads if it can, even when the present leader could go on. */
  readonly prefersFirst?: boolean
}

export const NO_LEADER = nodeId(-1)
const NO_REASSIGNMENT: Reassignment = { adding: [], removing: [] }

/**
 * The record that makes a partition as wished, as Kafka's controller builds it: a reassignment ends when all that come
 * are in sync, a replica leads that is in sync and up, and whoever has lost a replica begins a new leader epoch. Null
 * when all is so already.
 */
export function planPartition(
  topic: TopicView,
  partition: PartitionView,
  wish: PartitionWish,
  isUp: (id: NodeId) => boolean,
  minInSync: number | null,
): MetadataRecord | null {
  const { replicas, inSyncReplicas, reassignment } = completed({
    replicas: wish.replicas ?? partition.replicas,
    inSyncReplicas: wish.inSyncReplicas ?? partition.inSyncReplicas,
    reassignment: wish.reassignment ?? partition.reassignment ?? NO_REASSIGNMENT,
  })
  const canLead = (id: NodeId) => replicas.includes(id) && inSyncReplicas.includes(id) && isUp(id)
  const leader = elected(partition.leader, replicas, canLead, wish.prefersFirst === true)
  const losesReplica = partition.replicas.some((id) => !replicas.includes(id))
  const before = partition.reassignment ?? NO_REASSIGNMENT
  const eligible = minInSync === null ? null : eligibleAfter(partition, { replicas, inSyncReplicas, minInSync })
  const change: Partial<PartitionChange> = {
    ...changed('replicas', partition.replicas, replicas),
    ...changed('inSyncReplicas', partition.inSyncReplicas, inSyncReplicas),
    ...(eligible === null ? {} : eligibleChange(partition, eligible)),
    ...changed('addingReplicas', before.adding, reassignment.adding),
    ...changed('removingReplicas', before.removing, reassignment.removing),
    ...(leader !== partition.leader || losesReplica ? { leader } : {}),
  }
  if (Object.keys(change).length === 0) return null
  // One entry for each replica, though all share a directory.
  const directoryIds =
    change.replicas === undefined || partition.directoryId === undefined
      ? {}
      : { directoryIds: replicas.map(() => partition.directoryId ?? '') }
  return partitionChangeRecord({ topicId: topic.id, index: partition.index, ...change, ...directoryIds })
}

function eligibleChange({ eligible }: PartitionView, after: EligibleReplicas): Partial<PartitionChange> {
  return {
    ...changed('eligibleReplicas', eligible?.replicas ?? [], after.replicas),
    ...changed('lastKnownEligible', eligible?.lastKnown ?? [], after.lastKnown),
  }
}

interface Membership {
  readonly replicas: readonly NodeId[]
  readonly inSyncReplicas: readonly NodeId[]
  readonly reassignment: Reassignment
}

function completed(membership: Membership): Membership {
  const { adding, removing } = membership.reassignment
  if (adding.length + removing.length === 0) return membership
  const stays = (id: NodeId) => !removing.includes(id)
  const inSyncReplicas = membership.inSyncReplicas.filter(stays)
  const isDone = inSyncReplicas.length > 0 && adding.every((id) => inSyncReplicas.includes(id))
  if (!isDone) return membership
  return { replicas: membership.replicas.filter(stays), inSyncReplicas, reassignment: NO_REASSIGNMENT }
}

function elected(
  leader: NodeId,
  replicas: readonly NodeId[],
  canLead: (id: NodeId) => boolean,
  prefersFirst: boolean,
): NodeId {
  if (!prefersFirst && canLead(leader)) return leader
  if (prefersFirst && canLead(leader) && !replicas.slice(0, 1).some(canLead)) return leader
  return replicas.find(canLead) ?? NO_LEADER
}

function changed<Key extends keyof PartitionChange>(
  key: Key,
  before: readonly NodeId[],
  after: readonly NodeId[],
): { readonly [K in Key]?: readonly NodeId[] } {
  const isSame = before.length === after.length && before.every((id, index) => id === after[index])
  return isSame ? {} : ({ [key]: after } as { readonly [K in Key]?: readonly NodeId[] })
}

/**
 * The nodes of a process share one log: whoever is up is in sync, at once. As in Kafka who joins stands in the order of
 * the ids, as leaders report them; while none is up the last ones in sync stay on record as such, or as eligible ones.
 */
function settlePartition(
  topic: TopicView,
  partition: PartitionView,
  isUp: (id: NodeId) => boolean,
  prefersFirst: boolean,
  minInSync: number | null,
): MetadataRecord | null {
  const up = partition.replicas.filter(isUp)
  const stayed = partition.inSyncReplicas.filter((id) => up.includes(id))
  const joined = up.filter((id) => !stayed.includes(id))
  const inSyncReplicas = joined.length > 0 ? [...stayed, ...joined].sort((a, b) => a - b) : stayed
  const wish = inSyncReplicas.length > 0 || minInSync !== null ? { inSyncReplicas } : {}
  return planPartition(topic, partition, { ...wish, prefersFirst }, isUp, minInSync)
}

/** The same for all partitions of these topics; those that are as they should be have no record. */
export function settlePartitions(
  image: MinInSyncSource,
  topics: Iterable<TopicView>,
  isUp: (id: NodeId) => boolean,
  prefersFirst = false,
): readonly MetadataRecord[] {
  const records: MetadataRecord[] = []
  for (const topic of topics) {
    const minInSync = minInSyncOf(image, topic.name)
    for (const partition of topic.partitions) {
      const record = settlePartition(topic, partition, isUp, prefersFirst, minInSync)
      if (record !== null) records.push(record)
    }
  }
  return records
}
