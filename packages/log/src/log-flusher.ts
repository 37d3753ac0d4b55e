import type { LogEnvironment } from './log-environment.ts'
import type { LogState } from './log-state.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { errorText, isOutOfFiles } from './storage-error.ts'

/** How long to wait for a file handle, which is somebody else's to give back. */
const FILES_RETRY_MS = 100

/**
 * Group commit: one flush of the log at a time; what is written while it runs shares the next. An idle log flushes at
 * once, a busy one gathers for as long as the device takes.
 */
export class LogFlusher {
  private readonly environment: LogEnvironment
  private readonly identity: PartitionIdentity
  private readonly state: LogState
  private running: Promise<void> | null = null
  private readonly done: () => void

  /** `done` is called after each flush, whether it went well or the state says that it failed. */
  constructor(environment: LogEnvironment, identity: PartitionIdentity, state: LogState, done: () => void) {
    this.environment = environment
    this.identity = identity
    this.state = state
    this.done = done
  }

  /** Flushes what is written by now, unless a flush is under way; its end is the time to ask again. */
  start(): Promise<void> {
    this.running ??= this.flush()
    return this.running
  }

  /** What is written by now is flushed, or the log has failed, when it resolves. */
  async finish(): Promise<void> {
    const { state } = this
    const target = state.writtenOffset
    while (state.failure === null && (state.flushedOffset < target || state.unsyncedDirectories.size > 0)) {
      await this.start()
    }
    // One that began for somebody else may still be at work with the files.
    if (this.running !== null) await this.running
  }

  private async flush(): Promise<void> {
    const { state } = this
    const target = state.writtenOffset
    try {
      await this.syncSegments()
      await this.syncDirectories()
      state.flushedOffset = Math.max(state.flushedOffset, target)
      this.environment.recoveryPoints.set(this.identity, state.flushedOffset)
      this.environment.recoveryPointMoved()
    } catch (error) {
      // The kernel may have dropped the pages that it could not write and called them clean: a second try would lie.
      // A file that could not even be opened is none that failed.
      if (!isOutOfFiles(error)) state.fail(`a flush failed: ${errorText(error)}`)
      else await new Promise<void>((resolve) => this.environment.clock.after(FILES_RETRY_MS, resolve))
    }
    this.running = null
    this.done()
  }

  private async syncSegments(): Promise<void> {
    const { files } = this.environment
    const { segments } = this.state
    for (const segment of segments.all.filter((one) => one.isDirty)) {
      // Dropped or replaced while another was flushed: its records are gone or elsewhere, and its file may be gone.
      if (!segment.isDirty || !segments.all.includes(segment)) continue
      const handle = files.pin(segment.log)
      try {
        // First: what is written during the flush may miss it.
        segment.isDirty = false
        await handle.datasync()
      } finally {
        files.unpin(segment.log)
      }
    }
  }

  private async syncDirectories(): Promise<void> {
    for (const directory of [...this.state.unsyncedDirectories]) {
      this.state.unsyncedDirectories.delete(directory)
      try {
        await this.environment.fs.syncDirectory(directory)
      } catch (error) {
        this.state.unsyncedDirectories.add(directory)
        throw error
      }
    }
  }
}
