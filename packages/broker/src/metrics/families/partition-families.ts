import { inSyncBeyondMin } from '../../partitions/in-sync.ts'
import type { LocalPartition, Services } from '../../services.ts'
import { eachNode, NODE } from '../by-node.ts'
import { type Family, OTHER, type Samples } from '../family.ts'
import { eachPartition, type NodePartitionCounts, type PartitionCounts } from '../partition-counts.ts'
import type { Scrape } from '../scrape.ts'
import type { MetricSources } from '../sources.ts'

type FigureOf = (partition: LocalPartition) => number

const BY_PARTITION: readonly (readonly [string, string, FigureOf])[] = [
  ['kafka_log_log_size', 'Bytes of the log.', ({ log }) => log.sizeBytes],
  ['kafka_log_log_numlogsegments', 'Segments of the log.', ({ log }) => log.segmentsCount],
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
  // Of the two, as in Kafka, a partition without a leader is neither.
  [
    'kafka_cluster_partition_underminisr',
    '1 where fewer replicas are in sync than acks=all demands.',
    ({ view, settings }) => (view.leader >= 0 && inSyncBeyondMin(view, settings) < 0 ? 1 : 0),
  ],
  [
    'kafka_cluster_partition_atminisr',
    '1 where just as many are.',
    ({ view, settings }) => (view.leader >= 0 && inSyncBeyondMin(view, settings) === 0 ? 1 : 0),
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
  for (const { partition, topic, view } of eachPartition(services)) {
    if (partition !== null) {
      if (rows < metricsPartitionsMax) samples.add({ topic: topic.name, partition: view.index }, figureOf(partition))
      else others += figureOf(partition)
    }
    await samples.pace(rows++)
  }
  if (rows > metricsPartitionsMax) samples.add({ topic: OTHER, partition: OTHER }, others)
}

/** How many partitions have no row of their own. */
export async function partitionsWithoutRow({ sources, partitions }: Scrape): Promise<number> {
  const { partitionsCount } = await partitions.counts()
  return Math.max(0, partitionsCount - sources.services.settings.metricsPartitionsMax)
}

const BY_NODE: readonly (readonly [string, string, (counts: NodePartitionCounts) => number])[] = [
  ['partitioncount', 'Partitions with a replica here.', ({ hosted }) => hosted],
  ['leadercount', 'Of these, led here.', ({ led }) => led],
  ['offlinereplicacount', 'Of these, with a log that cannot be used.', ({ offline }) => offline],
  [
    'underreplicatedpartitions',
    'Partitions led here with a replica that is not in sync.',
    ({ underReplicated }) => underReplicated,
  ],
  [
    'underminisrpartitioncount',
    'Partitions led here with fewer replicas in sync than acks=all demands.',
    ({ underMinInSync }) => underMinInSync,
  ],
  ['atminisrpartitioncount', 'Partitions led here with just as many.', ({ atMinInSync }) => atMinInSync],
  ['reassigningpartitions', 'Partitions led here whose replicas are being moved.', ({ reassigning }) => reassigning],
]

const OF_CLUSTER: readonly (readonly [string, string, (counts: PartitionCounts, services: Services) => number])[] = [
  ['activecontrollercount', '1: the controller is in this process.', () => 1],
  ['activebrokercount', 'Nodes that are up.', (_, { cluster }) => cluster.nodes().length],
  ['globaltopiccount', 'Topics.', ({ topicsCount }) => topicsCount],
  ['globalpartitioncount', 'Partitions.', ({ partitionsCount }) => partitionsCount],
  ['offlinepartitionscount', 'Partitions without a leader.', ({ leaderless }) => leaderless],
  [
    'preferredreplicaimbalancecount',
    'Partitions that another replica leads than the preferred one.',
    ({ imbalanced }) => imbalanced,
  ],
]

function counts(): readonly Family[] {
  const type = 'gauge'
  return [
    ...BY_NODE.map(
      ([name, help, figureOf]): Family => ({
        ...{ name: `kafka_server_replicamanager_${name}`, help, type, labels: [NODE] },
        collect: async (samples, scrape) => {
          const { byNode } = await scrape.partitions.counts()
          for (const { node, labels } of eachNode(scrape)) {
            const ofNode = byNode.get(node)
            if (ofNode !== undefined) samples.add(labels, figureOf(ofNode))
          }
        },
      }),
    ),
    ...OF_CLUSTER.map(
      ([name, help, figureOf]): Family => ({
        ...{ name: `kafka_controller_kafkacontroller_${name}`, help, type, labels: [] },
        collect: async (samples, { partitions, sources }) =>
          samples.add({}, figureOf(await partitions.counts(), sources.services)),
      }),
    ),
  ]
}
