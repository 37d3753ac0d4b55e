import { assert, type Clock, type Fs, type Logger, type Prng } from '@odradek/core'
import { BufferPool } from './buffer-pool.ts'
import { CleanerTask } from './compaction/cleaner-task.ts'
import {
  CLEAN_SHUTDOWN_NAME,
  CLEANER_OFFSETS_NAME,
  DELETE_DIRECTORY_SUFFIX,
  directoryName,
  identityOfDirectory,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
  RECOVERY_POINTS_NAME,
} from './file-names.ts'
import { OpenFiles } from './fs/open-files.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import { loadLog } from './log-loader.ts'
import { defaultMaintenanceSettings, type MaintenanceSettings } from './maintenance-settings.ts'
import { OffsetCheckpoint } from './offset-checkpoint.ts'
import type { LogStore, PartitionIdentity, PartitionLog } from './partition-log.ts'
import { RetentionTask } from './retention-task.ts'
import type { Segment } from './segment.ts'
import { discardSegments } from './segment-removal.ts'
import { SegmentedLog } from './segmented-log.ts'
import { replaceFile } from './small-file.ts'
import { errorCode, errorText } from './storage-error.ts'

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

/** All partition logs of one data directory. */
export class SegmentedLogStore implements LogStore, LogEnvironment {
  readonly fs: Fs
  readonly files: OpenFiles
  readonly pool = new BufferPool()
  readonly clock: Clock
  readonly logger: Logger
  readonly prng: Prng
  readonly isDurable: boolean
  readonly startOffsets: OffsetCheckpoint
  readonly recoveryPoints: OffsetCheckpoint
  readonly cleanerOffsets: OffsetCheckpoint
  private readonly directory: string
  private readonly policy: EnginePolicy
  /** The data directory is safe from a power cut, and so are the names that were in it. */
  private readonly directoryMade: Promise<void>
  /** Whether the process before this one ended well, so that every file is whole. */
  private readonly wasClean: boolean
  /** By directory name; a closed one stays, to tell how it ended. */
  private readonly logs = new Map<string, SegmentedLog>()
  private readonly opening = new Set<string>()
  private loads = 0
  private readonly waitingLoads: (() => void)[] = []
  private removals = 0
  private fullWarnedMs = Number.NEGATIVE_INFINITY
  private cancelCheckpoint: (() => void) | null = null
  private cancelExpiration: (() => void) | null = null
  private readonly retention: RetentionTask
  private readonly cleaner: CleanerTask

  constructor(settings: LogStoreSettings, policy: EnginePolicy) {
    const { fs, directory } = settings
    this.fs = fs
    this.directory = directory
    this.clock = settings.clock
    this.logger = settings.logger
    this.prng = settings.prng
    this.policy = policy
    this.isDurable = policy.isDurable
    this.files = new OpenFiles(fs, settings.openFilesMax ?? OPEN_FILES_MAX)
    fs.mkdirSync(directory)
    this.startOffsets = new OffsetCheckpoint(fs, directory, LOG_START_OFFSETS_NAME, policy.isDurable)
    this.recoveryPoints = new OffsetCheckpoint(fs, directory, RECOVERY_POINTS_NAME, policy.isDurable)
    this.cleanerOffsets = new OffsetCheckpoint(fs, directory, CLEANER_OFFSETS_NAME, policy.isDurable)
    this.wasClean = fs.statSync(this.path(CLEAN_SHUTDOWN_NAME)) !== null
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
    const logs = () => [...this.logs.values()]
    this.retention = new RetentionTask(this.clock, this.logger, maintenance, logs)
    this.cleaner = new CleanerTask(this.clock, maintenance, logs)
  }

  async open(identity: PartitionIdentity, config: LogConfig): Promise<PartitionLog> {
    const name = directoryName(identity)
    const before = this.logs.get(name)
    assert(before?.isClosed !== false && !this.opening.has(name), 'a partition log is opened once')
    this.opening.add(name)
    await this.startLoad()
    try {
      await this.directoryMade
      const directory = this.path(name)
      const unsynced = this.prepare(directory, identity)
      const adapted = this.adapt(config)
      const isClean = before === undefined ? this.wasClean : before.endedWell
      const loaded = await loadLog(this, directory, identity, adapted, isClean)
      const log = new SegmentedLog(this, identity, directory, adapted, loaded, unsynced)
      this.logs.set(name, log)
      await this.cutBackCleaner(identity, log.endOffset)
      return log
    } finally {
      this.opening.delete(name)
      this.endLoad()
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
    this.startOffsets.delete(identity)
    this.recoveryPoints.delete(identity)
    this.cleanerOffsets.delete(identity)
    this.recoveryPointMoved()
    if (this.fs.statSync(this.path(name)) === null) return
    const doomed = this.path(`${name}.${this.removals++}${DELETE_DIRECTORY_SUFFIX}`)
    this.fs.renameSync(this.path(name), doomed)
    this.removeInBackground(doomed)
    if (this.policy.isDurable) await this.fs.syncDirectory(this.directory)
  }

  async close(): Promise<void> {
    this.cancelCheckpoint?.()
    this.cancelExpiration?.()
    await this.retention.stop()
    await this.cleaner.stop()
    await Promise.all([...this.logs.values()].map((log) => log.close()))
    await this.startOffsets.save()
    await this.recoveryPoints.save()
    await this.cleanerOffsets.save()
    const isSound = ({ topicId, partition }: { topicId: string; partition: number }) =>
      this.logs.get(directoryName({ topicId, partition }))?.endedWell ?? this.wasClean
    if (!this.list().every(isSound)) return
    replaceFile(this.fs, this.path(CLEAN_SHUTDOWN_NAME), 'version: 0\n')
    if (this.policy.isDurable) await this.fs.syncDirectory(this.directory)
  }

  adapt(config: LogConfig): LogConfig {
    return this.policy.adapt(config)
  }

  recoveryPointMoved(): void {
    this.cancelCheckpoint ??= this.clock.after(CHECKPOINT_INTERVAL_MS, () => {
      this.cancelCheckpoint = null
      this.recoveryPoints.save().catch((error: unknown) => {
        this.logger.warn('recovery points could not be saved', { why: errorText(error) })
      })
    })
  }

  makeRoom(identity: PartitionIdentity, error: unknown): boolean {
    const code = errorCode(error)
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return false
    if (this.policy.dropsOldest && this.dropOldest(identity)) return true
    if (this.clock.monotonicMs() - this.fullWarnedMs >= FULL_WARNING_INTERVAL_MS) {
      this.fullWarnedMs = this.clock.monotonicMs()
      this.logger.error(this.policy.fullMessage, { directory: this.directory, why: errorText(error) })
    }
    return false
  }

  discard(segments: readonly Segment[], delayMs: number, keptSnapshot: number | null = null): void {
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
    const present = this.fs.readFileSync(path)
    const names = [directory, this.directory]
    const recoveryPoint = this.recoveryPoints.get(identity) ?? 0
    if (present !== null && Buffer.from(present).toString().trimEnd() === text) return recoveryPoint === 0 ? names : []
    if (this.fs.statSync(directory) === null) {
      // It was there, and had reached the device: made anew it would look as if it had always been empty.
      if (recoveryPoint > 0) return []
      // Whose log begins here has one; files that were brought from elsewhere have none until they are flushed.
      this.recoveryPoints.set(identity, 0)
    }
    this.fs.mkdirSync(directory)
    replaceFile(this.fs, path, text)
    return names
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
