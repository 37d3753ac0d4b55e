import { LOCK, META_PROPERTIES } from '@odradek/broker'
import { BackupError, restoreBackup } from '@odradek/log'
import type { Host } from '../host.ts'
import { isoTime } from '../iso-time.ts'
import { UsageError } from '../usage-error.ts'
import { directoriesOf, refuseWithin } from './data-directories.ts'
import type { StorageSubcommand } from './storage-command.ts'

export const RESTORE: StorageSubcommand = {
  name: 'restore',
  description: `Make a data directory of a backup. Every byte is compared with what the backup's list says.`,
  define(command, take) {
    command
      .argument('<backup_dir>', 'what "storage backup" has made')
      .argument('<data_dir>', 'a directory that is missing or empty; A,B for a backup of two')
      .action((backup: string, text: string) => {
        const directories = directoriesOf(text)
        take((host) => restore(host, backup, directories))
      })
  },
}

async function restore(host: Host, backup: string, directories: readonly string[]): Promise<number> {
  const { clock, fs } = host
  const locks: { release(): void }[] = []
  try {
    for (const directory of directories) {
      refuseWithin(host, directory, [backup])
      if (fs.statSync(directory)?.isDirectory === false)
        throw new UsageError(`${directory} is a file; name a directory`)
      if (fs.readdirSync(directory).length > 0) throw new UsageError(`${directory} is not empty; name a new directory`)
      fs.mkdirSync(directory)
      const lock = fs.lock(`${directory}/${LOCK}`)
      if (lock === null) throw new BackupError(`${directory} is in use`)
      locks.push(lock)
    }
    const manifest = await restoreBackup({ fs, backup, directories, identityFile: META_PROPERTIES, clock })
    const taken = isoTime(manifest.takenAtMs)
    host.stdout(`${directories.join()}: ${manifest.partitions} partitions as they were at ${taken}\n`)
    return 0
  } finally {
    for (const lock of locks) lock.release()
  }
}
