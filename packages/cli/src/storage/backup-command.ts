import { backupRequests, META_PROPERTIES } from '@odradek/broker'
import { randomUuid } from '@odradek/core'
import { BackupError, type BackupSummary, takeBackup } from '@odradek/log'
import { askBroker, locked } from '../ask-broker.ts'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'
import { directoriesOf, refuseOthers, refuseWithin } from './data-directories.ts'
import type { StorageSubcommand } from './storage-command.ts'

const MEGABYTE = 1_000_000
const RATE_DEFAULT = '100'
const DESCRIPTION = `Copy the data directory of a broker, running or stopped, as it is at one moment. The broker that uses it is asked
by a file in DATA_DIR and copies by itself, so TARGET_DIR is written by it. Run it where the broker runs.`

export const BACKUP: StorageSubcommand = {
  name: 'backup',
  description: DESCRIPTION,
  define(command, take) {
    command
      .argument('<data_dir>', 'the data directory')
      .argument('<target_dir>', 'a directory that is missing or empty')
      .option('--rate <megabytes>', 'of a running broker, copy at most so many MB a second', RATE_DEFAULT)
      .option('--json', 'one JSON object for other programs')
      .action((text: string, target: string, values) => {
        const directories = directoriesOf(text)
        const bytesPerSecondMax = rateOf(values.rate)
        take(async (host) => {
          const summary = await backup(host, directories, host.absolutePath(target), bytesPerSecondMax)
          host.stdout(values.json === true ? `${JSON.stringify({ target, ...summary })}\n` : textOf(target, summary))
          return 0
        })
      })
  },
}

function rateOf(text: string): number {
  const rate = Number(text)
  if (!(rate > 0 && rate <= 1_000_000)) throw new UsageError(`--rate ${text}: write a number of megabytes above 0`)
  return rate * MEGABYTE
}

async function backup(
  host: Host,
  directories: readonly string[],
  target: string,
  bytesPerSecondMax: number,
): Promise<BackupSummary> {
  const { clock, fs } = host
  refuseOthers(fs, directories)
  refuseWithin(host, target, directories)
  const locks = locked(fs, directories)
  if (locks === null) return ask(host, directories, target, bytesPerSecondMax)
  try {
    return await takeBackup({
      ...{ fs, directories, target, identityFile: META_PROPERTIES, clock, softwareVersion: host.version },
      ...{ bytesPerSecondMax: null, holding: null, isStopped: () => false },
    })
  } finally {
    for (const lock of locks) lock.release()
  }
}

async function ask(
  host: Host,
  directories: readonly string[],
  target: string,
  bytesPerSecondMax: number,
): Promise<BackupSummary> {
  const request = { id: randomUuid(host.prng), target, bytesPerSecondMax }
  const failures = {
    asked: 'another backup has been asked for a moment ago; give the command again when that one is done',
    ended: `the broker ended before the backup was finished; ${target} is no backup`,
    notTaken: 'the broker has not taken the request: it is busy, or of a version without backups',
  }
  const fail = (message: string) => new BackupError(message)
  const answer = await askBroker(host, directories, backupRequests, request, failures, fail)
  if (answer.ok) return answer.summary
  throw fail(answer.message)
}

function textOf(target: string, { bytes, cutMs, durationMs, files, partitions }: BackupSummary): string {
  const seconds = (durationMs / 1000).toFixed(1)
  return `${target}: ${partitions} partitions, ${files} files, ${bytes} bytes in ${seconds} s; the broker stood still for ${cutMs.toFixed(1)} ms\n`
}
