import type { Clock, Fs, Logger } from '@odradek/core'
import type { RequestFiles } from './request-files.ts'

/** How long a request may wait. Looking for it costs a microsecond or two. */
const LOOK_INTERVAL_MS = 1000

export interface RequestServiceOptions<Request extends { readonly id: string }, Result> {
  /** In log lines: `a backup`. */
  readonly what: string
  readonly files: RequestFiles<Request, Result>
  readonly fs: Fs
  readonly directories: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  /** Does what was asked; what goes wrong is a result too. */
  perform(request: Request): Promise<Result>
}

/** Serves requests of one kind that commands leave in one of the data directories, one after the other. */
export class RequestService<Request extends { readonly id: string }, Result> {
  private readonly options: RequestServiceOptions<Request, Result>
  /** Where requests are looked for: a directory that has failed is left alone until the next start. */
  private readonly reachable: Set<string>
  private cancel: () => void = () => {}
  private running: Promise<void> | null = null
  private isStopped = false

  constructor(options: RequestServiceOptions<Request, Result>) {
    this.options = options
    const { directories, files, fs } = options
    this.reachable = new Set(directories)
    for (const directory of directories) this.visit(directory, () => files.clear(fs, directory))
    this.schedule()
  }

  /** Nothing is done any more when it resolves. */
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
    const { files, fs, logger, what } = this.options
    for (const directory of [...this.reachable]) {
      const request = this.visit(directory, () => files.take(fs, directory))
      if (request === null) continue
      const result = await this.options.perform(request)
      try {
        files.answer(fs, directory, request.id, result)
      } catch (error) {
        logger.warn(`a request for ${what} could not be answered`, { directory, why: textOf(error) })
      }
    }
  }

  /** Null when the directory failed. */
  private visit<T>(directory: string, task: () => T): T | null {
    try {
      return task()
    } catch (error) {
      this.reachable.delete(directory)
      const { logger, what } = this.options
      const message = `no request for ${what} is taken from this directory until the next start`
      logger.warn(message, { directory, why: textOf(error) })
      return null
    }
  }
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
