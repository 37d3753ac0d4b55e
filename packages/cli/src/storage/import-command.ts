import { type ImportReport, importKafka } from '@odradek/broker'
import type { Host } from '../host.ts'
import { copyProgress } from './copy-progress.ts'
import { directoriesOf, refuseWithin } from './data-directories.ts'
import { asUsage, warnings } from './interchange-task.ts'
import type { StorageSubcommand } from './storage-command.ts'

const HELP = `
KAFKA_DIR is what Kafka has as log.dirs; several, of one broker or of several of a cluster, are given as A,B. They are only
read. DATA_DIR is made, or must be empty; an import that failed leaves it behind, and no broker starts on it.`

export const IMPORT: StorageSubcommand = {
  name: 'import',
  description: 'Make a data directory of what a stopped Apache Kafka (KRaft, 3.9 or newer) has.',
  define(command, take) {
    command
      .argument('<kafka_dir>', 'its log.dirs')
      .argument('<data_dir>', 'the data directory to make')
      .addHelpText('after', HELP)
      .action((sources: string, target: string) => {
        take((host) => asUsage(() => importInto(host, directoriesOf(sources), target)))
      })
  },
}

async function importInto(host: Host, sources: readonly string[], target: string): Promise<number> {
  const { fs, clock, prng, version: softwareVersion } = host
  refuseWithin(host, target, sources)
  const onProgress = copyProgress(host)
  const logger = warnings(host)
  const report = await importKafka({ fs, clock, prng, logger, softwareVersion, sources, target, onProgress })
  for (const note of report.notes) host.stdout(`note: ${note}\n`)
  host.stdout(summary(report, target))
  return 0
}

function summary({ clusterId, topics, partitions, convertedMessages, nodeIds }: ImportReport, target: string): string {
  const converted = convertedMessages === 0 ? '' : `, ${convertedMessages} messages of format 0 or 1 now of format 2`
  const nodes = nodeIds.length === 1 ? '' : ` --brokers ${nodeIds.length}`
  return `imported cluster ${clusterId}: ${topics} topics, ${partitions} partitions${converted}
start: odradek --data-dir ${target} --node-id ${nodeIds[0] ?? 0}${nodes}
`
}
