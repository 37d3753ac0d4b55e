import type { Clock, Logger } from '@odradek/core'
import { type HoldingFs, takeBackup } from '@odradek/log'
import { META_PROPERTIES } from '../metadata/data-directory.ts'
import { answerRequest, type BackupRequest, type BackupResult, RESULT_PREFIX, takeRequest } from './backup-request.ts'

/** How long a request may wait. Looking for it costs a microsecond or two. */
const LOOK_INTERVAL_MS = 1000

export interface BackupServiceOptions {
  /** The one that the logs use. */
  readonly fs: HoldingFs
  readonly directories: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly softwareVersion: string
}

/** Takes backups of a running broker when `odradek storage backup` leaves a request in one of its data directories. */
export class BackupService {
  private readonly options: BackupServiceOptions
  /** Where requests are looked for: a directory that has failed is left alone until the next start. */
  private readonly reachable: Set<string>
  private cancel: () => void = () => {}
  private running: Promise<void> | null = null
  private isStopped = false

  constructor(options: BackupServiceOptions) {
    this.options = options
    const { directories, fs } = options
    this.reachable = new Set(directories)
    for (const directory of directories) {
      this.visit(directory, () => {
        // Whoever asked the process before this one has been told by its end.
        takeRequest(fs, directory)
        for (const name of fs.readdirSync(directory)) {
          if (name.startsWith(RESULT_PREFIX)) fs.unlinkSync(`${directory}/${name}`)
        }
      })
    }
    this.schedule()
  }

  /** No file is read or held any more when it resolves. */
  async stop(): Promise<void> {
    this.isStopped = true
    this.cancel()
    await this.running
  }

  private schedule(): void {
    this.cancel = this.options.clock.after(LOOK_INTERVAL_MS, () => {
      this.running = this.look().finally(() => {
        this.running = null
        if (!this.isStopped) this.schedule()
      })
    })
  }

  private async look(): Promise<void> {
    const { fs, logger } = this.options
    for (const directory of [...this.reachable]) {
      const request = this.visit(directory, () => takeRequest(fs, directory))
      if (request === null) continue
      const result = await this.take(request)
      try {
        answerRequest(fs, directory, request.id, result)
      } catch (error) {
        logger.warn('a request for a backup could not be answered', { directory, why: textOf(error) })
      }
    }
  }

  /** Null when the directory failed. */
  private visit<Result>(directory: string, task: () => Result): Result | null {
    try {
      return task()
    } catch (error) {
      this.reachable.delete(directory)
      this.options.logger.warn('no request for a backup is taken from this directory until the next start', {
        directory,
        why: textOf(error),
      })
      return null
    }
  }

  private async take({ target, bytesPerSecondMax }: BackupRequest): Promise<BackupResult> {
    const { clock, directories, fs, logger, softwareVersion } = this.options
    logger.info('taking a backup', { target })
    try {
      const summary = await takeBackup({
        ...{ fs, directories, target, identityFile: META_PROPERTIES, clock, softwareVersion, bytesPerSecondMax },
        holding: fs,
        isStopped: () => this.isStopped,
      })
      logger.info('took a backup', { target, ...summary })
      return { ok: true, summary }
    } catch (error) {
      logger.error('a backup failed', { target, why: textOf(error) })
      return { ok: false, message: textOf(error) }
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
