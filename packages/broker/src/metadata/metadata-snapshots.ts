import { type Clock, type Logger, offset } from '@odradek/core'
import type { StoredCheckpoint } from '@odradek/log'
import { recordsOfImage } from './image-records.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataLog } from './metadata-log.ts'
import { snapshotParts } from './snapshot-batches.ts'

export interface SnapshotSettings {
  /** metadata.log.max.record.bytes.between.snapshots */
  readonly recordBytesMax: number
  /** metadata.log.max.snapshot.interval.ms; 0: no matter how long it is. */
  readonly intervalMs: number
  /** metadata.max.retention.bytes; below 0: no matter how many. */
  readonly retentionBytes: number
  /** metadata.max.retention.ms; below 0: no matter how old. */
  readonly retentionMs: number
}

/** What can be read from: the newest snapshot, and what there is where that is damaged. */
const BASES_MIN = 2
/** After one that could not be written: the disk is full, most likely. */
const RETRY_MS = 60_000

/**
 * Makes snapshots of the metadata while others go on writing it, and lets go of what is in front of the last but one: first
 * a snapshot is on the device, then the log's start behind an older one, and then files go.
 */
export class MetadataSnapshots {
  private readonly image: MetadataImage
  private readonly log: MetadataLog
  private readonly settings: SnapshotSettings
  private readonly clock: Clock
  private readonly logger: Logger
  private making: Promise<void> | null = null
  private notBeforeMs = Number.NEGATIVE_INFINITY
  private cancelTimer: (() => void) | null = null
  private isClosed = false

  constructor(image: MetadataImage, log: MetadataLog, settings: SnapshotSettings, clock: Clock, logger: Logger) {
    this.image = image
    this.log = log
    this.settings = settings
    this.clock = clock
    this.logger = logger
    this.schedule()
  }

  /** To be called when something was written. */
  written(): void {
    if (this.log.bytesSinceSnapshot >= this.settings.recordBytesMax) this.makeSoon()
  }

  /** Nothing is being written any more when it resolves. */
  async close(): Promise<void> {
    this.isClosed = true
    this.cancelTimer?.()
    await this.making
  }

  private schedule(): void {
    const { intervalMs } = this.settings
    if (intervalMs === 0) return
    this.cancelTimer = this.clock.after(intervalMs, () => {
      if (this.log.bytesSinceSnapshot > 0) this.makeSoon()
      this.schedule()
    })
  }

  private makeSoon(): void {
    if (this.making !== null || this.isClosed || this.clock.monotonicMs() < this.notBeforeMs) return
    this.making = this.make()
      .catch((error: unknown) => {
        this.notBeforeMs = this.clock.monotonicMs() + RETRY_MS
        const why = error instanceof Error ? error.message : String(error)
        this.logger.warn('no snapshot of the metadata could be made; its log grows until one can', { why })
      })
      .finally(() => {
        this.making = null
      })
  }

  private async make(): Promise<void> {
    const { clock, image, log } = this
    const id = { endOffset: image.endOffset, leaderEpoch: log.leaderEpoch }
    const newBytes = log.bytesSinceSnapshot
    const fields = { ...id, lastTimestamp: log.lastTimestamp, records: recordsOfImage(image) }
    await log.snapshots.write(id, snapshotParts(fields, clock))
    log.snapshotMade(newBytes)
    await this.letGo()
  }

  /** From the oldest on, while there is more than is needed to read from and it is too old or too much. */
  private async letGo(): Promise<void> {
    const { log } = this
    log.forgetDamagedSnapshots()
    const all = log.snapshots.list()
    for (const stored of all) if (stored.endOffset < log.startOffset) log.snapshots.remove(stored)
    const bases: (StoredCheckpoint | null)[] = all.filter(({ endOffset }) => endOffset >= log.startOffset)
    // A log that begins at its beginning can be read from without any.
    if (log.startOffset === 0) bases.unshift(null)
    for (;;) {
      const [oldest, next] = bases
      if (bases.length <= BASES_MIN || oldest === undefined || next === undefined || next === null) return
      if (!this.isTooMuch(next)) return
      await log.forgetBefore(offset(next.endOffset))
      if (oldest !== null) log.snapshots.remove(oldest)
      bases.shift()
    }
  }

  /** Whether what is in front of a snapshot has had its time; it is as old as the snapshot at least. */
  private isTooMuch({ madeMs }: StoredCheckpoint): boolean {
    const { retentionBytes, retentionMs } = this.settings
    const bytes = this.log.snapshots.list().reduce((sum, { sizeBytes }) => sum + sizeBytes, this.log.sizeBytes)
    const isTooLarge = retentionBytes >= 0 && bytes > retentionBytes
    return isTooLarge || (retentionMs >= 0 && this.clock.wallMs() - madeMs > retentionMs)
  }
}
