import { type ClusterMetadataRecord, decodeClusterMetadataRecord } from '@odradek/protocol/records'

/** In a PartitionChangeRecord: the leader stays. */
const NO_LEADER_CHANGE = -2
const TOPIC_RESOURCE = 2

export interface PartitionState {
  readonly index: number
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
  /** Not in sync any more, but with all that was committed: whoever was in sync last (KIP-966). */
  readonly eligibleReplicas: readonly number[]
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

export interface TopicState {
  readonly id: string
  readonly name: string
  /** By index. */
  readonly partitions: Map<number, PartitionState>
}

export interface ConfigState {
  readonly resourceType: number
  readonly resourceName: string
  readonly name: string
  readonly value: string
}

/** Something else that the log says, in the bytes that say it. */
export interface OtherState {
  readonly kind: ClusterMetadataRecord['name']
  readonly bytes: Uint8Array
}

/** Records that concern processes that are no more, or say nothing. */
const PASSING: ReadonlySet<string> = new Set([
  'RegisterBrokerRecord',
  'UnregisterBrokerRecord',
  'FenceBrokerRecord',
  'UnfenceBrokerRecord',
  'BrokerRegistrationChangeRecord',
  'RegisterControllerRecord',
  'UnregisterControllerRecord',
  'ZkMigrationStateRecord',
  'ClearElrRecord',
  'NoOpRecord',
])

/**
 * What a metadata log of Kafka's, or ours, has come to: every lasting fact once, without the history. Unlike the broker's
 * image it also knows what this version cannot serve.
 */
export class ClusterState {
  readonly topics = new Map<string, TopicState>()
  readonly configs = new Map<string, ConfigState>()
  readonly featureLevels = new Map<string, number>()
  /** ACLs, credentials, quotas and tokens, by what a later record would name to change them. */
  readonly others = new Map<string, OtherState>()
  /** Types of records that nobody here has heard of, with their number. */
  readonly unknown = new Map<number, number>()
  nextProducerId = 0n
  /** Of a metadata transaction that has not ended yet (KIP-868); null outside of one. */
  private transaction: { readonly record: ClusterMetadataRecord; readonly bytes: Uint8Array }[] | null = null

  /** @throws RangeError or a protocol error when the bytes are no metadata record. */
  replay(bytes: Uint8Array): void {
    const record = decodeClusterMetadataRecord(bytes)
    if (record === null) {
      const type = bytes[1] ?? -1
      this.unknown.set(type, (this.unknown.get(type) ?? 0) + 1)
    } else if (record.name === 'BeginTransactionRecord') this.transaction = []
    else if (record.name === 'AbortTransactionRecord') this.transaction = null
    else if (record.name === 'EndTransactionRecord') {
      for (const each of this.transaction ?? []) this.take(each.record, each.bytes)
      this.transaction = null
    } else if (this.transaction === null) this.take(record, bytes)
    else this.transaction.push({ record, bytes: Buffer.from(bytes) })
  }

  private take(record: ClusterMetadataRecord, bytes: Uint8Array): void {
    switch (record.name) {
      case 'TopicRecord': {
        const { topicId: id, name } = record.value
        this.topics.set(id, { id, name, partitions: new Map() })
        break
      }
      case 'RemoveTopicRecord':
        this.removeTopic(record.value.topicId)
        break
      case 'PartitionRecord': {
        const { partitionId: index, topicId, isr, eligibleLeaderReplicas, ...rest } = record.value
        const eligibleReplicas = eligibleLeaderReplicas ?? []
        this.topics.get(topicId)?.partitions.set(index, { ...rest, index, inSyncReplicas: isr, eligibleReplicas })
        break
      }
      case 'PartitionChangeRecord':
        this.changePartition(record.value)
        break
      case 'ConfigRecord':
        this.changeConfig(record.value)
        break
      case 'FeatureLevelRecord':
        this.featureLevels.set(record.value.name, record.value.featureLevel)
        break
      case 'ProducerIdsRecord':
        this.nextProducerId = record.value.nextProducerId
        break
      default:
        if (!PASSING.has(record.name)) this.takeOther(record, bytes)
    }
  }

  private removeTopic(id: string): void {
    const name = this.topics.get(id)?.name
    this.topics.delete(id)
    for (const [key, config] of this.configs) {
      if (config.resourceType === TOPIC_RESOURCE && config.resourceName === name) this.configs.delete(key)
    }
  }

  private changePartition(change: Extract<ClusterMetadataRecord, { name: 'PartitionChangeRecord' }>['value']): void {
    const partitions = this.topics.get(change.topicId)?.partitions
    const before = partitions?.get(change.partitionId)
    if (partitions === undefined || before === undefined) return
    const movesLeader = change.leader !== NO_LEADER_CHANGE
    partitions.set(change.partitionId, {
      index: before.index,
      replicas: change.replicas ?? before.replicas,
      inSyncReplicas: change.isr ?? before.inSyncReplicas,
      eligibleReplicas: change.eligibleLeaderReplicas ?? before.eligibleReplicas,
      leader: movesLeader ? change.leader : before.leader,
      leaderEpoch: movesLeader ? before.leaderEpoch + 1 : before.leaderEpoch,
      partitionEpoch: before.partitionEpoch + 1,
    })
  }

  private changeConfig(record: Extract<ClusterMetadataRecord, { name: 'ConfigRecord' }>['value']): void {
    const { resourceType, resourceName, name, value } = record
    const key = JSON.stringify([resourceType, resourceName, name])
    if (value === null) this.configs.delete(key)
    else this.configs.set(key, { resourceType, resourceName, name, value })
  }

  private takeOther(record: ClusterMetadataRecord, bytes: Uint8Array): void {
    const { key, isRemoval } = otherKey(record)
    if (isRemoval) this.others.delete(key)
    else this.others.set(key, { kind: record.name, bytes: Buffer.from(bytes) })
  }
}

/** What two records must share for the later one to replace or remove what the earlier one says. */
function otherKey(record: ClusterMetadataRecord): { readonly key: string; readonly isRemoval: boolean } {
  switch (record.name) {
    case 'AccessControlEntryRecord':
      return { key: `acl ${record.value.id}`, isRemoval: false }
    case 'RemoveAccessControlEntryRecord':
      return { key: `acl ${record.value.id}`, isRemoval: true }
    case 'UserScramCredentialRecord':
      return { key: `scram ${record.value.mechanism} ${record.value.name}`, isRemoval: false }
    case 'RemoveUserScramCredentialRecord':
      return { key: `scram ${record.value.mechanism} ${record.value.name}`, isRemoval: true }
    case 'DelegationTokenRecord':
      return { key: `token ${record.value.tokenId}`, isRemoval: false }
    case 'RemoveDelegationTokenRecord':
      return { key: `token ${record.value.tokenId}`, isRemoval: true }
    case 'ClientQuotaRecord': {
      const entity = record.value.entity.map(({ entityType, entityName }) => [entityType, entityName]).sort()
      return { key: `quota ${JSON.stringify([entity, record.value.key])}`, isRemoval: record.value.remove }
    }
    default:
      return { key: record.name, isRemoval: false }
  }
}
