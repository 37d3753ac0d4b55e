import type { Fs } from '@odradek/core'
import { type KafkaLogDirectory, readKafkaLogDirectory } from '@odradek/log'
import { type MetaProperties, parseMetaProperties } from '../metadata/meta-properties.ts'
import { InterchangeError, type KafkaMetadata, readKafkaMetadata } from './kafka-metadata.ts'

const META_PROPERTIES = 'meta.properties'
const METADATA_DIRECTORY = '__cluster_metadata-0'
const LOCK = '.lock'

/** One directory of Kafka's, and the node that it belongs to. */
interface SourceDirectory {
  readonly nodeId: number
  readonly logs: KafkaLogDirectory
}

/** The directories of one or more stopped brokers of a cluster, read and not yet copied. */
export interface KafkaSource {
  readonly clusterId: string
  readonly directories: readonly SourceDirectory[]
  readonly metadata: KafkaMetadata
}

/** @throws InterchangeError when these are no directories of one stopped Kafka cluster with KRaft metadata. */
export function openKafkaSource(fs: Fs, paths: readonly string[]): KafkaSource {
  const properties = paths.map((path) => propertiesOf(fs, path))
  for (const path of paths) checkStopped(fs, path)
  const [first] = properties
  if (first === undefined) throw new InterchangeError('no directory to import was named')
  for (const [index, { clusterId }] of properties.entries()) {
    if (clusterId === first.clusterId) continue
    throw new InterchangeError(
      `${paths[0]} is of cluster ${first.clusterId}, ${paths[index]} of ${clusterId}; import the directories of one cluster at a time`,
    )
  }
  return {
    clusterId: first.clusterId,
    directories: paths.map((path, index) => ({
      nodeId: properties[index]?.nodeId ?? first.nodeId,
      logs: readKafkaLogDirectory(fs, path),
    })),
    metadata: newestMetadata(fs, paths),
  }
}

function propertiesOf(fs: Fs, path: string): MetaProperties {
  const stat = fs.statSync(path)
  if (stat === null) throw new InterchangeError(`${path} is not there; name Kafka's log.dirs`)
  if (!stat.isDirectory) throw new InterchangeError(`${path} is a file; name Kafka's log.dirs`)
  const bytes = fs.readFileSync(`${path}/${META_PROPERTIES}`)
  if (bytes === null) {
    throw new InterchangeError(`${path} has no ${META_PROPERTIES}: it is no data directory of Kafka; name its log.dirs`)
  }
  const text = Buffer.from(bytes).toString()
  const properties = parseMetaProperties(text)
  if (properties !== null && properties.formatVersion !== null) {
    throw new InterchangeError(`${path} is a data directory of odradek already; start on it with --data-dir ${path}`)
  }
  if (!/^\s*version\s*=\s*1\s*$/m.test(text)) {
    throw new InterchangeError(
      `${path} is of a Kafka with ZooKeeper (its ${META_PROPERTIES} is not of version 1), whose metadata is not in it; migrate that cluster to KRaft first (KIP-866, Kafka 3.9)`,
    )
  }
  if (properties === null || properties.clusterId === '' || !Number.isSafeInteger(properties.nodeId)) {
    throw new InterchangeError(
      `${path}/${META_PROPERTIES} is damaged: it must name cluster.id and node.id; restore it from a copy`,
    )
  }
  return properties
}

/** Kafka locks a file in each directory while it runs; not every system lets another process see that. */
function checkStopped(fs: Fs, path: string): void {
  const holder = fs.lockHolder?.(`${path}/${LOCK}`) ?? null
  if (holder === null) return
  throw new InterchangeError(`${path} is in use by process ${holder}; stop that Kafka first`)
}

/** Every broker has a copy; the one that is furthest ahead has all that the others have. */
function newestMetadata(fs: Fs, paths: readonly string[]): KafkaMetadata {
  const found = paths
    .map((path) => `${path}/${METADATA_DIRECTORY}`)
    .filter((directory) => fs.statSync(directory)?.isDirectory === true)
    .map((directory) => readKafkaMetadata(fs, directory))
  const [newest] = found.sort((a, b) => b.endOffset - a.endOffset)
  if (newest === undefined) {
    throw new InterchangeError(
      `there is no ${METADATA_DIRECTORY} in ${paths.join(' or ')}: name metadata.log.dir too, if Kafka has it; a Kafka with ZooKeeper must be migrated to KRaft first`,
    )
  }
  return newest
}
