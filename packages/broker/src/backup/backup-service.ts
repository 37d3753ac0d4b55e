import type { Clock, Logger } from '@odradek/core'
import { type HoldingFs, takeBackup } from '@odradek/log'
import { META_PROPERTIES } from '../metadata/data-directory.ts'
import { RequestService, textOf } from '../operator/request-service.ts'
import { type BackupRequest, type BackupResult, backupRequests } from './backup-request.ts'

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
  private readonly requests: RequestService<BackupRequest, BackupResult>
  private isStopped = false

  constructor(options: BackupServiceOptions) {
    this.options = options
    const perform = (request: BackupRequest) => this.take(request)
    this.requests = new RequestService({ ...options, what: 'a backup', files: backupRequests, perform })
  }

  /** No file is read or held any more when it resolves. */
  async stop(): Promise<void> {
    this.isStopped = true
    await this.requests.stop()
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
