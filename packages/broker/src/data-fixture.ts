import {
  leaderEpoch,
  ManualClock,
  type NodeId,
  nodeId,
  offset,
  randomUuid,
  SeededPrng,
  silentLogger,
  type TopicId,
  ZERO_TOPIC_ID,
} from '@odradek/core'
import { defaultLogConfig, type LogDirectories, memoryLogDirectories } from '@odradek/log'
import {
  type ClusterView,
  INTERNAL_TOPICS,
  type NodeView,
  type PartitionView,
  type Reassignment,
  type TopicView,
} from './cluster-view.ts'
import { NO_CONFIGS } from './config/layers.ts'
import { buildLimitSettings } from './config/limit-settings.ts'
import type { BrokerSettings } from './config/settings.ts'
import type { TopicSettings } from './config/topic-settings.ts'
import { FetchMemory } from './fetch/fetch-memory.ts'
import { FetchSessions } from './fetch/fetch-sessions.ts'
import { FetchTurns } from './fetch/fetch-turns.ts'
import { GroupMachines } from './groups/group-coordinators.ts'
import { handlers } from './handlers/index.ts'
import { type Harness, type HarnessOptions, harness } from './harness.ts'
import type { Controller, CreateTopicResult } from './metadata/controller.ts'
import type { MetadataChange } from './metadata/metadata-change.ts'
import { BrokerMetrics } from './metrics/broker-metrics.ts'
import { PartitionTable } from './partitions/partition-table.ts'
import { FirstSequences } from './produce/first-sequences.ts'
import type { ProducerIds, Services } from './services.ts'
import { MarkerWriter } from './transactions/marker-writer.ts'
import { TransactionMachines } from './transactions/transaction-coordinators.ts'

const NODES = 3
const MEMORY_BYTES = 256 * 1024 * 1024
const OFFSETS_PARTITIONS = 5

const topicSettings: TopicSettings = {
  log: defaultLogConfig,
  maxMessageBytes: 1_048_588,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: 3_600_000n,
  compacted: false,
  maxDecompressedBytes: 2_147_483_639,
  minInsyncReplicas: 1,
}

const brokerSettings: BrokerSettings = {
  delegationTokenMaxLifetimeMs: 604_800_000n,
  delegationTokenExpiryTimeMs: 86_400_000n,
  delegationTokenExpiryCheckIntervalMs: 3_600_000,
  autoCreateTopicsEnable: true,
  deleteTopicEnable: true,
  numPartitions: 1,
  defaultReplicationFactor: 1,
  messageMaxBytes: 1_048_588,
  fetchMaxBytes: 57_671_680,
  ...buildLimitSettings({ dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: NO_CONFIGS }),
  connectionCreationRates: { broker: Number.POSITIVE_INFINITY, listenerOf: () => Number.POSITIVE_INFINITY },
  quotaWindow: { samples: 11, sampleMs: 1000 },
  controllerQuotaWindow: { samples: 11, sampleMs: 1000 },
  maxIncrementalFetchSessionCacheSlots: 1000,
  maxRequestPartitionSizeLimit: 2000,
  offsetsTopicNumPartitions: OFFSETS_PARTITIONS,
  offsetsTopicReplicationFactor: 1,
  offsetsRetentionMinutes: 10_080,
  offsetMetadataMaxBytes: 4096,
  groupMinSessionTimeoutMs: 6000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupMaxSize: 2_147_483_647,
  groupInitialRebalanceDelayMs: 0,
  producerIdExpirationMs: 86_400_000,
  metricsTopicsMax: 1000,
  metricsPartitionsMax: 10_000,
  metricsClientSeriesMax: 1000,
  metricsGroupPartitionsMax: 10_000,
  transactionMaxTimeoutMs: 900_000,
  transactionalIdExpirationMs: 604_800_000,
  transactionAbortTimedOutCleanupIntervalMs: 10_000,
  transactionRemoveExpiredCleanupIntervalMs: 3_600_000,
  transactionPartitionVerificationEnable: true,
  addPartitionsToTxnRetryBackoffMs: 20,
  addPartitionsToTxnRetryBackoffMaxMs: 100,
  recordValidation: 'batch',
  topicsMax: 1000,
  partitionsMax: 1000,
  isRackAware: false,
  replicationFactorClamp: false,
  flush: 'device',
  alterLogDirsBytesPerSecondMax: Number.MAX_VALUE,
  memoryLogBytes: MEMORY_BYTES,
}

/** Metadata that a test writes by hand. */
class FixtureCluster implements ClusterView {
  readonly clusterId = 'L2odPFt-T4CRorPE1eb3CA'
  readonly byName = new Map<string, TopicView>()
  views: readonly NodeView[] = Array.from({ length: NODES }, (_, index) => ({
    id: nodeId(index + 1),
    rack: null,
    endpoints: new Map([
      ['PLAINTEXT', { host: 'localhost', port: 9092 + index }],
      ['DOCKER', { host: `node-${index + 1}`, port: 19_092 + index }],
    ]),
  }))

  nodes(): readonly NodeView[] {
    return this.views
  }

  node(id: NodeId): NodeView | undefined {
    return this.views.find((view) => view.id === id)
  }

  registeredNodes() {
    return this.views.map((node) => ({ node, isFenced: false }))
  }

  topic(name: string): TopicView | undefined {
    return this.byName.get(name)
  }

  topicById(id: TopicId): TopicView | undefined {
    return [...this.byName.values()].find((topic) => topic.id === id)
  }

  topics(): Iterable<TopicView> {
    return this.byName.values()
  }

  features() {
    return { epoch: 0n, levels: new Map<string, number>() }
  }
}

export interface TopicOptions {
  readonly partitions?: number
  readonly leader?: number
  readonly replicas?: readonly number[]
  readonly inSyncReplicas?: readonly number[]
  readonly settings?: Partial<TopicSettings>
  readonly reassignment?: Reassignment
}

const NO_CHANGE: MetadataChange = {
  endOffset: offset(0),
  topicsCreated: [],
  topicsDeleted: [],
  topicsChanged: [],
  topicConfigsChanged: [],
  brokerConfigsChanged: false,
  nodesChanged: false,
  clientQuotasChanged: false,
}

/**
 * The data side of a broker of three nodes for tests of handlers: real logs in memory, real coordinators and sessions, the
 * real codec; a clock that only the test moves, and metadata that it writes by hand.
 */
export class DataFixture {
  readonly clock = new ManualClock()
  readonly cluster = new FixtureCluster()
  readonly prng = new SeededPrng(7)
  readonly metrics = new BrokerMetrics()
  settings: BrokerSettings = brokerSettings
  readonly fetchMemory = new FetchMemory(() => this.settings.unsentBytesMax)
  readonly fetchTurns = new FetchTurns(this.clock)
  partitions: PartitionTable
  groups: GroupMachines
  transactions: TransactionMachines
  readonly firstSequences = new FirstSequences()
  markers: MarkerWriter
  readonly store: LogDirectories
  private readonly topicSettings = new Map<string, TopicSettings>()
  private readonly sessions = new Map<NodeId, FetchSessions>()
  private nextProducerId = 4000n
  private readonly producerIds: ProducerIds = { next: () => this.nextProducerId++ }
  /** Names that were asked to be created without a client naming their settings. */
  readonly autoCreated: string[] = []
  refuseCreation = false

  constructor() {
    const { clock, prng } = this
    const directory = { path: '/memory', id: 'hP4h38o4UxjZwIdpqbAzqQ' }
    const environment = { clock, prng, logger: silentLogger }
    this.store = memoryLogDirectories({ ...directory, ...environment, bytesMax: MEMORY_BYTES, whenFull: 'refuse' })
    this.partitions = this.openPartitions()
    this.groups = this.openGroups()
    this.markers = this.openMarkers()
    this.transactions = this.openTransactions()
  }

  async createTopic(name: string, options: TopicOptions = {}): Promise<TopicView> {
    const { partitions = 1, leader, replicas } = options
    this.topicSettings.set(name, { ...topicSettings, ...options.settings })
    const views = Array.from({ length: partitions }, (_, index): PartitionView => {
      const first = nodeId(leader ?? 1)
      const all = replicas?.map(nodeId) ?? [first]
      return {
        index,
        leader: first,
        leaderEpoch: leaderEpoch(0),
        partitionEpoch: 0,
        replicas: all,
        inSyncReplicas: options.inSyncReplicas?.map(nodeId) ?? all,
        ...(options.reassignment === undefined ? {} : { reassignment: options.reassignment }),
      }
    })
    const topic = { id: randomUuid(this.prng), name, isInternal: INTERNAL_TOPICS.has(name), partitions: views }
    this.cluster.byName.set(name, topic)
    await this.change({ topicsCreated: [topic] })
    return topic
  }

  async deleteTopic(name: string): Promise<void> {
    const topic = this.cluster.byName.get(name)
    if (topic === undefined) throw new Error(`no topic ${name}`)
    this.cluster.byName.delete(name)
    await this.change({ topicsDeleted: [topic] })
  }

  /** Changes all partitions of a topic alike: a new leader raises the epoch. */
  async changePartitions(name: string, leader: number, inSyncReplicas?: readonly number[]): Promise<void> {
    const before = this.cluster.byName.get(name)
    if (before === undefined) throw new Error(`no topic ${name}`)
    const partitions = before.partitions.map((view) => ({
      ...view,
      leader: nodeId(leader),
      leaderEpoch: leaderEpoch(view.leaderEpoch + (view.leader === leader ? 0 : 1)),
      inSyncReplicas: inSyncReplicas?.map(nodeId) ?? view.inSyncReplicas,
    }))
    const after = { ...before, partitions }
    this.cluster.byName.set(name, after)
    await this.change({ topicsChanged: [{ before, after }] })
  }

  async configureTopic(name: string, settings: Partial<TopicSettings>): Promise<void> {
    this.topicSettings.set(name, { ...topicSettings, ...settings })
    await this.change({ topicConfigsChanged: [name] })
  }

  /** A client of one node, which speaks to all handlers. */
  client(
    node = 1,
    options: Pick<
      HarnessOptions,
      'authorizer' | 'clientId' | 'listener' | 'quotas' | 'requestResized' | 'waitWhileThereIsRoom'
    > = {},
  ): Harness {
    return harness(handlers, this.services(), { node, ...options })
  }

  /** Everything in memory is lost but the logs. */
  async restart(): Promise<void> {
    await this.settle(this.transactions.stop())
    await this.settle(this.groups.stop())
    await this.settle(this.partitions.close())
    this.partitions = this.openPartitions()
    this.groups = this.openGroups()
    this.markers = this.openMarkers()
    this.transactions = this.openTransactions()
    await this.settle(this.partitions.start())
    await this.settle(this.groups.start())
    await this.settle(this.transactions.start())
  }

  /** Runs what is due until `value` is there; time stands still. */
  async settle<T>(value: Promise<T>): Promise<T> {
    let settled = false
    const outcome = value.finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    for (let turn = 0; !settled && turn < 10_000; turn++) await this.turn()
    if (!settled) throw new Error('nothing more happens, and no answer has come')
    return outcome
  }

  /** Lets everything happen that needs no time to pass. */
  async turn(): Promise<void> {
    this.clock.advance(0)
    await new Promise((resolve) => setImmediate(resolve))
    this.clock.advance(0)
  }

  services(): Partial<Services> {
    const { clock, cluster, prng } = this
    const fixture = this
    return {
      clock,
      prng,
      cluster,
      logDirectories: this.store,
      logger: silentLogger,
      controller: this.controller(),
      producerIds: this.producerIds,
      fetchSessions: (node) => this.sessionsOf(node),
      fetchMemory: this.fetchMemory,
      fetchTurns: this.fetchTurns,
      // Asked for anew each time: a restart makes new ones.
      get settings() {
        return fixture.settings
      },
      get partitions() {
        return fixture.partitions
      },
      get groups() {
        return fixture.groups
      },
      get transactions() {
        return fixture.transactions
      },
      get markers() {
        return fixture.markers
      },
      firstSequences: this.firstSequences,
      metrics: this.metrics,
    }
  }

  private controller(): Controller {
    const refuse = () => Promise.reject(new Error('no part of this test'))
    return {
      autoCreateTopics: (names) => this.autoCreate(names),
      createTopics: refuse,
      deleteTopics: refuse,
      createPartitions: refuse,
      electLeaders: refuse,
      reassignPartitions: refuse,
      updateFeatures: refuse,
      unregisterNode: refuse,
      quorum: () => {
        throw new Error('no part of this test')
      },
      alterConfigs: refuse,
      createAcls: refuse,
      deleteAcls: refuse,
      alterScramCredentials: refuse,
      createDelegationToken: refuse,
      renewDelegationToken: refuse,
      expireDelegationToken: refuse,
      alterClientQuotas: refuse,
    }
  }

  private async autoCreate(names: readonly string[]): Promise<CreateTopicResult[]> {
    if (this.refuseCreation)
      return names.map(() => ({
        error: 'INVALID_REPLICATION_FACTOR',
        message: 'no',
        topicId: ZERO_TOPIC_ID,
        partitions: 0,
        replicationFactor: 0,
      }))
    this.autoCreated.push(...names)
    return Promise.all(
      names.map(async (name) => {
        const topic = await this.createTopic(name, { partitions: OFFSETS_PARTITIONS })
        return { error: 'NONE', message: null, topicId: topic.id, partitions: OFFSETS_PARTITIONS, replicationFactor: 1 }
      }),
    )
  }

  private sessionsOf(node: NodeId): FetchSessions {
    const { clock, prng } = this
    const slotsMax = () => this.settings.maxIncrementalFetchSessionCacheSlots
    const sessions = this.sessions.get(node) ?? new FetchSessions({ clock, prng, slotsMax, partitionsMax: 1_000_000 })
    this.sessions.set(node, sessions)
    return sessions
  }

  private async change(change: Partial<MetadataChange>): Promise<void> {
    await this.settle(this.partitions.take({ ...NO_CHANGE, ...change }))
    await this.settle(this.groups.take({ ...NO_CHANGE, ...change }))
    await this.settle(this.transactions.take({ ...NO_CHANGE, ...change }))
  }

  private openPartitions(): PartitionTable {
    return new PartitionTable({
      store: this.store,
      cluster: this.cluster,
      settingsOf: (name) => this.topicSettings.get(name) ?? topicSettings,
      clock: this.clock,
      logger: silentLogger,
    })
  }

  private openGroups(): GroupMachines {
    return new GroupMachines(this.coordination(), this.settings)
  }

  private openMarkers(): MarkerWriter {
    const { clock, cluster, groups, partitions, firstSequences } = this
    return new MarkerWriter({ cluster, partitions, groups, firstSequences, clock, logger: silentLogger })
  }

  private openTransactions(): TransactionMachines {
    const { settings, markers } = this
    return new TransactionMachines({ ...this.coordination(), settings, producerIds: this.producerIds, markers })
  }

  private coordination() {
    const { clock, cluster, partitions } = this
    return { cluster, partitions, clock, controller: this.controller(), logger: silentLogger }
  }
}
