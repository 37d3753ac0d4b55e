import { LOCK, type RequestFiles } from '@odradek/broker'
import type { Fs } from '@odradek/core'
import type { Host } from './host.ts'

/** The broker looks once a second; one that has not looked for so long is busy, or knows nothing of such requests. */
const TAKEN_WITHIN_MS = 15_000
const LOOK_INTERVAL_MS = 100

/** Why there is no answer. */
export interface AskFailures {
  readonly asked: string
  readonly ended: string
  readonly notTaken: string
}

/**
 * Leaves a request for the broker that uses the directories, and waits for what it says.
 * @throws the error that `fail` makes of one of `failures`.
 */
export async function askBroker<Request extends { readonly id: string }, Result>(
  host: Host,
  directories: readonly string[],
  files: RequestFiles<Request, Result>,
  request: Request,
  failures: AskFailures,
  fail: (message: string) => Error,
): Promise<Result> {
  const { clock, fs } = host
  const directory = directories[0] ?? ''
  const { id } = request
  const startedMs = clock.monotonicMs()
  if (files.waiting(fs, directory) !== null) throw fail(failures.asked)
  files.ask(fs, directory, request)
  for (let isTaken = false; ; ) {
    await host.pause(LOOK_INTERVAL_MS)
    const answer = files.takeAnswer(fs, directory, id)
    if (answer !== null) return answer
    const locks = locked(fs, directories)
    if (locks !== null) {
      for (const lock of locks) lock.release()
      files.withdraw(fs, directory)
      throw fail(failures.ended)
    }
    const waiting = files.waiting(fs, directory)
    if (!isTaken && waiting !== null && waiting !== id) throw fail(failures.asked)
    isTaken ||= waiting !== id
    if (!isTaken && clock.monotonicMs() - startedMs > TAKEN_WITHIN_MS && files.withdraw(fs, directory)) {
      throw fail(failures.notTaken)
    }
  }
}

/** All of them, or null when a broker has one. */
export function locked(fs: Fs, directories: readonly string[]): readonly { release(): void }[] | null {
  const locks: { release(): void }[] = []
  for (const directory of directories) {
    const lock = fs.lock(`${directory}/${LOCK}`)
    if (lock === null) {
      for (const each of locks) each.release()
      return null
    }
    locks.push(lock)
  }
  return locks
}
