import { type Clock, type Logger, type NodeId, type TopicId, topicId } from '@odradek/core'
import type { LogStore, PartitionIdentity, PartitionLog } from '@odradek/log'
import type { ClusterView, PartitionView, TopicView } from '../cluster-view.ts'
import type { TopicSettings } from '../config/topic-settings.ts'
import { nextTurn } from '../in-turns.ts'
import type { LedPartition } from '../metadata/metadata.ts'
import type { MetadataChange } from '../metadata/metadata-change.ts'
import { METADATA_TOPIC_ID } from '../metadata/metadata-log.ts'
import type { LocalPartition, Partitions } from '../services.ts'
import { hasEnoughInSync } from './in-sync.ts'
import { OfflineLog } from './offline-log.ts'

/** Logs opened or removed at the same time: after a crash each waits for the device, which is better at many than at few. */
const OPEN_AT_ONCE_MAX = 64
/** Logs opened or removed in one turn of the event loop before others have theirs. */
const LOGS_PER_TURN = 100
/** A start that takes longer says how far it is, again and again. */
const PROGRESS_INTERVAL_MS = 2000

export interface PartitionTableOptions {
  readonly store: LogStore
  readonly cluster: ClusterView
  /** A topic's settings on the node that leads it. */
  settingsOf(topicName: string, node: NodeId): TopicSettings
  readonly clock: Clock
  readonly logger: Logger
}

interface OpenPartition extends LocalPartition {
  readonly log: PartitionLog
}

/** The logs of all partitions that the metadata has, each with what the metadata says of it. */
export class PartitionTable implements Partitions {
  private readonly options: PartitionTableOptions
  /** By topic id, then by index. A partition whose log is still being opened has no entry. */
  private readonly topics = new Map<TopicId, (OpenPartition | undefined)[]>()
  private readonly watchers = new Set<() => void>()
  private starting: Promise<void> | null = null

  constructor(options: PartitionTableOptions) {
    this.options = options
  }

  /** Opens all that the metadata has when the broker starts, and removes what an interrupted deletion left. */
  start(): Promise<void> {
    this.starting ??= this.openAll()
    return this.starting
  }

  /** Partitions that lost a torn tail when they were opened: under a new epoch clients notice (KIP-320). */
  cut(): LedPartition[] {
    return Array.from(this.topics.values()).flatMap((partitions) =>
      partitions.flatMap((partition) => {
        if (partition === undefined || !partition.log.wasCut || partition.view.leader < 0) return []
        return [{ topicId: partition.topic.id, index: partition.view.index, leader: partition.view.leader }]
      }),
    )
  }

  opened(): Promise<void> {
    return this.start()
  }

  find(topic: TopicView, index: number): LocalPartition | null {
    return this.topics.get(topic.id)?.[index] ?? null
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => {
      this.watchers.delete(watcher)
    }
  }

  /** Takes in what the metadata log has changed: done when every new partition can be used and every deleted one is gone. */
  async take(change: MetadataChange): Promise<void> {
    const work: (() => Promise<void>)[] = []
    for (const topic of change.topicsDeleted) this.planRemoval(topic, work)
    for (const topic of change.topicsCreated) this.planOpening(topic, work)
    for (const { after } of change.topicsChanged) {
      this.refresh(after)
      this.planOpening(after, work)
    }
    const configured = change.brokerConfigsChanged
      ? this.options.cluster.topics()
      : this.named(change.topicConfigsChanged)
    for (const topic of configured) this.refresh(topic)
    this.notify()
    if (work.length === 0) return
    await inParallel(this.options.clock, work)
    this.notify()
  }

  /** Flushes and closes every log. */
  async close(): Promise<void> {
    const work = Array.from(this.topics.values(), (partitions) =>
      partitions.flatMap((partition) => (partition === undefined ? [] : [() => partition.log.close()])),
    ).flat()
    this.topics.clear()
    await inParallel(this.options.clock, work)
  }

  private async openAll(): Promise<void> {
    const work: (() => Promise<void>)[] = []
    for (const topic of this.options.cluster.topics()) this.planOpening(topic, work)
    this.planRemovalOfStrays(work)
    await this.withProgress(work)
    this.notify()
  }

  private async withProgress(work: readonly (() => Promise<void>)[]): Promise<void> {
    const { clock, logger } = this.options
    let opened = 0
    let saidMs = clock.monotonicMs()
    let cancel = (): void => {}
    const sayWhenDue = (): void => {
      if (clock.monotonicMs() - saidMs < PROGRESS_INTERVAL_MS) return
      saidMs = clock.monotonicMs()
      logger.info('opening partitions', { opened, of: work.length })
    }
    const wait = (): void => {
      sayWhenDue()
      cancel = clock.after(PROGRESS_INTERVAL_MS, wait)
    }
    wait()
    const tasks = work.map((task) => async () => {
      await task()
      opened++
      // Small logs are read without a turn of the event loop between them, in which a timer would have its turn.
      sayWhenDue()
    })
    await inParallel(clock, tasks).finally(() => cancel())
  }

  private planOpening(topic: TopicView, work: (() => Promise<void>)[]): void {
    const partitions = this.topics.get(topic.id) ?? []
    this.topics.set(topic.id, partitions)
    for (const view of topic.partitions) {
      if (partitions[view.index] === undefined) work.push(() => this.open(topic.id, view.index))
    }
  }

  private async open(id: TopicId, index: number): Promise<void> {
    const { cluster } = this.options
    const topic = cluster.topicById(id)
    const view = topic?.partitions[index]
    const partitions = this.topics.get(id)
    if (topic === undefined || view === undefined || partitions === undefined) return
    const settings = this.settingsOf(topic, view)
    const log = await this.openLog(identityOf(topic, index), settings, view.directoryId)
    partitions[index] = this.partitionOf(topic, view, log, settings)
  }

  private async openLog(
    identity: PartitionIdentity,
    settings: TopicSettings,
    directoryId: string | undefined,
  ): Promise<PartitionLog> {
    try {
      return await this.options.store.open(identity, settings.log, directoryId)
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error)
      this.options.logger.error('a partition is offline: its log could not be opened', {
        topic: identity.topicName,
        partition: identity.partition,
        error: failure,
      })
      return new OfflineLog(failure)
    }
  }

  private partitionOf(
    topic: TopicView,
    view: PartitionView,
    log: PartitionLog,
    settings: TopicSettings,
  ): OpenPartition {
    if (view.leaderEpoch > log.leaderEpoch) log.setLeaderEpoch(view.leaderEpoch)
    // As in Kafka what acks=1 brings meanwhile is seen when enough are in sync again (KIP-966). Coordinators take nothing then.
    log.holdHighWatermark(!topic.isInternal && !hasEnoughInSync(view, settings))
    return { topic, view, log, settings }
  }

  /** Gives the open partitions of a topic their new leaders, epochs and settings. */
  private refresh(topic: TopicView): void {
    const partitions = this.topics.get(topic.id)
    for (const view of topic.partitions) {
      const partition = partitions?.[view.index]
      if (partitions === undefined || partition === undefined) continue
      const settings = this.settingsOf(topic, view)
      if (settings !== partition.settings) partition.log.configure(settings.log)
      partitions[view.index] = this.partitionOf(topic, view, partition.log, settings)
    }
  }

  private planRemoval(topic: TopicView, work: (() => Promise<void>)[]): void {
    const partitions = this.topics.get(topic.id) ?? []
    this.topics.delete(topic.id)
    for (const partition of partitions) {
      if (partition !== undefined) work.push(() => this.remove(identityOf(topic, partition.view.index), partition.log))
    }
  }

  private async remove(identity: PartitionIdentity, log: PartitionLog | null): Promise<void> {
    try {
      await log?.close()
      await this.options.store.remove(identity)
    } catch (error) {
      this.options.logger.error('the log of a deleted partition could not be removed; the next start tries again', {
        topic: identity.topicName,
        partition: identity.partition,
        error: error instanceof Error ? error.message : String(error),
      })
    }
  }

  private planRemovalOfStrays(work: (() => Promise<void>)[]): void {
    const { cluster, logger, store } = this.options
    const strays = store.list().filter(({ topicId: id, partition }) => {
      if (id === METADATA_TOPIC_ID) return false
      return cluster.topicById(topicId(id))?.partitions[partition] === undefined
    })
    if (strays.length === 0) return
    // With no topic at all it is rather the metadata that was lost: then the logs are all that is left.
    const [any] = cluster.topics()
    if (any === undefined) {
      logger.warn('logs of unknown topics are kept: the metadata has no topic at all', { partitions: strays.length })
      return
    }
    logger.info('removing logs of deleted topics', { partitions: strays.length })
    for (const stray of strays) work.push(() => this.remove({ ...stray, topicName: '' }, null))
  }

  /** Without a leader the first replica's configs hold. */
  private settingsOf(topic: TopicView, view: PartitionView): TopicSettings {
    const [first] = view.replicas
    return this.options.settingsOf(topic.name, view.leader >= 0 || first === undefined ? view.leader : first)
  }

  private named(names: readonly string[]): TopicView[] {
    return names.flatMap((name) => this.options.cluster.topic(name) ?? [])
  }

  private notify(): void {
    for (const watcher of [...this.watchers]) watcher()
  }
}

function identityOf(topic: TopicView, partition: number): PartitionIdentity {
  return { topicId: topic.id, topicName: topic.name, partition }
}

/** Others have their turn in between: what is in memory is opened without waiting for anything. */
async function inParallel(clock: Clock, work: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = work.values()
  let done = 0
  async function worker(): Promise<void> {
    for (const task of queue) {
      await task()
      if (++done % LOGS_PER_TURN === 0) await nextTurn(clock)
    }
  }
  await Promise.all(Array.from({ length: Math.min(OPEN_AT_ONCE_MAX, work.length) }, worker))
}
