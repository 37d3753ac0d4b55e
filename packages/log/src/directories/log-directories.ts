import { assert, type Clock, type Fs, type Logger, present } from '@odradek/core'
import { directoryName, identityOfDirectory } from '../file-names.ts'
import type { LogCheckpoints } from '../log-checkpoints.ts'
import type { LogConfig } from '../log-config.ts'
import { type SegmentedLogStore, type SharedResources, sharedResources } from '../log-store.ts'
import { defaultMaintenanceSettings, type MaintenanceSettings } from '../maintenance-settings.ts'
import { MaintenanceTasks } from '../maintenance-tasks.ts'
import type { LogStore, PartitionIdentity, PartitionLog } from '../partition-log.ts'
import { errorText } from '../storage-error.ts'
import { hasAllOf } from './file-copy.ts'
import { judgeCopies, type LogCopy } from './judge-copies.ts'
import { LogDirectory, type LogDirectorySettings, type LogDirectoryView } from './log-directory.ts'
import { copiesIn, unmarkFuture, unmarkMoved } from './move-markers.ts'
import { ReplicaMoves } from './replica-moves.ts'

/** Partitions that do not exist yet and have been given a directory: no more are remembered. */
const WISHES_MAX = 10_000

export type MoveError = 'LOG_DIR_NOT_FOUND' | 'KAFKA_STORAGE_ERROR'

/** A copy of a log that is being made in another directory. */
export interface FutureReplica {
  readonly directory: LogDirectoryView
  readonly sizeBytes: number
  readonly endOffset: number
}

/** Where a partition's log is. */
export interface ReplicaPlace {
  readonly directory: LogDirectoryView
  readonly future: FutureReplica | null
}

/** The data directories of a process, and which log is where. */
export interface LogDirectoryTable {
  /** Those that partitions may lie in, as configured. */
  directories(): readonly LogDirectoryView[]
  /** Null for a partition that is not open. */
  placeOf(identity: Pick<PartitionIdentity, 'topicId' | 'partition'>): ReplicaPlace | null
  /** Whether the directory that the partition lies in has failed or is not there; `directoryId` is what the metadata has. */
  isOffline(identity: Pick<PartitionIdentity, 'topicId' | 'partition'>, directoryId: string | undefined): boolean
  /** Why nothing can be moved to the directory of this very path; null when it can. */
  directoryError(path: string): MoveError | null
  /** The directory that a partition shall be made in, which does not exist yet. */
  wish(topicName: string, partition: number, path: string): void
  /** Id of the directory that was wished for, where it works. */
  wished(topicName: string, partition: number): string | null
  /** Begins to move a log; to the directory where it is, ends a move. The directory has been found to have no error. */
  move(identity: PartitionIdentity, path: string): MoveError | null
  attach(hooks: LogDirectoryHooks): void
}

/** What the broker does for its directories, once it has its metadata. */
export interface LogDirectoryHooks {
  /** Records that a log is somewhere else than the metadata said; awaited before what a move has left is removed. */
  record(identity: PartitionIdentity, directoryId: string): Promise<void>
  /** Whether the directory, as the settings name it, is to take no new partitions. */
  isCordoned(root: string): boolean
  /** How fast logs may be moved, asked anew for each piece. */
  moveBytesPerSecondMax(): number
}

export interface LogDirectoriesSettings {
  readonly fs: Fs
  /** The first holds the metadata log. */
  readonly directories: readonly LogDirectorySettings[]
  readonly clock: Clock
  readonly logger: Logger
  readonly maintenance?: MaintenanceSettings
  /** Told how long each flush of a log took. */
  readonly flushEnded?: (elapsedMs: number) => void
}

/** Makes the store of one directory. */
export type MakeStore = (
  directory: LogDirectorySettings,
  shared: SharedResources,
  onLogFailed: (identity: PartitionIdentity) => void,
) => SegmentedLogStore

interface Located {
  readonly directory: LogDirectory
  /** Id of the directory that the log was on its way to. */
  readonly resumeTo: string | null
}

/** All partition logs of a process, over one store for each of its data directories. */
export class LogDirectories implements LogStore, LogDirectoryTable {
  private readonly settings: LogDirectoriesSettings
  private readonly all: readonly LogDirectory[]
  private readonly tasks: MaintenanceTasks
  private readonly moves: ReplicaMoves
  /** What was found at the start and has not been opened, by directory name. */
  private readonly found = new Map<string, LogCopy[]>()
  /** Of open logs. */
  private readonly places = new Map<string, LogDirectory>()
  private readonly wishes = new Map<string, string>()
  /** Goes from the oldest wish on, each of which it has come to is gone: a new walk would meet all that were before. */
  private readonly oldestWishes = this.wishes.keys()
  private hooks: LogDirectoryHooks = {
    record: async () => {},
    isCordoned: () => false,
    moveBytesPerSecondMax: () => Number.MAX_VALUE,
  }

  constructor(settings: LogDirectoriesSettings, makeStore: MakeStore) {
    const { fs, clock, logger, maintenance = defaultMaintenanceSettings, flushEnded } = settings
    this.settings = settings
    const shared = { ...sharedResources(fs, clock), ...(flushEnded !== undefined && { flushEnded }) }
    this.all = settings.directories.map((each) => {
      const directory = new LogDirectory(each, fs, logger, (root) => this.hooks.isCordoned(root))
      directory.open(() => makeStore(each, shared, () => void directory.probe()))
      return directory
    })
    for (const { id, store } of this.all) if (store !== null) this.find(store, id)
    const logs = () => this.all.flatMap(({ store }) => store?.openLogs() ?? [])
    this.tasks = new MaintenanceTasks(clock, logger, maintenance, logs)
    this.moves = new ReplicaMoves({
      ...{ fs, clock, logger, bytesPerSecondMax: () => this.hooks.moveBytesPerSecondMax() },
      placed: async (identity, directory) => {
        this.places.set(directoryName(identity), directory)
        await this.hooks.record(identity, directory.id)
      },
    })
  }

  directories(): readonly LogDirectoryView[] {
    return this.all.filter(({ takesPartitions }) => takesPartitions)
  }

  placeOf(identity: Pick<PartitionIdentity, 'topicId' | 'partition'>): ReplicaPlace | null {
    const name = directoryName(identity)
    const directory = this.places.get(name)
    return directory === undefined ? null : { directory, future: this.moves.futureOf(name) }
  }

  directoryError(path: string): MoveError | null {
    const directory = this.at(path)
    if (directory === undefined) return 'LOG_DIR_NOT_FOUND'
    return directory.failure === null ? null : 'KAFKA_STORAGE_ERROR'
  }

  wish(topicName: string, partition: number, path: string): void {
    const key = wishKey(topicName, partition)
    this.wishes.delete(key)
    this.wishes.set(key, path)
    if (this.wishes.size > WISHES_MAX) this.wishes.delete(present(this.oldestWishes.next().value, 'the oldest of many'))
  }

  wished(topicName: string, partition: number): string | null {
    const path = this.wishes.get(wishKey(topicName, partition))
    const directory = path === undefined ? undefined : this.at(path)
    return directory?.failure === null && !directory.isCordoned ? directory.id : null
  }

  move(identity: PartitionIdentity, path: string): MoveError | null {
    const name = directoryName(identity)
    const to = present(this.at(path), 'a directory that was asked about')
    const from = this.places.get(name)
    const log = from?.store?.log(identity) ?? null
    if (from === undefined || log === null || log.failure !== null) return 'KAFKA_STORAGE_ERROR'
    if (this.moves.isUnderWay(name, to)) return null
    this.moves.giveUp(name)
    if (from === to) return null
    // As in Kafka: the partition may have a copy that cannot be seen now.
    if (this.all.some(({ failure }) => failure !== null)) return 'KAFKA_STORAGE_ERROR'
    this.moves.begin(name, log, from, to)
    return null
  }

  attach(hooks: LogDirectoryHooks): void {
    this.hooks = hooks
  }

  /** Settings of the work that is done by itself; from now on. */
  maintain(settings: MaintenanceSettings): void {
    this.tasks.follow(settings)
  }

  isOffline(identity: Pick<PartitionIdentity, 'topicId' | 'partition'>, directoryId: string | undefined): boolean {
    if (isUnassigned(directoryId) || this.byId(directoryId)?.failure === null) return false
    const place = this.places.get(directoryName(identity))
    return place === undefined ? directoryId !== undefined : place.failure !== null
  }

  async open(identity: PartitionIdentity, config: LogConfig, directoryId?: string): Promise<PartitionLog> {
    const name = directoryName(identity)
    const place = await this.locate(name, directoryId)
    if (place === null) return this.openNew(identity, config, directoryId)
    const log = await this.openAt(place.directory, identity, config)
    if (place.directory.id !== directoryId && directoryId !== undefined) this.recordSoon(identity, place.directory)
    if (place.resumeTo !== null) this.resume(identity, place.resumeTo)
    return log
  }

  list(): readonly { readonly topicId: string; readonly partition: number }[] {
    const names = new Set([...this.found.keys(), ...this.places.keys()])
    return [...names].flatMap((name) => identityOfDirectory(name) ?? [])
  }

  checkpoints(identity: PartitionIdentity): LogCheckpoints {
    const place = this.places.get(directoryName(identity))
    return present(place?.store, 'a log that is open').checkpoints(identity)
  }

  async remove(identity: PartitionIdentity): Promise<void> {
    const name = directoryName(identity)
    await this.moves.abandon(name)
    this.found.delete(name)
    this.places.delete(name)
    for (const { store, failure } of this.all) {
      if (store === null || failure !== null) continue
      await store.remove(identity)
      unmarkMoved(this.settings.fs, store.directory, name)
      unmarkFuture(this.settings.fs, store.directory, name)
    }
  }

  async close(): Promise<void> {
    await this.moves.stop()
    await this.tasks.stop()
    for (const directory of this.all) await directory.close()
  }

  private find(store: SegmentedLogStore, id: string): void {
    for (const [name, copy] of copiesIn(this.settings.fs, store.directory, id)) {
      const copies = this.found.get(name) ?? []
      copies.push(copy)
      this.found.set(name, copies)
    }
  }

  /** Where the log is, with what an interrupted move has left resolved; null when it is nowhere. @throws when it cannot be had */
  private async locate(name: string, assigned: string | undefined): Promise<Located | null> {
    const open = this.places.get(name)
    if (open !== undefined) return { directory: open, resumeTo: null }
    const copies = this.found.get(name) ?? []
    const verdict = judgeCopies(copies, assigned, (id) => this.byId(id)?.failure === null)
    switch (verdict.kind) {
      case 'none':
        return null
      case 'offline':
        throw new Error(verdict.why)
      case 'compare': {
        const wentOver = this.hasAll(name, verdict.to, verdict.from)
        const [copy, stale] = wentOver ? [verdict.to, verdict.from] : [verdict.from, verdict.to]
        return { directory: await this.settle(name, copy, [stale], []), resumeTo: null }
      }
      case 'use':
        return {
          directory: await this.settle(name, verdict.copy, verdict.stale, verdict.strays),
          resumeTo: verdict.resumeTo,
        }
    }
  }

  private hasAll(name: string, copy: LogCopy, old: LogCopy): boolean {
    const pathOf = ({ directoryId }: LogCopy) => `${this.storeOf(directoryId).directory}/${name}`
    return hasAllOf(this.settings.fs, pathOf(copy), pathOf(old), old.synced)
  }

  /** Makes the copy the only one: the others are gone for good before it loses the marks that tell it from them. */
  private async settle(
    name: string,
    copy: LogCopy,
    stale: readonly LogCopy[],
    strays: readonly LogCopy[],
  ): Promise<LogDirectory> {
    const { fs, logger } = this.settings
    const chosen = present(this.byId(copy.directoryId), 'a directory that was searched')
    if (stale.length + strays.length === 0 && !copy.isFuture && copy.movedTo === null) return chosen
    for (const { directoryId } of strays) this.storeOf(directoryId).setAside(name)
    for (const { directoryId } of stale) {
      const store = this.storeOf(directoryId)
      logger.info('removing what an interrupted move has left', { directory: `${store.directory}/${name}` })
      await store.discardCopy(name)
      unmarkMoved(fs, store.directory, name)
      unmarkFuture(fs, store.directory, name)
    }
    const { directory } = this.storeOf(copy.directoryId)
    unmarkFuture(fs, directory, name)
    unmarkMoved(fs, directory, name)
    await fs.syncDirectory(directory)
    this.found.set(name, [{ ...copy, isFuture: false, movedTo: null }])
    return chosen
  }

  private async openNew(
    identity: PartitionIdentity,
    config: LogConfig,
    directoryId: string | undefined,
  ): Promise<PartitionLog> {
    const assigned = directoryId === undefined ? this.all[0] : this.byId(directoryId)
    if (assigned === undefined && !isUnassigned(directoryId)) {
      throw new Error(
        `its directory, with id ${directoryId}, is not among log.dirs: name it there again, or mount its disk, and start again`,
      )
    }
    if (assigned !== undefined && assigned.failure !== null) {
      throw new Error(`its directory ${assigned.path} is offline: ${assigned.failure}`)
    }
    this.wishes.delete(wishKey(identity.topicName, identity.partition))
    const directory = assigned ?? this.emptiest()
    const log = await this.openAt(directory, identity, config)
    if (assigned === undefined) this.recordSoon(identity, directory)
    return log
  }

  private async openAt(directory: LogDirectory, identity: PartitionIdentity, config: LogConfig): Promise<PartitionLog> {
    if (directory.failure !== null) throw new Error(`its directory ${directory.path} is offline: ${directory.failure}`)
    const name = directoryName(identity)
    try {
      const log = await present(directory.store, 'a directory that works').open(identity, config)
      this.places.set(name, directory)
      this.found.delete(name)
      return log
    } catch (error) {
      await directory.probe()
      throw error
    }
  }

  private recordSoon(identity: PartitionIdentity, { id, path }: LogDirectory): void {
    this.hooks.record(identity, id).catch((error: unknown) => {
      const fields = { topic: identity.topicName, partition: identity.partition, directory: path }
      this.settings.logger.warn('the directory of a partition could not be recorded', {
        ...fields,
        why: errorText(error),
      })
    })
  }

  private resume(identity: PartitionIdentity, directoryId: string): void {
    const to = this.byId(directoryId)
    if (to === undefined || this.directoryError(to.path) !== null) return
    this.settings.logger.info('a move to another directory begins anew', { ...identity, directory: to.path })
    this.move(identity, to.path)
  }

  private emptiest(): LogDirectory {
    const counts = new Map<LogDirectory, number>()
    for (const each of this.places.values()) counts.set(each, (counts.get(each) ?? 0) + 1)
    let best: LogDirectory | null = null
    const working = this.all.filter(({ takesPartitions, failure }) => takesPartitions && failure === null)
    const open = working.filter(({ isCordoned }) => !isCordoned)
    // The partition is there, whatever has been said about directories since it was made.
    for (const each of open.length > 0 ? open : working) {
      if (best === null || (counts.get(each) ?? 0) < (counts.get(best) ?? 0)) best = each
    }
    if (best === null) throw new Error('no directory of log.dirs works: put one right and start again')
    return best
  }

  private at(path: string): LogDirectory | undefined {
    return this.all.find((directory) => directory.takesPartitions && directory.path === path)
  }

  private byId(id: string | undefined): LogDirectory | undefined {
    return this.all.find((directory) => directory.id === id)
  }

  private storeOf(directoryId: string): SegmentedLogStore {
    const store = this.byId(directoryId)?.store ?? null
    assert(store !== null, 'a directory that was searched')
    return store
  }
}

/** Kafka's ids for a directory that has not been chosen, was lost, or has still to be learnt. (KIP-858) */
/** One of Kafka's reserved ids, which name no directory. (KIP-858) */
export function isUnassigned(directoryId: string | undefined): boolean {
  return directoryId !== undefined && /^A{21}[AQg]$/.test(directoryId)
}

function wishKey(topicName: string, partition: number): string {
  return `${topicName}-${partition}`
}
