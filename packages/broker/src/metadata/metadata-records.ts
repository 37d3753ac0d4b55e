import { assert, type NodeId, type TopicId } from '@odradek/core'
import {
  BrokerRegistrationChangeRecord,
  ClientQuotaRecord,
  ConfigRecord,
  encodeMetadataRecord,
  FeatureLevelRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RemoveTopicRecord,
  TopicRecord,
  UnregisterBrokerRecord,
} from '@odradek/protocol/records'
import type { QuotaEntity } from './client-quota.ts'
import type { ConfigResourceType } from './controller.ts'

/**
 * One record of the metadata log in its bytes: what is decided, written and replayed is the same thing. Versions are those
 * that Kafka 4.4 writes at metadata.version 33.
 */
export type MetadataRecord = Uint8Array

const CONFIG_RESOURCE_CODES: Readonly<Record<ConfigResourceType, number>> = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
}

export function configResourceType(code: number): ConfigResourceType {
  switch (code) {
    case 2:
      return 'TOPIC'
    case 4:
      return 'BROKER'
    case 16:
      return 'CLIENT_METRICS'
    default:
      assert(code === 32, `the metadata log has no configs of resource type ${code}`)
      return 'GROUP'
  }
}

/** What a node tells of itself when it starts. */
export interface NodeRegistration {
  readonly id: NodeId
  readonly rack: string | null
  readonly endpoints: readonly RegisteredEndpoint[]
}

export interface RegisteredEndpoint {
  readonly listener: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
}

const SECURITY_PROTOCOL_CODES: Readonly<Record<RegisteredEndpoint['securityProtocol'], number>> = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
}

export interface RegisterNodeFields {
  readonly node: NodeRegistration
  /** New at every start. */
  readonly incarnationId: string
  /** Offset of this very record. */
  readonly epoch: number
  readonly directoryIds: readonly string[]
  readonly features: readonly { readonly name: string; readonly min: number; readonly max: number }[]
}

/** Registers a node that is up at once: it is fenced for no time at all. */
export function registerNodeRecord(fields: RegisterNodeFields): MetadataRecord {
  const { node, features } = fields
  return encodeMetadataRecord(RegisterBrokerRecord, 4, {
    brokerId: node.id,
    incarnationId: fields.incarnationId,
    brokerEpoch: BigInt(fields.epoch),
    endPoints: node.endpoints.map(({ listener, host, port, securityProtocol }) => ({
      name: listener,
      host,
      port,
      securityProtocol: SECURITY_PROTOCOL_CODES[securityProtocol],
    })),
    features: features.map(({ name, min, max }) => ({ name, minSupportedVersion: min, maxSupportedVersion: max })),
    rack: node.rack,
    fenced: false,
    logDirs: fields.directoryIds,
  })
}

/** A node that goes down, and says so. */
export function fenceNodeRecord(id: NodeId, epoch: bigint): MetadataRecord {
  return encodeMetadataRecord(BrokerRegistrationChangeRecord, 3, { brokerId: id, brokerEpoch: epoch, fenced: 1 })
}

export function unregisterNodeRecord(id: NodeId, epoch: bigint): MetadataRecord {
  return encodeMetadataRecord(UnregisterBrokerRecord, 0, { brokerId: id, brokerEpoch: epoch })
}

export function featureLevelRecord(name: string, level: number): MetadataRecord {
  return encodeMetadataRecord(FeatureLevelRecord, 0, { name, featureLevel: level })
}

export function topicRecord(name: string, id: TopicId): MetadataRecord {
  return encodeMetadataRecord(TopicRecord, 0, { name, topicId: id })
}

export function removeTopicRecord(id: TopicId): MetadataRecord {
  return encodeMetadataRecord(RemoveTopicRecord, 0, { topicId: id })
}

export interface NewPartitionFields {
  readonly topicId: TopicId
  readonly index: number
  readonly replicas: readonly NodeId[]
  readonly inSyncReplicas: readonly NodeId[]
  readonly directoryId: string
}

/** A new partition: its first in-sync replica leads it, in epoch 0. */
export function newPartitionRecord(fields: NewPartitionFields): MetadataRecord {
  return encodeMetadataRecord(PartitionRecord, 2, {
    partitionId: fields.index,
    topicId: fields.topicId,
    replicas: fields.replicas,
    isr: fields.inSyncReplicas,
    removingReplicas: [],
    addingReplicas: [],
    leader: fields.inSyncReplicas[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    directories: fields.replicas.map(() => fields.directoryId),
  })
}

export interface PartitionChange {
  readonly topicId: TopicId
  readonly index: number
  readonly replicas?: readonly NodeId[]
  readonly addingReplicas?: readonly NodeId[]
  readonly removingReplicas?: readonly NodeId[]
  readonly inSyncReplicas?: readonly NodeId[]
  readonly eligibleReplicas?: readonly NodeId[]
  readonly lastKnownEligible?: readonly NodeId[]
  /** Naming a leader, even the same one, begins a new leader epoch. */
  readonly leader?: NodeId
  /** One for each replica. */
  readonly directoryIds?: readonly string[]
}

export function partitionChangeRecord(change: PartitionChange): MetadataRecord {
  return encodeMetadataRecord(PartitionChangeRecord, 2, {
    partitionId: change.index,
    topicId: change.topicId,
    replicas: change.replicas ?? null,
    addingReplicas: change.addingReplicas ?? null,
    removingReplicas: change.removingReplicas ?? null,
    isr: change.inSyncReplicas ?? null,
    eligibleLeaderReplicas: change.eligibleReplicas ?? null,
    lastKnownElr: change.lastKnownEligible ?? null,
    leader: change.leader,
    directories: change.directoryIds ?? null,
  })
}

/** `value` null removes the config. */
export function configRecord(
  type: ConfigResourceType,
  resource: string,
  name: string,
  value: string | null,
): MetadataRecord {
  const resourceType = CONFIG_RESOURCE_CODES[type]
  return encodeMetadataRecord(ConfigRecord, 0, { resourceType, resourceName: resource, name, value })
}

/** `value` null takes the quota away. */
export function clientQuotaRecord(entity: QuotaEntity, key: string, value: number | null): MetadataRecord {
  const parts = entity.map(({ type, name }) => ({ entityType: type, entityName: name }))
  return encodeMetadataRecord(ClientQuotaRecord, 0, { entity: parts, key, value: value ?? 0, remove: value === null })
}

/** All producer ids below `nextProducerId` are given away. */
export function producerIdsRecord(node: NodeId, nodeEpoch: bigint, nextProducerId: bigint): MetadataRecord {
  return encodeMetadataRecord(ProducerIdsRecord, 0, { brokerId: node, brokerEpoch: nodeEpoch, nextProducerId })
}
