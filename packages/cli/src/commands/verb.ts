import type { Command } from 'commander'
import type { Given } from './given.ts'
import type { Session } from './session.ts'

/** One command that talks to a cluster: `odradek topics create`. */
export interface ClientVerb {
  readonly name: string
  readonly description: string
  /** Adds arguments and flags of its own. */
  define(command: Command): void
  /** What is to be done. @throws UsageError when it was asked for wrongly, before any connection is opened. */
  task(given: Given): (session: Session) => Promise<void>
}

/** For a flag that may be repeated. */
export const repeated = (value: string, all: readonly string[] = []): readonly string[] => [...all, value]
