import { assert, leaderEpoch, type NodeId, nodeId, type TopicId, topicId } from '@odradek/core'
import {
  type BrokerRegistrationChangeRecord,
  type ConfigRecord,
  decodeClusterMetadataRecord,
  type PartitionChangeRecord,
  type PartitionRecord,
  type RegisterBrokerRecord,
} from '@odradek/protocol/records'
import type { Acl } from '../acls/acl.ts'
import { aclOfRecord } from '../acls/acl-records.ts'
import {
  type EligibleReplicas,
  INTERNAL_TOPICS,
  type PartitionView,
  type Reassignment,
  type TopicView,
} from '../cluster-view.ts'
import type { ConfigMap } from '../config/layers.ts'
import type { DelegationToken } from '../delegation-tokens/delegation-token.ts'
import { delegationTokenOf } from '../delegation-tokens/delegation-token-records.ts'
import { type ScramChange, scramChange } from '../security/scram-credentials.ts'
import { ClientQuotaDraft, type ClientQuotaTable } from './client-quota-table.ts'
import type { ConfigResourceType } from './controller.ts'
import { configResourceType, type MetadataRecord } from './metadata-records.ts'
import type { RegisteredNode } from './registered-node.ts'

/** The metadata log has a record that this version cannot obey: to go on without it would be to forget something. */
export class UnknownMetadataError extends Error {
  override readonly name = 'UnknownMetadataError'
}

/** In a PartitionChangeRecord: the leader stays. */
const NO_LEADER_CHANGE = -2

/** What a draft must know of the image it is to change. */
export interface DraftBase {
  topicById(id: TopicId): TopicView | undefined
  registered(id: NodeId): RegisteredNode | undefined
  configsOf(type: ConfigResourceType, name: string): ConfigMap
  readonly clientQuotas: ClientQuotaTable
}

/** One resource's configs after the batch. */
export interface DraftConfigs {
  readonly type: ConfigResourceType
  readonly name: string
  readonly configs: Map<string, string>
}

/** The records of one batch, replayed beside the image: nothing of them shows before all of them are in. */
export class ImageDraft {
  /** Null: gone. */
  readonly topics = new Map<TopicId, TopicDraft | null>()
  readonly nodes = new Map<NodeId, RegisteredNode | null>()
  readonly configs = new Map<string, DraftConfigs>()
  readonly featureLevels = new Map<string, number>()
  /** By their ids; null: gone. */
  readonly acls = new Map<string, Acl | null>()
  /** In the order of the records. */
  readonly scram: ScramChange[] = []
  /** By their ids; null: gone. */
  readonly delegationTokens = new Map<string, DelegationToken | null>()
  readonly clientQuotas: ClientQuotaDraft
  nextProducerId: bigint | null = null
  private readonly base: DraftBase

  constructor(base: DraftBase) {
    this.base = base
    this.clientQuotas = new ClientQuotaDraft(base.clientQuotas)
  }

  /** @throws UnknownMetadataError for a record that says something this version knows nothing of. */
  replay(bytes: MetadataRecord): void {
    const record = decodeClusterMetadataRecord(bytes)
    switch (record?.name) {
      case 'TopicRecord':
        this.createTopic(topicId(record.value.topicId), record.value.name)
        break
      case 'RemoveTopicRecord':
        this.removeTopic(topicId(record.value.topicId))
        break
      case 'PartitionRecord':
        this.createPartition(record.value)
        break
      case 'PartitionChangeRecord':
        this.changePartition(record.value)
        break
      case 'ConfigRecord':
        this.changeConfig(record.value)
        break
      case 'RegisterBrokerRecord':
        this.registerNode(record.value)
        break
      case 'UnregisterBrokerRecord':
        this.nodes.set(nodeId(record.value.brokerId), null)
        break
      case 'FenceBrokerRecord':
        this.setFenced(record.value.id, true)
        break
      case 'UnfenceBrokerRecord':
        this.setFenced(record.value.id, false)
        break
      case 'BrokerRegistrationChangeRecord':
        this.changeNode(record.value)
        break
      case 'FeatureLevelRecord':
        this.featureLevels.set(record.value.name, record.value.featureLevel)
        break
      case 'ClientQuotaRecord':
        this.clientQuotas.replay(record.value)
        break
      case 'ProducerIdsRecord':
        this.nextProducerId = record.value.nextProducerId
        break
      case 'UserScramCredentialRecord':
        this.scram.push(scramChangeOf(record.value))
        break
      case 'RemoveUserScramCredentialRecord':
        this.scram.push(scramChangeOf({ ...record.value, salt: null }))
        break
      case 'AccessControlEntryRecord':
        this.acls.set(record.value.id, understood(aclOfRecord(record.value), 'an ACL'))
        break
      case 'RemoveAccessControlEntryRecord':
        this.acls.set(record.value.id, null)
        break
      case 'DelegationTokenRecord':
        this.delegationTokens.set(record.value.tokenId, delegationTokenOf(record.value))
        break
      case 'RemoveDelegationTokenRecord':
        this.delegationTokens.set(record.value.tokenId, null)
        break
      case 'NoOpRecord':
        break
      default:
        throw new UnknownMetadataError(
          `the metadata log has a record (${record?.name ?? `type ${bytes[1]}`}) that only a newer version understands`,
        )
    }
  }

  private createTopic(id: TopicId, name: string): void {
    assert(this.base.topicById(id) === undefined && !this.topics.has(id), `topic id ${id} is there already`)
    this.topics.set(id, new TopicDraft(id, name, []))
  }

  private removeTopic(id: TopicId): void {
    const { name } = this.topic(id)
    this.topics.set(id, null)
    this.configs.set(resourceKey('TOPIC', name), { type: 'TOPIC', name, configs: new Map() })
  }

  private createPartition(record: PartitionRecord): void {
    const { partitions } = this.topic(topicId(record.topicId))
    assert(record.partitionId === partitions.length, `partition ${record.partitionId} follows ${partitions.length - 1}`)
    partitions.push({
      index: record.partitionId,
      leader: nodeId(record.leader),
      leaderEpoch: leaderEpoch(record.leaderEpoch),
      partitionEpoch: record.partitionEpoch,
      replicas: record.replicas.map(nodeId),
      inSyncReplicas: record.isr.map(nodeId),
      ...eligibleOf(record, undefined),
      ...reassignmentOf(record.addingReplicas, record.removingReplicas, undefined),
      ...directoryOf(record.directories, undefined),
    })
  }

  private changePartition(record: PartitionChangeRecord): void {
    const { partitions } = this.topic(topicId(record.topicId))
    const before = partitions[record.partitionId]
    assert(before !== undefined, `a change of partition ${record.partitionId}, which is not there`)
    const movesLeader = record.leader !== NO_LEADER_CHANGE
    partitions[record.partitionId] = {
      index: before.index,
      leader: movesLeader ? nodeId(record.leader) : before.leader,
      leaderEpoch: movesLeader ? leaderEpoch(before.leaderEpoch + 1) : before.leaderEpoch,
      partitionEpoch: before.partitionEpoch + 1,
      replicas: record.replicas?.map(nodeId) ?? before.replicas,
      inSyncReplicas: record.isr?.map(nodeId) ?? before.inSyncReplicas,
      ...eligibleOf(record, before.eligible),
      ...reassignmentOf(record.addingReplicas, record.removingReplicas, before.reassignment),
      ...directoryOf(record.directories, before.directoryId),
    }
  }

  private changeConfig(record: ConfigRecord): void {
    const type = configResourceType(record.resourceType)
    const key = resourceKey(type, record.resourceName)
    const draft = this.configs.get(key) ?? {
      type,
      name: record.resourceName,
      configs: new Map(this.base.configsOf(type, record.resourceName)),
    }
    if (record.value === null) draft.configs.delete(record.name)
    else draft.configs.set(record.name, record.value)
    this.configs.set(key, draft)
  }

  private registerNode(record: RegisterBrokerRecord): void {
    const id = nodeId(record.brokerId)
    const endpoints = new Map(record.endPoints.map(({ name, host, port }) => [name, { host, port }]))
    this.nodes.set(id, {
      view: { id, rack: record.rack, endpoints },
      isFenced: record.fenced,
      epoch: record.brokerEpoch,
      registration: record,
    })
  }

  private changeNode(record: BrokerRegistrationChangeRecord): void {
    // 1 fences, -1 ends the fence, 0 says nothing about it.
    if (record.fenced !== 0) this.setFenced(record.brokerId, record.fenced > 0)
  }

  private setFenced(brokerId: number, isFenced: boolean): void {
    const id = nodeId(brokerId)
    const node = this.nodes.get(id) ?? this.base.registered(id)
    assert(node !== undefined, `node ${brokerId} is fenced or unfenced, but not registered`)
    this.nodes.set(id, { ...node, isFenced, registration: { ...node.registration, fenced: isFenced } })
  }

  private topic(id: TopicId): TopicDraft {
    const known = this.topics.get(id)
    if (known !== undefined && known !== null) return known
    const view = known === null ? undefined : this.base.topicById(id)
    assert(view !== undefined, `a record for topic ${id}, which is not there`)
    const draft = new TopicDraft(id, view.name, [...view.partitions])
    this.topics.set(id, draft)
    return draft
  }
}

type ScramFields = Parameters<typeof scramChange>[0]

function scramChangeOf(record: ScramFields): ScramChange {
  return understood(scramChange(record), 'a credential')
}

/** @throws UnknownMetadataError for null: to leave out what only a newer version understands would be to forget it. */
function understood<T>(value: T | null, what: string): T {
  if (value === null)
    throw new UnknownMetadataError(`the metadata log has ${what} that only a newer version understands`)
  return value
}

/** A topic whose partitions are still being gathered. */
class TopicDraft {
  readonly id: TopicId
  readonly name: string
  readonly partitions: PartitionView[]

  constructor(id: TopicId, name: string, partitions: PartitionView[]) {
    this.id = id
    this.name = name
    this.partitions = partitions
  }

  view(): TopicView {
    return { id: this.id, name: this.name, isInternal: INTERNAL_TOPICS.has(this.name), partitions: this.partitions }
  }
}

/** Null lists leave what was; it is over when both are empty. */
function reassignmentOf(
  adding: readonly number[] | null,
  removing: readonly number[] | null,
  before: Reassignment | undefined,
): { readonly reassignment?: Reassignment } {
  const after = {
    adding: adding?.map(nodeId) ?? before?.adding ?? [],
    removing: removing?.map(nodeId) ?? before?.removing ?? [],
  }
  return after.adding.length + after.removing.length === 0 ? {} : { reassignment: after }
}

/** Null lists leave what was. */
function eligibleOf(
  { eligibleLeaderReplicas, lastKnownElr }: Pick<PartitionRecord, 'eligibleLeaderReplicas' | 'lastKnownElr'>,
  before: EligibleReplicas | undefined,
): { readonly eligible?: EligibleReplicas } {
  const replicas = eligibleLeaderReplicas?.map(nodeId) ?? before?.replicas ?? []
  const lastKnown = lastKnownElr?.map(nodeId) ?? before?.lastKnown ?? []
  return replicas.length + lastKnown.length === 0 ? {} : { eligible: { replicas, lastKnown } }
}

/** The nodes of a process share one log, so one directory stands for all replicas. */
function directoryOf(ids: readonly string[] | null, before: string | undefined): { readonly directoryId?: string } {
  const directoryId = ids?.[0] ?? before
  return directoryId === undefined ? {} : { directoryId }
}

/** Type names have no space, so that no two resources share a key. */
export function resourceKey(type: ConfigResourceType, name: string): string {
  return `${type} ${name}`
}
