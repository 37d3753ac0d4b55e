import { type Clock, type NodeId, type Prng, present } from '@odradek/core'
import type { LogDirectories } from '@odradek/log'
import type { BrokerLoggers } from './config/broker-loggers.ts'
import { isCordoned } from './config/cordoned-directories.ts'
import { FetchMemory } from './fetch/fetch-memory.ts'
import { FetchSessions } from './fetch/fetch-sessions.ts'
import { FetchTurns } from './fetch/fetch-turns.ts'
import { GroupMachines } from './groups/group-coordinators.ts'
import { systemHostNames } from './host-names.ts'
import type { Metadata } from './metadata/metadata.ts'
import type { BrokerMetrics } from './metrics/broker-metrics.ts'
import { PartitionTable } from './partitions/partition-table.ts'
import { FirstSequences } from './produce/first-sequences.ts'
import { type OpenQuotas, openQuotas } from './quotas/open-quotas.ts'
import type { ServedApi } from './registry.ts'
import type { Services } from './services.ts'
import { StartError, type StartTopic } from './start-settings.ts'
import { openTelemetry } from './telemetry/open-telemetry.ts'
import { MarkerWriter } from './transactions/marker-writer.ts'
import { TransactionMachines } from './transactions/transaction-coordinators.ts'

export interface ServicesOptions {
  readonly nodeIds: readonly NodeId[]
  readonly served: readonly ServedApi[]
  /** Started: its nodes are registered and its partitions have leaders. */
  readonly metadata: Metadata
  readonly store: LogDirectories
  /** Whether there is an authorizer; there is none without this. */
  readonly hasAcls?: boolean
  readonly metrics: BrokerMetrics
  readonly clock: Clock
  readonly prng: Prng
  readonly loggers: BrokerLoggers
}

export interface OpenServices extends Services {
  readonly quotas: OpenQuotas
  /** Flushes and closes all partitions; what is under way is answered first or never. */
  close(): Promise<void>
}

/** Opens every partition and loads every coordinator, and keeps both in step with the metadata. */
export async function openServices(options: ServicesOptions): Promise<OpenServices> {
  const { nodeIds, served, metadata, store, metrics, clock, prng, loggers } = options
  const { cluster, controller, configs, producerIds } = metadata
  const settingsNode = present(nodeIds[0], 'there is at least one node')
  // The same object for good: what changes is written into it.
  const settings = configs.brokerSettings(settingsNode)
  const settingsOf = (topicName: string, node: NodeId) => configs.topicSettings(topicName, node)
  metrics.topicsMax = settings.metricsTopicsMax
  store.attach({
    record: (identity, directoryId) => metadata.assignDirectory(identity, directoryId),
    // The nodes share the directories: one that is closed for new partitions is so for all of them.
    isCordoned: (root) => nodeIds.some((node) => isCordoned(configs.layersOf(node), root)),
    moveBytesPerSecondMax: () => configs.brokerSettings(settingsNode).alterLogDirsBytesPerSecondMax,
  })
  const maintain = () => store.maintain(configs.maintenanceSettings(settingsNode))
  maintain()
  const partitionsLogger = loggers.of('kafka.server.ReplicaManager')
  const partitions = new PartitionTable({ store, cluster, settingsOf, clock, logger: partitionsLogger })
  const groupsLogger = loggers.of('org.apache.kafka.coordinator.group.GroupCoordinatorService')
  const coordination = { cluster, controller, partitions, clock, logger: groupsLogger }
  const groups = new GroupMachines(coordination, settings)
  const firstSequences = new FirstSequences()
  const logger = loggers.of('kafka.coordinator.transaction.TransactionCoordinator')
  const markers = new MarkerWriter({ cluster, partitions, groups, firstSequences, clock, logger })
  const transactions = new TransactionMachines({ ...coordination, logger, settings, producerIds, markers })
  const { clientQuotas, scramCredentials, delegationTokens } = metadata
  const quotas = await openQuotas({
    ...{ nodeIds, quotas: clientQuotas, hostNames: systemHostNames, clock },
    settingsOf: (node) => configs.brokerSettings(node),
  })
  const telemetry = openTelemetry({ nodeIds, configs, prng, logger: loggers.of('kafka.server.KafkaApis') })
  const unsubscribe = metadata.subscribe(async (change) => {
    if (change.brokerConfigsChanged) maintain()
    await quotas.take(change)
    for (const { name } of change.topicsDeleted) metrics.forgetTopic(name)
    telemetry.metadataChanged()
    await partitions.take(change)
    await groups.take(change)
    await transactions.take(change)
  })
  const close = async () => {
    unsubscribe()
    await transactions.stop()
    await groups.stop()
    await partitions.close()
  }
  try {
    await load(metadata, partitions, groups, transactions)
  } catch (error) {
    await close()
    throw error
  }
  return {
    served,
    cluster,
    controller,
    acls: options.hasAcls === true ? metadata.acls : null,
    ...{ clientQuotas, scramCredentials, delegationTokens, quotas },
    hostNames: systemHostNames,
    configs,
    settings,
    partitions,
    logDirectories: store,
    groups,
    transactions,
    markers,
    firstSequences,
    producerIds,
    metrics,
    telemetry: telemetry.of,
    pushed: telemetry.series,
    fetchSessions: openSessions(options),
    fetchMemory: new FetchMemory(() => settings.unsentBytesMax),
    fetchTurns: new FetchTurns(clock),
    clock,
    prng,
    loggers,
    logger: loggers.of('kafka.server.KafkaApis'),
    close,
  }
}

function openSessions({ nodeIds, metadata, clock, prng }: ServicesOptions): Services['fetchSessions'] {
  const sessions = new Map<NodeId, FetchSessions>()
  for (const id of nodeIds) {
    const slotsMax = () => metadata.configs.brokerSettings(id).maxIncrementalFetchSessionCacheSlots
    const { fetchSessionPartitionsMax: partitionsMax } = metadata.configs.brokerSettings(id)
    sessions.set(id, new FetchSessions({ clock, prng, slotsMax, partitionsMax }))
  }
  return (node) => present(sessions.get(node), `node ${node} is one of this process`)
}

/** Partitions come first: what coordinators know is in them. */
async function load(
  metadata: Metadata,
  partitions: PartitionTable,
  groups: GroupMachines,
  transactions: TransactionMachines,
): Promise<void> {
  await partitions.start()
  const cut = partitions.cut()
  if (cut.length > 0) await metadata.raiseLeaderEpochs(cut)
  await groups.start()
  await transactions.start()
}

/** Makes the topics that are missing. */
export async function createStartTopics(services: Services, topics: readonly StartTopic[]): Promise<void> {
  const missing = topics.filter(({ name }) => services.cluster.topic(name) === undefined)
  if (missing.length === 0) return
  const commands = missing.map(({ name, partitions }) => ({
    name,
    partitions,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  }))
  for (const [index, { error, message }] of (await services.controller.createTopics(commands, false)).entries()) {
    if (error !== 'NONE')
      throw new StartError(`topic ${missing[index]?.name ?? ''} cannot be made: ${message ?? error}`)
  }
}
