import { assert, type Clock, type Fs, type Logger, type Prng } from '@odradek/core'
import { BufferPool } from './buffer-pool.ts'
import { loadClosedLog } from './closed-log-loader.ts'
import { encodeClosedLogs, readClosedLogs } from './closed-logs.ts'
import {
  CLEAN_SHUTDOWN_NAME,
  CLEANER_OFFSETS_NAME,
  CLOSED_LOGS_NAME,
  DELETE_DIRECTORY_SUFFIX,
  directoryName,
  identityOfDirectory,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
  RECOVERY_POINTS_NAME,
} from './file-names.ts'
import { OpenFiles } from './fs/open-files.ts'
import { type LogCheckpoints, logCheckpoints } from './log-checkpoints.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import { type LoadedLog, loadLog } from './log-loader.ts'
import { defaultMaintenanceSettings, type MaintenanceSettings } from './maintenance-settings.ts'
import { MaintenanceTasks } from './maintenance-tasks.ts'
import { OffsetCheckpoint } from './offset-checkpoint.ts'
import type { LogStore, PartitionIdentity, PartitionLog } from './partition-log.ts'
import type { ProducerCount } from './producer-state.ts'
import { flushRecovered } from './recovered-flush.ts'
import type { Segment } from './segment.ts'
import { discardSegments } from './segment-removal.ts'
import { SegmentedLog } from './segmented-log.ts'
import { replaceFile, replaceFileDurably } from './small-file.ts'
import { errorText, isOutOfSpace } from './storage-error.ts'

/** Files of logs kept open together, by default. */
const OPEN_FILES_MAX = 1000
/** Logs read at the same time at start: each needs a buffer. */
const LOADS_MAX = 8
/** log.flush.offset.checkpoint.interval.ms */
const CHECKPOINT_INTERVAL_MS = 60_000
/** producer.id.expiration.check.interval.ms */
const PRODUCER_EXPIRATION_INTERVAL_MS = 600_000
/** A full disk is said once in a while, not once per produce. */
const FULL_WARNING_INTERVAL_MS = 60_000

export interface LogStoreSettings {
  readonly fs: Fs
  /** The data directory, which the caller has locked. */
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  readonly prng: Prng
  readonly openFilesMax?: number
  readonly maintenance?: MaintenanceSettings
  /** What the stores of several directories share, whose owner also looks after retention and compaction. */
  readonly shared?: SharedResources
  /** Told when one of the logs has failed for good. */
  readonly onLogFailed?: (identity: PartitionIdentity) => void
}

export interface SharedResources {
  readonly files: OpenFiles
  readonly pool: BufferPool
  readonly producers: ProducerCount
  /** Told how long each flush of a log took. */
  readonly flushEnded?: (elapsedMs: number) => void
}

/** How an engine differs from the disk. */
export interface EnginePolicy {
  readonly isDurable: boolean
  adapt(config: LogConfig): LogConfig
  /** What to say once when nothing more can be written. */
  readonly fullMessage: string
  /** Whether the oldest records, of whichever partition, are given up for new ones. */
  readonly dropsOldest: boolean
}

/** What a log's files tell, and the directories with names that are not safe yet. */
type Opened = readonly [LoadedLog, readonly string[]]

/** All partition logs of one data directory. */
export class SegmentedLogStore implements LogStore {
  readonly fs: Fs
  readonly files: OpenFiles
  readonly pool: BufferPool
  readonly producers: ProducerCount
  readonly clock: Clock
  readonly logger: Logger
  readonly prng: Prng
  readonly isDurable: boolean
  readonly startOffsets: OffsetCheckpoint
  readonly recoveryPoints: OffsetCheckpoint
  readonly cleanerOffsets: OffsetCheckpoint
  readonly directory: string
  private readonly policy: EnginePolicy
  /** The data directory is safe from a power cut, and so are the names that were in it. */
  private readonly directoryMade: Promise<void>
  /** Whether the process before this one ended well, so that every file is whole. */
  private readonly wasClean: boolean
  /** By directory name; a closed one stays, to tell how it ended. */
  private readonly logs = new Map<string, SegmentedLog>()
  /** Logs that have not been opened yet: what the last clean stop knew of them, by directory name. */
  private readonly closedLogs: Map<string, Buffer>
  private readonly opening = new Set<string>()
  private loads = 0
  private readonly waitingLoads: (() => void)[] = []
  private removals = 0
  private fullWarnedMs = Number.NEGATIVE_INFINITY
  private cancelCheckpoint: (() => void) | null = null
  private cancelExpiration: (() => void) | null = null
  private readonly tasks: MaintenanceTasks | null
  private readonly onLogFailed: (identity: PartitionIdentity) => void
  private readonly flushEnded: (elapsedMs: number) => void

  constructor(settings: LogStoreSettings, policy: EnginePolicy) {
    const { fs, directory } = settings
    this.fs = fs
    this.directory = directory
    this.clock = settings.clock
    this.logger = settings.logger
    this.prng = settings.prng
    this.policy = policy
    this.isDurable = policy.isDurable
    const shared = settings.shared ?? sharedResources(fs, settings.clock, settings.openFilesMax)
    this.files = shared.files
    this.pool = shared.pool
    this.producers = shared.producers
    this.onLogFailed = settings.onLogFailed ?? (() => {})
    this.flushEnded = shared.flushEnded ?? (() => {})
    fs.mkdirSync(directory)
    this.startOffsets = new OffsetCheckpoint(fs, directory, LOG_START_OFFSETS_NAME, policy.isDurable)
    this.recoveryPoints = new OffsetCheckpoint(fs, directory, RECOVERY_POINTS_NAME, policy.isDurable)
    this.cleanerOffsets = new OffsetCheckpoint(fs, directory, CLEANER_OFFSETS_NAME, policy.isDurable)
    this.wasClean = fs.statSync(this.path(CLEAN_SHUTDOWN_NAME)) !== null
    this.closedLogs = readClosedLogs(fs, this.path(CLOSED_LOGS_NAME))
    fs.unlinkSync(this.path(CLEAN_SHUTDOWN_NAME))
    // The marker must not come back with a power cut, and names that a killed process made must not go with one.
    const unsafe = this.wasClean ? [directory] : [...parentsOf(directory), directory]
    this.directoryMade = syncAll(fs, policy.isDurable ? unsafe : [])
    // Whoever opens a log first hears of a failure.
    this.directoryMade.catch(() => {})
    for (const name of fs.readdirSync(directory)) {
      if (name.endsWith(DELETE_DIRECTORY_SUFFIX)) this.removeInBackground(this.path(name))
    }
    this.scheduleExpiration()
    const maintenance = settings.maintenance ?? defaultMaintenanceSettings
    this.tasks =
      settings.shared === undefined
        ? new MaintenanceTasks(this.clock, this.logger, maintenance, () => this.openLogs())
        : null
  }

  openLogs(): readonly SegmentedLog[] {
    return [...this.logs.values()]
  }

  log(identity: PartitionIdentity): SegmentedLog | null {
    return this.logs.get(directoryName(identity)) ?? null
  }

  checkpoints(identity: PartitionIdentity): LogCheckpoints {
    return logCheckpoints(this.fs, this.path(directoryName(identity)))
  }

  /** Takes in a log whose files have come here from another directory. */
  adopt(log: SegmentedLog): void {
    this.logs.set(directoryName(log.identity), log)
  }

  /** Lets a log go whose files are in another directory now. */
  disown(log: SegmentedLog): void {
    this.logs.delete(directoryName(log.identity))
  }

  /** What a log of this directory works with: an object of its own, since the log may move to another directory. */
  environment(): LogEnvironment {
    // One by one: ten thousand objects put together by spreading are a fifth of a second.
    return {
      fs: this.fs,
      files: this.files,
      pool: this.pool,
      producers: this.producers,
      clock: this.clock,
      logger: this.logger,
      prng: this.prng,
      isDurable: this.isDurable,
      startOffsets: this.startOffsets,
      cleanerOffsets: this.cleanerOffsets,
      recoveryPoints: this.recoveryPoints,
      recoveryPointMoved: this.saveRecoveryPointsSoon,
      makeRoom: this.giveUpForRoom,
      adapt: this.adapt,
      flushEnded: this.flushEnded,
      logFailed: this.onLogFailed,
      discard: this.discardFiles,
    }
  }

  async open(identity: PartitionIdentity, config: LogConfig): Promise<PartitionLog> {
    const name = directoryName(identity)
    const before = this.logs.get(name)
    assert(before?.isClosed !== false && !this.opening.has(name), 'a partition log is opened once')
    this.opening.add(name)
    try {
      const log = await this.load(identity, config, before === undefined ? this.wasClean : before.endedWell)
      await this.saveFirstPoint(identity)
      return log
    } finally {
      this.opening.delete(name)
    }
  }

  private async load(identity: PartitionIdentity, config: LogConfig, isClean: boolean): Promise<SegmentedLog> {
    await this.directoryMade
    const name = directoryName(identity)
    const adapted = this.adapt(config)
    const environment = this.environment()
    const [found, unsynced] =
      this.loadDescribed(environment, identity, adapted, isClean) ??
      (await this.loadFromFiles(environment, identity, adapted, isClean))
    // No longer one of the few that hold a buffer: the device takes many at once.
    const loaded = await flushRecovered(environment, this.path(name), identity, adapted, found)
    const log = new SegmentedLog(environment, identity, this.path(name), adapted, loaded, unsynced)
    this.logs.set(name, log)
    await this.cutBackCleaner(identity, log.endOffset)
    return log
  }

  /**
   * Of two segments a power cut may take the end of the first and leave the second. Such a gap is known for one where the
   * log has a recovery point, which must be there before the first batch. New logs share one write of the file.
   */
  private async saveFirstPoint(identity: PartitionIdentity): Promise<void> {
    const { isDurable, recoveryPoints } = this
    if (!isDurable || recoveryPoints.get(identity) !== 0 || recoveryPoints.isSaved(identity)) return
    try {
      await recoveryPoints.save()
    } catch (error) {
      this.logger.warn('recovery points could not be saved', { why: errorText(error) })
    }
  }

  list(): readonly { readonly topicId: string; readonly partition: number }[] {
    const identities = this.fs.readdirSync(this.directory).map(identityOfDirectory)
    return identities.filter((identity) => identity !== null)
  }

  async remove(identity: PartitionIdentity): Promise<void> {
    const name = directoryName(identity)
    assert(this.logs.get(name)?.isClosed !== false && !this.opening.has(name), 'a log is closed before it is removed')
    this.logs.delete(name)
    this.closedLogs.delete(name)
    this.startOffsets.delete(identity)
    this.recoveryPoints.delete(identity)
    this.cleanerOffsets.delete(identity)
    this.saveRecoveryPointsSoon()
    await this.discardCopy(name)
  }

  /** Removes files that are no log any more, or not yet: gone from their place, for good, when it resolves. */
  async discardCopy(name: string): Promise<void> {
    if (this.fs.statSync(this.path(name)) === null) return
    const doomed = this.path(`${name}.${this.removals++}${DELETE_DIRECTORY_SUFFIX}`)
    this.fs.renameSync(this.path(name), doomed)
    this.removeInBackground(doomed)
    if (this.policy.isDurable) await this.fs.syncDirectory(this.directory)
  }

  /** Takes a log's files out of the way that nobody can account for; they are kept. */
  setAside(name: string): void {
    let aside = `${name}-stray`
    for (let count = 1; this.fs.statSync(this.path(aside)) !== null; count++) aside = `${name}-stray.${count}`
    this.fs.renameSync(this.path(name), this.path(aside))
    this.logger.warn('a second copy of a partition was set aside', { directory: this.path(aside) })
  }

  async close(): Promise<void> {
    this.cancelCheckpoint?.()
    this.cancelExpiration?.()
    await this.tasks?.stop()
    await Promise.all([...this.logs.values()].map((log) => log.close()))
    await this.startOffsets.save()
    await this.recoveryPoints.save()
    await this.cleanerOffsets.save()
    const isSound = ({ topicId, partition }: { topicId: string; partition: number }) =>
      this.logs.get(directoryName({ topicId, partition }))?.endedWell ?? this.wasClean
    if (!this.list().every(isSound)) return
    await this.saveDescriptions()
    replaceFile(this.fs, this.path(CLEAN_SHUTDOWN_NAME), 'version: 0\n')
    if (this.policy.isDurable) await this.fs.syncDirectory(this.directory)
  }

  private readonly adapt = (config: LogConfig): LogConfig => this.policy.adapt(config)

  private readonly saveRecoveryPointsSoon = (): void => {
    this.cancelCheckpoint ??= this.clock.after(CHECKPOINT_INTERVAL_MS, () => {
      this.cancelCheckpoint = null
      this.recoveryPoints.save().catch((error: unknown) => {
        this.logger.warn('recovery points could not be saved', { why: errorText(error) })
      })
    })
  }

  private readonly giveUpForRoom = (identity: PartitionIdentity, error: unknown): boolean => {
    if (!isOutOfSpace(error)) return false
    if (this.policy.dropsOldest && this.dropOldest(identity)) return true
    if (this.clock.monotonicMs() - this.fullWarnedMs >= FULL_WARNING_INTERVAL_MS) {
      this.fullWarnedMs = this.clock.monotonicMs()
      this.logger.error(this.policy.fullMessage, { directory: this.directory, why: errorText(error) })
    }
    return false
  }

  private readonly discardFiles = (
    segments: readonly Segment[],
    delayMs: number,
    keptSnapshot: number | null = null,
  ): void => {
    discardSegments(this, segments, delayMs, keptSnapshot)
  }

  private dropOldest(writing: PartitionIdentity): boolean {
    let oldest: SegmentedLog | null = null
    for (const log of this.logs.values()) {
      const madeMs = log.oldestSegmentMs(log.identity === writing)
      if (madeMs !== null && madeMs < (oldest?.oldestSegmentMs(false) ?? Number.POSITIVE_INFINITY)) oldest = log
    }
    oldest?.dropOldestSegment()
    return oldest !== null
  }

  /**
   * Makes directory and identity file where they are missing. Returns directories whose names are not safe yet: also
   * those of a log that has never been flushed, which a process with `odradek.flush=os` may have left.
   */
  private prepare(directory: string, identity: PartitionIdentity): readonly string[] {
    const text = `version: 0\ntopic_id: ${identity.topicId}`
    const path = `${directory}/${PARTITION_METADATA_NAME}`
    const isThere = this.fs.statSync(directory) !== null
    const present = isThere ? this.fs.readFileSync(path) : null
    if (present !== null && Buffer.from(present).toString().trimEnd() === text) {
      return this.unsafeNames(directory, identity)
    }
    if (!isThere) {
      // It was there, and had reached the device: made anew it would look as if it had always been empty.
      if ((this.recoveryPoints.get(identity) ?? 0) > 0) return []
      // Whose log begins here has one; files that were brought from elsewhere have none until they are flushed.
      this.recoveryPoints.set(identity, 0)
    }
    if (!isThere) this.fs.mkdirSync(directory)
    replaceFile(this.fs, path, text)
    return [directory, this.directory]
  }

  /** Of a log that is there: none once it has been flushed. */
  private unsafeNames(directory: string, identity: PartitionIdentity): readonly string[] {
    return (this.recoveryPoints.get(identity) ?? 0) === 0 ? [directory, this.directory] : []
  }

  private loadDescribed(
    environment: LogEnvironment,
    identity: PartitionIdentity,
    config: LogConfig,
    wasClosedWell: boolean,
  ): Opened | null {
    const name = directoryName(identity)
    const directory = this.path(name)
    const description = this.closedLogs.get(name)
    if (description === undefined) return null
    this.closedLogs.delete(name)
    const loaded = loadClosedLog(environment, directory, identity, config, wasClosedWell, description)
    return loaded === null ? null : [loaded, this.unsafeNames(directory, identity)]
  }

  private async loadFromFiles(
    environment: LogEnvironment,
    identity: PartitionIdentity,
    config: LogConfig,
    wasClosedWell: boolean,
  ): Promise<Opened> {
    const directory = this.path(directoryName(identity))
    await this.startLoad()
    try {
      const unsynced = this.prepare(directory, identity)
      return [await loadLog(environment, directory, identity, config, wasClosedWell), unsynced]
    } finally {
      this.endLoad()
    }
  }

  /** For the next start; without it that takes longer. */
  private async saveDescriptions(): Promise<void> {
    // Those of logs that nobody has opened are true still.
    const descriptions = this.closedLogs
    for (const [name, { closedDescription }] of this.logs) {
      if (closedDescription !== null) descriptions.set(name, closedDescription)
    }
    try {
      const bytes = encodeClosedLogs(descriptions)
      if (this.isDurable) await replaceFileDurably(this.fs, this.directory, CLOSED_LOGS_NAME, bytes)
    } catch (error) {
      this.logger.warn('a file for the next start could not be saved', { why: errorText(error) })
    }
  }

  /** Offsets of a tail that was cut off are given to other records, which nobody has compacted. */
  private async cutBackCleaner(identity: PartitionIdentity, endOffset: number): Promise<void> {
    if ((this.cleanerOffsets.get(identity) ?? 0) <= endOffset) return
    this.cleanerOffsets.set(identity, endOffset)
    await this.cleanerOffsets.save()
  }

  private async startLoad(): Promise<void> {
    if (this.loads >= LOADS_MAX) await new Promise<void>((resolve) => this.waitingLoads.push(resolve))
    this.loads++
  }

  private endLoad(): void {
    this.loads--
    this.waitingLoads.shift()?.()
  }

  private removeInBackground(directory: string): void {
    this.fs.removeDirectory(directory).catch((error: unknown) => {
      this.logger.warn('a removed partition could not be deleted', { directory, why: errorText(error) })
    })
  }

  private scheduleExpiration(): void {
    this.cancelExpiration = this.clock.after(PRODUCER_EXPIRATION_INTERVAL_MS, () => {
      for (const log of this.logs.values()) log.expireProducers()
      this.scheduleExpiration()
    })
  }

  private path(name: string): string {
    return `${this.directory}/${name}`
  }
}

/** File handles and buffers of one store, or of several, and what counts over all logs. */
export function sharedResources(fs: Fs, clock: Clock, openFilesMax = OPEN_FILES_MAX): SharedResources {
  return { files: new OpenFiles(fs, openFilesMax), pool: new BufferPool(clock), producers: { count: 0 } }
}

/** Directories that the path goes through, outermost first. */
function parentsOf(directory: string): readonly string[] {
  const end = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'))
  if (end < 0) return ['.']
  if (end === 0) return [directory.slice(0, 1)]
  const parent = directory.slice(0, end)
  return [...parentsOf(parent), parent]
}

async function syncAll(fs: Fs, directories: readonly string[]): Promise<void> {
  for (const directory of directories) await fs.syncDirectory(directory)
}
