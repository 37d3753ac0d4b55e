import type { NodeId, TopicId } from '@odradek/core'
import type { ErrorCode } from '@odradek/protocol'
import type { Acl, AclFilter } from '../acls/acl.ts'
import type { DeletedAcls } from '../acls/acl-decision.ts'
import type {
  CreatedToken,
  CreateTokenCommand,
  TokenExpiry,
  TokenExpiryCommand,
} from '../delegation-tokens/delegation-token-decision.ts'
import type { MutationQuota } from '../quotas.ts'
import type { ClientQuotaAlteration } from './alter-client-quotas-decision.ts'
import type { ScramAlteration, ScramAlterationRow } from './alter-scram-decision.ts'

export type ErrorName = keyof typeof ErrorCode

/** A Kafka error by name, with the sentence a person gets to read; `error: 'NONE'` when it worked. */
export interface Outcome {
  readonly error: ErrorName
  readonly message: string | null
  /** It is about the whole request, whatever else is wrong with some of its rows. */
  readonly refusesRequest?: true
}

export interface CreateTopicCommand {
  readonly name: string
  /** -1: `num.partitions`. */
  readonly partitions: number
  /** -1: `default.replication.factor`. */
  readonly replicationFactor: number
  /** Replicas by partition index; empty when the cluster is to choose. */
  readonly assignments: readonly { readonly partition: number; readonly replicas: readonly number[] }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreateTopicResult extends Outcome {
  readonly topicId: TopicId
  readonly partitions: number
  readonly replicationFactor: number
}

export interface CreatePartitionsCommand {
  readonly name: string
  readonly count: number
  readonly assignments: readonly (readonly number[])[] | null
}

export interface ElectionCommand {
  /** `unclean` may elect a replica that is not in sync, where there is no leader. */
  readonly type: 'preferred' | 'unclean'
  /** Null: all partitions of all topics. */
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[] | null
}

export interface ElectedPartition {
  readonly topic: string
  readonly partitions: readonly (Outcome & { readonly index: number })[]
}

/** `replicas` null: a move that is under way is taken back. */
export interface PartitionReassignment {
  readonly index: number
  readonly replicas: readonly number[] | null
}

export interface ReassignmentCommand {
  readonly allowsReplicationFactorChange: boolean
  readonly topics: readonly { readonly name: string; readonly partitions: readonly PartitionReassignment[] }[]
}

export interface ReassignedTopic {
  readonly name: string
  readonly partitions: readonly (Outcome & { readonly index: number })[]
}

export interface FeatureUpdate {
  readonly name: string
  readonly level: number
  /** Null: a type that nobody knows. */
  readonly type: 'upgrade' | 'safe-downgrade' | 'unsafe-downgrade' | null
}

/** Who writes the metadata log, and how far it is. */
export interface QuorumView {
  readonly leader: NodeId
  readonly leaderEpoch: number
  readonly highWatermark: bigint
}

export type ConfigResourceType = 'TOPIC' | 'BROKER' | 'BROKER_LOGGER' | 'CLIENT_METRICS' | 'GROUP'

export interface ConfigChange {
  readonly type: ConfigResourceType
  readonly name: string
  /** `replaceAll`: AlterConfigs, keys not named are reset. Otherwise IncrementalAlterConfigs. */
  readonly replaceAll: boolean
  readonly operations: readonly {
    readonly name: string
    readonly operation: 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT'
    readonly value: string | null
  }[]
}

/**
 * The one writer of the metadata log. A command is decided against the replayed state, recorded, and answered when its
 * records are durable and every part of this process has taken them in: a topic that is answered can be used at once.
 */
export interface Controller {
  createTopics(
    commands: readonly CreateTopicCommand[],
    validateOnly: boolean,
    quota?: MutationQuota,
  ): Promise<readonly CreateTopicResult[]>
  /** Creates what a client named without creating it first; internal topics get their own settings. */
  autoCreateTopics(names: readonly string[], quota?: MutationQuota): Promise<readonly CreateTopicResult[]>
  deleteTopics(ids: readonly TopicId[], quota?: MutationQuota): Promise<readonly Outcome[]>
  createPartitions(
    commands: readonly CreatePartitionsCommand[],
    validateOnly: boolean,
    quota?: MutationQuota,
  ): Promise<readonly Outcome[]>
  electLeaders(command: ElectionCommand): Promise<readonly ElectedPartition[]>
  /** Answered when the moves have begun; they end by themselves. */
  reassignPartitions(command: ReassignmentCommand): Promise<readonly ReassignedTopic[]>
  updateFeatures(updates: readonly FeatureUpdate[], validateOnly: boolean): Promise<Outcome>
  /** Forgets a node that is down. */
  unregisterNode(id: number): Promise<Outcome>
  quorum(): QuorumView
  alterConfigs(node: NodeId, changes: readonly ConfigChange[], validateOnly: boolean): Promise<readonly Outcome[]>
  createAcls(acls: readonly Acl[]): Promise<readonly Outcome[]>
  deleteAcls(filters: readonly AclFilter[]): Promise<readonly DeletedAcls[]>
  alterScramCredentials(alteration: ScramAlteration): Promise<readonly ScramAlterationRow[]>
  createDelegationToken(command: CreateTokenCommand): Promise<CreatedToken>
  renewDelegationToken(command: TokenExpiryCommand): Promise<TokenExpiry>
  expireDelegationToken(command: TokenExpiryCommand): Promise<TokenExpiry>
  alterClientQuotas(alterations: readonly ClientQuotaAlteration[], validateOnly: boolean): Promise<readonly Outcome[]>
}
