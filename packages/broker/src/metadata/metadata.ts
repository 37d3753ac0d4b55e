import {
  type Clock,
  type Logger,
  type NodeId,
  nodeId,
  type Prng,
  present,
  randomUuid,
  type TopicId,
  topicId,
} from '@odradek/core'
import type { LogStore, PartitionIdentity } from '@odradek/log'
import type { AclView } from '../acls/acl-table.ts'
import type { ClusterView } from '../cluster-view.ts'
import type { Configs } from '../config/configs.ts'
import { LiveConfigs } from '../config/live-configs.ts'
import { type ResolvedBrokerConfig, settingsOf } from '../config/resolve-broker-config.ts'
import type { DelegationTokens } from '../delegation-tokens/delegation-token-table.ts'
import { TokenSecret } from '../delegation-tokens/token-secret.ts'
import type { ScramCredentials } from '../security/scram-credentials.ts'
import type { ProducerIds } from '../services.ts'
import type { ClientQuotas } from './client-quota.ts'
import type { Controller } from './controller.ts'
import type { NodeDirectories } from './directory-choice.ts'
import { decideRebalance } from './elect-leaders-decision.ts'
import { startedMinInSync } from './eligible-replicas.ts'
import type { MetadataSubscriber } from './metadata-change.ts'
import { MetadataController } from './metadata-controller.ts'
import { MetadataImage } from './metadata-image.ts'
import { MetadataLog } from './metadata-log.ts'
import { type MetadataRecord, type NodeRegistration, partitionChangeRecord } from './metadata-records.ts'
import { MetadataSnapshots } from './metadata-snapshots.ts'
import { decideNodeStart, decideNodeStop } from './node-decisions.ts'
import { ProducerIdBlocks } from './producer-id-blocks.ts'
import { metadataSegmentBytes, snapshotSettingsOf } from './snapshot-settings.ts'
import { decideStart } from './start-decision.ts'

export type { NodeRegistration } from './metadata-records.ts'

export interface MetadataOptions {
  readonly logStore: LogStore
  readonly clusterId: string
  readonly directories: NodeDirectories
  /** Without problems. */
  readonly config: ResolvedBrokerConfig
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
}

export interface StartOptions {
  readonly nodes: readonly NodeRegistration[]
  /** Level by feature, where it was asked for. */
  readonly features: ReadonlyMap<string, number>
}

/** The metadata of the cluster, and the one way to change it. */
export interface Metadata {
  readonly cluster: ClusterView
  readonly acls: AclView
  readonly configs: Configs
  readonly clientQuotas: ClientQuotas
  readonly scramCredentials: ScramCredentials
  readonly delegationTokens: DelegationTokens
  readonly controller: Controller
  readonly producerIds: ProducerIds
  /** Resolves, with the reason, when the metadata log has failed for good. */
  readonly failed: Promise<string>
  /** Subscribers are told of every change from now on, one after the other in the order they came. Returns its end. */
  subscribe(subscriber: MetadataSubscriber): () => void
  /** Registers the nodes of this process and elects leaders; done when subscribers have taken it in. @throws MetadataLogError */
  start(options: StartOptions): Promise<void>
  /** Takes a node of this process out: others lead in its place. Nothing happens when it is out already. @throws MetadataLogError */
  stopNode(id: NodeId): Promise<void>
  /** Brings it back, in sync at once. @throws MetadataLogError */
  startNode(node: NodeRegistration): Promise<void>
  /** Gives partitions back to their preferred replicas. @throws MetadataLogError */
  rebalanceLeaders(): Promise<void>
  /** Begins a new leader epoch of these partitions, under the same leaders. @throws MetadataLogError */
  raiseLeaderEpochs(partitions: readonly LedPartition[]): Promise<void>
  /** Records which data directory the log of a partition lies in; nothing for one that is not there any more. @throws MetadataLogError */
  assignDirectory(partition: Pick<PartitionIdentity, 'topicId' | 'partition'>, directoryId: string): Promise<void>
  /** Takes delegation tokens away that have expired. @throws MetadataLogError */
  removeExpiredTokens(): Promise<void>
  close(): Promise<void>
}

/** A partition that has a leader. */
export interface LedPartition {
  readonly topicId: TopicId
  readonly index: number
  readonly leader: NodeId
}

/** Replays the metadata log. @throws MetadataLogError or UnknownMetadataError, each with a message for a person. */
export async function openMetadata(options: MetadataOptions): Promise<Metadata> {
  const { logStore, clusterId, directories, config, clock, prng, logger } = options
  const snapshotSettings = snapshotSettingsOf(config)
  const log = await MetadataLog.open(logStore, settingsOf(config).flush, clock, metadataSegmentBytes(config))
  const image = new MetadataImage(clusterId, TokenSecret.of(config.text('delegation.token.secret.key')))
  await log.replay((records, endOffset) => image.apply(records, endOffset))
  for (const { path } of log.damagedSnapshots) {
    logger.warn('a snapshot of the metadata is damaged; an older one and the log stand for it', { path })
  }
  const snapshots = new MetadataSnapshots(image, log, snapshotSettings, clock, logger)
  const configs = new LiveConfigs(config, image)
  /** The first node that is up, once one is: whom clients take for the controller, too. */
  let leader = nodeId(-1)
  /** When it has changed, a new epoch begins. */
  const followLeader = () =>
    controller.writeBetween(() => {
      const first = image.nodes()[0]?.id ?? leader
      if (first === leader) return null
      leader = first
      return log.lead(leader)
    })
  const controller = new MetadataController({
    image,
    log,
    clock,
    prng,
    logger,
    directories,
    recorded: () => snapshots.written(),
    quorum: () => ({ leader, leaderEpoch: log.leaderEpoch, highWatermark: BigInt(image.endOffset) }),
    clusterSettings: () => configs.clusterSettings(),
    clusterLayers: () => configs.clusterLayers(),
    layersOf: (node) => configs.layersOf(node),
  })
  controller.subscribe((change) => {
    if (change.brokerConfigsChanged) configs.refresh()
    for (const topic of change.topicsDeleted) configs.forgetTopic(topic.name)
  })
  return {
    cluster: image,
    acls: image.acls,
    configs,
    clientQuotas: image.clientQuotas,
    scramCredentials: image.scramCredentials,
    delegationTokens: image.delegationTokens,
    controller,
    producerIds: new ProducerIdBlocks((node) => controller.allocateProducerIds(node)),
    failed: log.failed,
    subscribe: (subscriber) => controller.subscribe(subscriber),
    async start({ nodes, features }) {
      // The change of leader is one record; what follows it goes to the device together with it.
      leader = present(nodes[0], 'there is a node').id
      const directoryIds = directories.online()
      const minInSyncReplicas = startedMinInSync(configs.clusterLayers())
      const firstOffset = log.endOffset + 1
      const context = { image, directoryIds, firstOffset, minInSyncReplicas, randomId: () => randomUuid(prng) }
      const records = decideStart(nodes, features, context)
      await Promise.all([log.lead(leader), controller.commit(records)])
    },
    async stopNode(id) {
      await controller.commitDecided(() => decideNodeStop(id, image))
      await followLeader()
    },
    async startNode(node) {
      const context = { image, directoryIds: directories.online(), randomId: () => randomUuid(prng) }
      await controller.commitDecided(() => decideNodeStart(node, context))
      await followLeader()
    },
    rebalanceLeaders: () => controller.commitDecided(() => decideRebalance(image)),
    raiseLeaderEpochs: (partitions) => controller.commit(partitions.map(partitionChangeRecord)),
    assignDirectory: ({ topicId: id, partition }, directoryId) =>
      controller.commitDecided(() => placeRecords(image, topicId(id), partition, directoryId)),
    removeExpiredTokens: () => controller.removeExpiredTokens(),
    async close() {
      await controller.idle()
      await snapshots.close()
      await log.close()
    },
  }
}

function placeRecords(
  image: MetadataImage,
  id: TopicId,
  index: number,
  directoryId: string,
): readonly MetadataRecord[] {
  const partition = image.topicById(id)?.partitions[index]
  if (partition === undefined || partition.directoryId === directoryId) return []
  const directoryIds = partition.replicas.map(() => directoryId)
  return [partitionChangeRecord({ topicId: id, index, directoryIds })]
}
