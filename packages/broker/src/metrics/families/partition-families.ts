import type { LocalPartition, Services } from '../../services.ts'
import { type Family, OTHER, type Samples } from '../family.ts'
import type { Scrape } from '../scrape.ts'
import type { MetricSources } from '../sources.ts'

type FigureOf = (partition: LocalPartition) => number

const BY_PARTITION: readonly (readonly [string, string, FigureOf])[] = [
  ['kafka_log_log_size', 'Bytes of the log.', ({ log }) => log.sizeBytes],
  ['kafka_log_log_logstartoffset', 'First offset that can be read.', ({ log }) => log.startOffset],
  ['kafka_log_log_logendoffset', 'Offset that the next record will get.', ({ log }) => log.endOffset],
  [
    'kafka_cluster_partition_laststableoffsetlag',
    'Records that wait for transactions to end.',
    ({ log }) => Math.max(0, log.highWatermark - log.lastStableOffset),
  ],
  ['kafka_cluster_partition_replicascount', 'Replicas.', ({ view }) => view.replicas.length],
  ['kafka_cluster_partition_insyncreplicascount', 'Replicas in sync.', ({ view }) => view.inSyncReplicas.length],
  [
    'kafka_cluster_partition_underreplicated',
    '1 where a replica is not in sync.',
    ({ view }) => (view.inSyncReplicas.length < view.replicas.length ? 1 : 0),
  ],
]

/** kafka.log:type=Log and kafka.cluster:type=Partition, and what follows from them for the whole process. */
export function partitionFamilies(): readonly Family[] {
  return [
    ...BY_PARTITION.map(
      ([name, help, figureOf]): Family => ({
        name,
        help,
        type: 'gauge',
        labels: ['topic', 'partition'],
        collect: (samples, { sources }) => collectByPartition(sources, samples, figureOf),
      }),
    ),
    ...counts(),
  ]
}

/** Partitions past the limit are summed up in one row. */
async function collectByPartition({ services }: MetricSources, samples: Samples, figureOf: FigureOf): Promise<void> {
  const { metricsPartitionsMax } = services.settings
  let rows = 0
  let others = 0
  for (const { partition, topicName, index } of openPartitions(services)) {
    if (partition !== null) {
      if (rows < metricsPartitionsMax) samples.add({ topic: topicName, partition: index }, figureOf(partition))
      else others += figureOf(partition)
    }
    await samples.pace(rows++)
  }
  if (rows > metricsPartitionsMax) samples.add({ topic: OTHER, partition: OTHER }, others)
}

interface PartitionRow {
  readonly topicName: string
  readonly index: number
  readonly partition: LocalPartition | null
}

function* openPartitions({ cluster, partitions }: Services): Iterable<PartitionRow> {
  for (const topic of cluster.topics()) {
    for (const { index } of topic.partitions) {
      yield { topicName: topic.name, index, partition: partitions.find(topic, index) }
    }
  }
}

/** How many partitions have no row of their own. */
export function partitionsWithoutRow({ sources: { services } }: Scrape): number {
  return Math.max(0, partitionCount(services) - services.settings.metricsPartitionsMax)
}

function partitionCount({ cluster }: Services): number {
  let count = 0
  for (const { partitions } of cluster.topics()) count += partitions.length
  return count
}

type CountedPartition = LocalPartition['view']

type CountOf = (services: Services) => number

const isOffline = (view: CountedPartition) => view.leader < 0
const isUnderReplicated = ({ inSyncReplicas, replicas }: CountedPartition) => inSyncReplicas.length < replicas.length

const COUNTS: readonly (readonly [string, string, CountOf])[] = [
  ['kafka_server_replicamanager_partitioncount', 'Partitions.', partitionCount],
  ['kafka_server_replicamanager_leadercount', 'Partitions with a leader.', countOf((view) => !isOffline(view))],
  [
    'kafka_server_replicamanager_offlinereplicacount',
    'Partitions whose log cannot be used.',
    countOfOpen(({ log }) => log.failure !== null),
  ],
  [
    'kafka_server_replicamanager_underreplicatedpartitions',
    'Partitions with a replica that is not in sync.',
    countOf(isUnderReplicated),
  ],
  [
    'kafka_server_replicamanager_underminisrpartitioncount',
    'Partitions with fewer replicas in sync than acks=all demands.',
    countOfOpen(isUnderMinInSync),
  ],
  ['kafka_controller_kafkacontroller_activecontrollercount', '1: the controller is in this process.', () => 1],
  ['kafka_controller_kafkacontroller_activebrokercount', 'Nodes that are up.', ({ cluster }) => cluster.nodes().length],
  ['kafka_controller_kafkacontroller_globaltopiccount', 'Topics.', ({ cluster }) => [...cluster.topics()].length],
  ['kafka_controller_kafkacontroller_globalpartitioncount', 'Partitions.', partitionCount],
  ['kafka_controller_kafkacontroller_offlinepartitionscount', 'Partitions without a leader.', countOf(isOffline)],
  [
    'kafka_controller_kafkacontroller_preferredreplicaimbalancecount',
    'Partitions that another replica leads than the preferred one.',
    countOf(({ leader, replicas }) => leader !== replicas[0]),
  ],
]

function counts(): readonly Family[] {
  return COUNTS.map(([name, help, count]) => ({
    name,
    help,
    type: 'gauge',
    labels: [],
    collect: (samples, { sources }) => samples.add({}, count(sources.services)),
  }))
}

function countOf(isCounted: (view: CountedPartition) => boolean): CountOf {
  return ({ cluster }) => {
    let count = 0
    for (const { partitions } of cluster.topics()) for (const view of partitions) if (isCounted(view)) count++
    return count
  }
}

function countOfOpen(isCounted: (partition: LocalPartition) => boolean): CountOf {
  return (services) => {
    let count = 0
    for (const { partition } of openPartitions(services)) if (partition !== null && isCounted(partition)) count++
    return count
  }
}

function isUnderMinInSync({ view, settings }: LocalPartition): boolean {
  return view.inSyncReplicas.length < Math.min(settings.minInsyncReplicas, view.replicas.length)
}
