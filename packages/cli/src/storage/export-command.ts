import { type ExportReport, exportKafka } from '@odradek/broker'
import type { Host } from '../host.ts'
import { UsageError } from '../usage-error.ts'
import { copyProgress } from './copy-progress.ts'
import { refuseWithin } from './data-directories.ts'
import { asUsage, warnings } from './interchange-task.ts'
import type { StorageSubcommand } from './storage-command.ts'

const HELP = `
DATA_DIR is that of a stopped broker, and must hold all of its partitions. KAFKA_DIR is made, or must be empty; an export that failed leaves it behind, and no
Kafka starts on it.`

export const EXPORT: StorageSubcommand = {
  name: 'export',
  description: 'Write a directory that an Apache Kafka 4.4 (controller and broker in one) starts on.',
  define(command, take) {
    command
      .argument('<data_dir>', 'the data directory')
      .argument('<kafka_dir>', 'the log directory to make')
      .option('--node-id <id>', 'node.id of that Kafka; without it, the one of the data directory')
      .addHelpText('after', HELP)
      .action((source: string, target: string, values: Readonly<Record<string, unknown>>) => {
        const nodeId = values['nodeId'] === undefined ? null : nodeIdFrom(String(values['nodeId']))
        take((host) => asUsage(() => exportTo(host, source, target, nodeId)))
      })
  },
}

function nodeIdFrom(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= 2_147_483_647) return Number(text)
  throw new UsageError(`--node-id ${text}: write a number from 0 to 2147483647`)
}

async function exportTo(host: Host, source: string, target: string, nodeId: number | null): Promise<number> {
  const { fs, clock, prng } = host
  refuseWithin(host, target, [source])
  const onProgress = copyProgress(host)
  const report = await exportKafka({ fs, clock, prng, logger: warnings(host), source, target, nodeId, onProgress })
  host.stdout(summary(report, host.absolutePath(target)))
  return 0
}

function summary({ clusterId, topics, partitions, nodeId }: ExportReport, target: string): string {
  return `exported cluster ${clusterId}: ${topics} topics, ${partitions} partitions
Kafka's server.properties needs these lines, with ports of your own:
process.roles=broker,controller
node.id=${nodeId}
controller.quorum.voters=${nodeId}@localhost:9093
listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${target}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
`
}
