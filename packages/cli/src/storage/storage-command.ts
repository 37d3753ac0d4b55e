import { Command } from 'commander'
import type { Host } from '../host.ts'
import { BACKUP } from './backup-command.ts'
import { CHECK } from './check-command.ts'
import { EXPORT } from './export-command.ts'
import { IMPORT } from './import-command.ts'
import { REPAIR } from './repair-command.ts'
import { RESTORE } from './restore-command.ts'

/** What is to be done once the command line is understood; resolves with the exit code. */
export type StorageTask = (host: Host) => Promise<number>

/** One `odradek storage NAME`. */
export interface StorageSubcommand {
  readonly name: string
  readonly description: string
  /** Adds arguments and flags; calls `take` with the task when the command was given. */
  define(command: Command, take: (task: StorageTask) => void): void
}

const SUBCOMMANDS: readonly StorageSubcommand[] = [CHECK, REPAIR, BACKUP, RESTORE, IMPORT, EXPORT]

const EPILOGUE = `
DATA_DIR is what the broker has as --data-dir; several (log.dirs=a,b) are given as A,B.
Ends with code 0 when all is well, 1 when something is damaged or could not be done, 2 when it was asked for wrongly.`

export function storageCommand(take: (task: StorageTask) => void): Command {
  const group = new Command('storage').description('Look after a data directory.').addHelpText('after', EPILOGUE)
  for (const { name, description, define } of SUBCOMMANDS) {
    const command = new Command(name).description(description).helpOption('--help', 'print this')
    define(command, take)
    group.addCommand(command)
  }
  return group.helpOption('--help', 'print this').helpCommand(false)
}
