import type { Fs, FsSpace, Logger } from '@odradek/core'
import type { SegmentedLogStore } from '../log-store.ts'
import { replaceFileDurably } from '../small-file.ts'
import { errorText, isPassing } from '../storage-error.ts'

const PROBE_NAME = '.odradek_probe'

export interface LogDirectorySettings {
  /** Of `meta.properties`; what the metadata calls the directory. */
  readonly id: string
  /** Where it is. */
  readonly root: string
  /** The same as clients see and name it: absolute. */
  readonly path: string
  /** The metadata log may have a directory of its own. */
  readonly takesPartitions: boolean
  /** Why it could not be claimed; null where it can be used. */
  readonly failure: string | null
}

/** What clients are told of a directory. */
export interface LogDirectoryView {
  readonly id: string
  readonly path: string
  /** Why nothing in it can be used until the next start. */
  readonly failure: string | null
  /** It takes no new partitions, as long as its broker says so; those that it has stay and work. */
  readonly isCordoned: boolean
  /** Of its file system; null where that is not known. */
  space(): FsSpace | null
}

/** One data directory: its store, and whether it still works. */
export class LogDirectory implements LogDirectoryView {
  readonly id: string
  readonly path: string
  readonly takesPartitions: boolean
  private readonly root: string
  private readonly fs: Fs
  private readonly logger: Logger
  private readonly isRootCordoned: (root: string) => boolean
  private openStore: SegmentedLogStore | null = null
  private reason: string | null
  private probing: Promise<void> | null = null

  constructor(
    settings: LogDirectorySettings,
    fs: Fs,
    logger: Logger,
    isCordoned: (root: string) => boolean = () => false,
  ) {
    this.id = settings.id
    this.root = settings.root
    this.isRootCordoned = isCordoned
    this.path = settings.path
    this.takesPartitions = settings.takesPartitions
    this.fs = fs
    this.logger = logger
    this.reason = settings.failure
  }

  get failure(): string | null {
    return this.reason
  }

  get isCordoned(): boolean {
    return this.isRootCordoned(this.root)
  }

  /** Null when it was offline from the start. */
  get store(): SegmentedLogStore | null {
    return this.openStore
  }

  open(make: () => SegmentedLogStore): void {
    if (this.reason !== null) return
    try {
      this.openStore = make()
    } catch (error) {
      this.fail(errorText(error))
    }
  }

  space(): FsSpace | null {
    if (this.openStore === null) return null
    try {
      return this.fs.spaceSync(this.openStore.directory)
    } catch {
      return null
    }
  }

  /** After one log has failed: is it that log alone, or all of the directory? Then every log in it fails. */
  probe(): Promise<void> {
    this.probing ??= this.look().finally(() => {
      this.probing = null
    })
    return this.probing
  }

  /** Takes all of its partitions offline. */
  fail(why: string): void {
    if (this.reason !== null) return
    this.reason = why
    this.logger.error(
      'a log directory is offline with all its partitions: put its disk right (or mount it, or make it writable) and start again',
      { directory: this.path, why },
    )
    for (const log of this.openStore?.openLogs() ?? []) log.fail(`its directory ${this.path} is offline: ${why}`)
  }

  async close(): Promise<void> {
    try {
      await this.openStore?.close()
    } catch (error) {
      this.logger.error('a log directory could not be closed well', { directory: this.path, why: errorText(error) })
    }
  }

  private async look(): Promise<void> {
    const { fs, openStore } = this
    if (this.reason !== null || openStore === null) return
    try {
      const logs = openStore.openLogs()
      const isThere = (directory: string) => fs.statSync(directory) !== null
      if (logs.length > 0 && !logs.some((log) => isThere(log.directory))) throw new Error('its files are gone')
      if (!isThere(openStore.directory)) throw new Error('it is gone')
      await replaceFileDurably(fs, openStore.directory, PROBE_NAME, 'can this be written?\n')
      fs.unlinkSync(`${openStore.directory}/${PROBE_NAME}`)
    } catch (error) {
      // A full disk is no broken one.
      if (!isPassing(error)) this.fail(errorText(error))
    }
  }
}
