import { DataDirectoryError, InterchangeError } from '@odradek/broker'
import type { Host } from '../host.ts'
import { LineLogger } from '../line-logger.ts'
import { UsageError } from '../usage-error.ts'

/** Runs `task`, and says of what the person can put right that it is that. */
export async function asUsage<Result>(task: () => Promise<Result>): Promise<Result> {
  try {
    return await task()
  } catch (error) {
    if (error instanceof DataDirectoryError || error instanceof InterchangeError) throw new UsageError(error.message)
    throw error
  }
}

export function warnings(host: Host): LineLogger {
  return new LineLogger({ clock: host.clock, level: 'warn', write: (line) => host.stderr(line) })
}
