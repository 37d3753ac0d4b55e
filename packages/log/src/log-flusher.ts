import type { LogEnvironment } from './log-environment.ts'
import type { LogState } from './log-state.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { errorText, isOutOfFiles } from './storage-error.ts'

/** How long to wait for a file handle, which is somebody else's to give back. */
const FILES_RETRY_MS = 100

/** A busy log waits for its producers no longer than this, however slow the device is. */
const GATHER_MS_MAX = 2
/** Nor for more turns of the event loop, should the clock stand still. */
const GATHER_TURNS_MAX = 256
/** After producers were waited for in vain, flushes that are not held back before it is tried again. */
export const GATHER_PAUSE_FLUSHES = 64

/**
 * Group commit: one flush of the log at a time; what is written while it runs shares the next. An idle log flushes at
 * once. Producers that wait for their answers come back together: without a pause one half of them would always wait for
 * the flush of the other half. So the next flush is held back until as many wait as last time, or for as long as the
 * last one took. Where they need longer than that to come back, two halves that take turns are the better way: one is
 * served while the other is flushed, and no flush is held back for a while.
 */
export class LogFlusher {
  private readonly environment: LogEnvironment
  private readonly identity: PartitionIdentity
  private readonly state: LogState
  private running: Promise<void> | null = null
  private readonly done: () => void
  /** A flush has ended, and nobody has been answered yet. */
  private hasEnded = false
  /** Answers that waited when the last flush ended. */
  private crowd = 0
  private gatherUntilMs = 0
  private gatherTurns = 0
  private flushesToPause = 0

  /** `done` is called after each flush, whether it went well or the state says that it failed. */
  constructor(environment: LogEnvironment, identity: PartitionIdentity, state: LogState, done: () => void) {
    this.environment = environment
    this.identity = identity
    this.state = state
    this.done = done
  }

  get isRunning(): boolean {
    return this.running !== null
  }

  /** Flushes what is written by now, unless a flush is under way; its end is the time to ask again. */
  start(): Promise<void> {
    this.running ??= this.flush()
    return this.running
  }

  /** Told in every turn how many answers wait for the device, before those that the last flush has freed leave. */
  noteWaiting(waiting: number): void {
    if (this.hasEnded) this.crowd = waiting
    this.hasEnded = false
  }

  /** Starts a flush for the `waiting` answers. False while more are worth waiting for: to be asked again in the next turn. */
  startFor(waiting: number): boolean {
    if (this.running === null && waiting < this.crowd && this.gatherTurns > 0) {
      this.gatherTurns--
      if (this.environment.clock.monotonicMs() < this.gatherUntilMs) return false
      this.flushesToPause = GATHER_PAUSE_FLUSHES
    }
    void this.start()
    return true
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

  /** Flushes what is written by now also where the log takes the system's word for it. */
  async flushAll(): Promise<void> {
    if (this.running !== null) await this.running
    if (this.state.failure === null) await this.start()
  }

  private async flush(): Promise<void> {
    const { state } = this
    const target = state.writtenOffset
    const { clock } = this.environment
    const startMs = clock.monotonicMs()
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
      else await new Promise<void>((resolve) => clock.after(FILES_RETRY_MS, resolve))
    }
    this.running = null
    const endMs = clock.monotonicMs()
    this.environment.flushEnded(endMs - startMs)
    this.gatherUntilMs = endMs + Math.min(endMs - startMs, GATHER_MS_MAX)
    this.gatherTurns = this.flushesToPause > 0 ? 0 : GATHER_TURNS_MAX
    if (this.flushesToPause > 0) this.flushesToPause--
    this.hasEnded = true
    this.done()
  }

  private async syncSegments(): Promise<void> {
    const { files } = this.environment
    const { segments } = this.state
    for (const segment of segments.all.filter((one) => one.isDirty)) {
      // Dropped or replaced while another was flushed: its records are gone or elsewhere, and its file may be gone.
      const isWanted = () => segment.isDirty && segments.all.includes(segment)
      if (!isWanted()) continue
      const pinned = files.pinSoon(segment.log, isWanted)
      const handle = pinned instanceof Promise ? await pinned : pinned
      if (handle === null) continue
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
