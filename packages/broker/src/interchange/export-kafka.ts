import { type Clock, type Fs, type Logger, type NodeId, nodeId, type Prng, randomUuid } from '@odradek/core'
import {
  defaultLogConfig,
  defaultMaintenanceSettings,
  diskLogStore,
  type ExportedLog,
  exportLogs,
  type LogStore,
  replaceFileDurably,
} from '@odradek/log'
import { MetadataLog } from '../metadata/metadata-log.ts'
import { lockStopped, readStoredCluster } from '../metadata/stored-cluster.ts'
import { ClusterState } from './cluster-state.ts'
import { InterchangeError } from './kafka-metadata.ts'
import { writeKafkaMetadata } from './kafka-metadata-writer.ts'
import { partitionsInOrder } from './state-records.ts'

export interface ExportOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  /** Our data directory; no broker may be using it. */
  readonly source: string
  /** The log directory of Kafka's to make: missing or empty. */
  readonly target: string
  /** Of the Kafka that is to start on it; null: ours. */
  readonly nodeId: number | null
  /** Told how many bytes of all are copied. */
  onProgress(copiedBytes: number, totalBytes: number): void
}

/** What an export made, for a person. */
export interface ExportReport {
  readonly clusterId: string
  readonly nodeId: NodeId
  readonly topics: number
  readonly partitions: number
}

/**
 * Writes a log directory that a Kafka 4.4, controller and broker in one, starts on. `meta.properties`, without which
 * none does, comes last.
 * @throws DataDirectoryError, InterchangeError, or what the file system says.
 */
export async function exportKafka(options: ExportOptions): Promise<ExportReport> {
  const { fs, source, target, prng } = options
  if (fs.statSync(target)?.isDirectory === false)
    throw new InterchangeError(`${target} is a file; name a new directory`)
  if (fs.readdirSync(target).length > 0) throw new InterchangeError(`${target} is not empty; name a new directory`)
  const lock = lockStopped(fs, source)
  try {
    const { properties } = readStoredCluster(fs, source)
    const { clusterId } = properties
    const id = nodeId(options.nodeId ?? properties.nodeId)
    const { state, logs } = await openOnce(options)
    const directoryId = randomUuid(prng)
    fs.mkdirSync(target)
    await exportLogs({ fs, dataDirectory: source, kafkaDirectory: target, logs, onProgress: options.onProgress })
    await writeKafkaMetadata({ fs, clock: options.clock, directory: target, state, nodeId: id, directoryId })
    const text = `version=1\ncluster.id=${clusterId}\nnode.id=${id}\ndirectory.id=${directoryId}\n`
    await replaceFileDurably(fs, target, 'meta.properties', text)
    return { clusterId, nodeId: id, topics: state.topics.size, partitions: logs.length }
  } finally {
    lock.release()
  }
}

/** As a start and a stop would: what a killed broker left is recovered, and where each log begins becomes known. */
async function openOnce(options: ExportOptions): Promise<{ state: ClusterState; logs: readonly ExportedLog[] }> {
  const { fs, source, clock, prng, logger } = options
  const maintenance = { ...defaultMaintenanceSettings, isCleanerEnabled: false }
  const store = diskLogStore({ fs, directory: source, clock, prng, logger, maintenance })
  try {
    const state = await stateIn(store, clock)
    const present = new Set(store.list().map(({ topicId, partition }) => `${topicId} ${partition}`))
    const logs: ExportedLog[] = []
    for (const { id, name, partitions } of state.topics.values()) {
      for (const { index } of partitionsInOrder({ id, name, partitions })) {
        if (!present.has(`${id} ${index}`)) throw elsewhere(`${name}-${index}`, source)
        logs.push(await openLog(store, { topicId: id, topicName: name, partition: index }))
      }
    }
    return { state, logs }
  } finally {
    await store.close()
  }
}

/** To open it would be to make it anew, empty. */
function elsewhere(partition: string, directory: string): InterchangeError {
  return new InterchangeError(
    `${partition} has no log in ${directory}; where a broker has several log.dirs, move its partitions into one first (AlterReplicaLogDirs)`,
  )
}

async function stateIn(store: LogStore, clock: Clock): Promise<ClusterState> {
  const state = new ClusterState()
  const log = await MetadataLog.open(store, 'device', clock)
  try {
    await log.replay((records) => {
      for (const record of records) state.replay(record)
    })
    return state
  } finally {
    await log.close()
  }
}

/** Nothing is to age while it is open. */
const KEEPING = { ...defaultLogConfig, retentionMs: -1, cleanupDelete: false }

async function openLog(store: LogStore, identity: ExportedLog['identity']): Promise<ExportedLog> {
  const log = await store.open(identity, KEEPING)
  const { failure, startOffset } = log
  await log.close()
  if (failure === null) return { identity, startOffset }
  throw new InterchangeError(
    `${identity.topicName}-${identity.partition} cannot be exported: ${failure}; see odradek storage check`,
  )
}
