import type {
  EndMarker,
  GroupCommand,
  GroupResponse,
  TransactionCommand,
  TransactionResponse,
} from '@odradek/coordinators'
import type { Clock, Later, Logger, NodeId, Prng } from '@odradek/core'
import type { LogDirectoryTable, PartitionLog } from '@odradek/log'
import type { ErrorCode } from '@odradek/protocol'
import type { AclView } from './acls/acl-table.ts'
import type { ClusterView, PartitionView, TopicView } from './cluster-view.ts'
import type { BrokerLoggers } from './config/broker-loggers.ts'
import type { Configs } from './config/configs.ts'
import type { BrokerSettings } from './config/settings.ts'
import type { TopicSettings } from './config/topic-settings.ts'
import type { DelegationTokens } from './delegation-tokens/delegation-token-table.ts'
import type { FetchMemory } from './fetch/fetch-memory.ts'
import type { FetchSessions } from './fetch/fetch-sessions.ts'
import type { FetchTurns } from './fetch/fetch-turns.ts'
import type { HostNames } from './host-names.ts'
import type { ClientQuotas } from './metadata/client-quota.ts'
import type { Controller } from './metadata/controller.ts'
import type { BrokerMetrics } from './metrics/broker-metrics.ts'
import type { FirstSequences } from './produce/first-sequences.ts'
import type { ServedApi } from './registry.ts'
import type { ScramCredentials } from './security/scram-credentials.ts'
import type { ClientTelemetry } from './telemetry/client-telemetry.ts'
import type { PushedSeries } from './telemetry/pushed-series.ts'

/** A partition on the node that was asked, with its log open. */
export interface LocalPartition {
  readonly topic: TopicView
  readonly view: PartitionView
  readonly log: PartitionLog
  readonly settings: TopicSettings
}

/** Finds the log of a partition. One process holds the logs of all its nodes; only the leader's node may use one. */
export interface Partitions {
  /** Null when the topic or partition does not exist. */
  find(topic: TopicView, index: number): LocalPartition | null
  /** Resolves when logs for all partitions of the present metadata are open. */
  opened(): Promise<void>
  /** Makes a watcher of leadership and existence changes; returns its removal. */
  watch(watcher: () => void): () => void
}

/** The group coordinators of all nodes: one machine per partition of `__consumer_offsets`. */
export interface GroupCoordinators {
  /** The node that coordinates the group, or null while the offsets topic does not exist. */
  coordinatorOf(groupId: string): NodeId | null
  /** Index of the partition of `__consumer_offsets` that has the group; null while the topic does not exist. */
  partitionOf(groupId: string): number | null
  /** Hands a command to the group's machine; answers NOT_COORDINATOR where `node` is not its coordinator. */
  submit(node: NodeId, groupId: string, command: GroupCommand, handedOver?: () => void): Promise<GroupResponse>
  /** The same command to every machine that `node` coordinates (ListGroups). */
  submitToAll(node: NodeId, command: GroupCommand): Promise<readonly GroupResponse[]>
}

/** The transaction coordinators of all nodes: one machine per partition of `__transaction_state`. */
export interface TransactionCoordinators {
  /** The node that coordinates the transactional id, or null while the topic does not exist. */
  coordinatorOf(transactionalId: string): NodeId | null
  /** Hands a command to the id's machine; answers NOT_COORDINATOR where `node` is not its coordinator. */
  submit(node: NodeId, transactionalId: string, command: TransactionCommand): Promise<TransactionResponse>
  /** The same command to every machine that `node` coordinates (ListTransactions). */
  submitToAll(node: NodeId, command: TransactionCommand): Promise<readonly TransactionResponse[]>
}

/** Ends transactions in the partitions of this process. */
export interface TransactionMarkers {
  /** The code says whether the marker is on the device. */
  end(topicName: string, index: number, end: EndMarker): Promise<ErrorCode>
}

/** Gives out producer ids, from blocks recorded in the metadata log before the first of them is used. */
export interface ProducerIds {
  next(node: NodeId): Later<bigint>
}

/** What handlers work with; each is an interface so that a handler's test can bring its own. */
export interface Services {
  /** What ApiVersions lists: the table of handlers, by key. */
  readonly served: readonly ServedApi[]
  readonly cluster: ClusterView
  readonly controller: Controller
  /** Null: there is no authorizer, so there are no ACLs to speak of. */
  readonly acls: AclView | null
  readonly clientQuotas: ClientQuotas
  readonly scramCredentials: ScramCredentials
  readonly delegationTokens: DelegationTokens
  readonly hostNames: HostNames
  readonly configs: Configs
  readonly loggers: BrokerLoggers
  readonly settings: BrokerSettings
  readonly partitions: Partitions
  /** Shared by all nodes, as the logs are. */
  readonly logDirectories: LogDirectoryTable
  readonly groups: GroupCoordinators
  readonly transactions: TransactionCoordinators
  readonly markers: TransactionMarkers
  readonly firstSequences: FirstSequences
  readonly producerIds: ProducerIds
  /** One cache a node, as with separate brokers. */
  fetchSessions(node: NodeId): FetchSessions
  /** Of all nodes, as their memory is one. */
  readonly fetchMemory: FetchMemory
  /** Of all nodes, as their event loop is one. */
  readonly fetchTurns: FetchTurns
  readonly metrics: BrokerMetrics
  /** One receiver of clients' metrics a node, as with separate brokers. */
  telemetry(node: NodeId): ClientTelemetry
  /** What clients have pushed, to any node. */
  readonly pushed: PushedSeries
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
}
