import { type Fs, type FsLock, offset } from '@odradek/core'
import { type StoredCheckpoint, storedBatches, storedCheckpoints, surveyDirectory } from '@odradek/log'
import { readBatchHeader, recordsOf } from '@odradek/records'
import { DataDirectoryError, LOCK, META_PROPERTIES } from './data-directory.ts'
import { type MetaProperties, parseMetaProperties } from './meta-properties.ts'
import { MetadataImage } from './metadata-image.ts'
import { METADATA_TOPIC_ID, REPLAY_LIMITS } from './metadata-log.ts'
import { newestSnapshot } from './newest-snapshot.ts'

/** What a data directory that no broker uses says of its cluster. */
export interface StoredCluster {
  readonly properties: MetaProperties
  /** As far as the metadata log could be read. */
  readonly image: MetadataImage
  /** Why it could be read no further, or null. */
  readonly fault: string | null
}

/** Opens no file for writing. @throws DataDirectoryError when `directory` is not a data directory of ours. */
export function readStoredCluster(fs: Fs, directory: string): StoredCluster {
  const properties = ownProperties(fs, directory)
  const image = new MetadataImage(properties.clusterId)
  try {
    const path = `${directory}/__cluster_metadata-0`
    const snapshots = {
      list: () => storedCheckpoints(fs, path),
      read: ({ path: file }: StoredCheckpoint) => fs.readFileSync(file),
    }
    const { snapshot } = newestSnapshot(snapshots, logStartOf(fs, directory))
    let next = snapshot?.endOffset ?? 0
    for (const records of snapshot?.batches ?? []) image.apply(records, offset(next))
    for (const { bytes, lastOffset } of storedBatches(fs, path, next)) {
      const { baseOffset, isControl } = readBatchHeader(bytes)
      if (lastOffset < next) continue
      if (baseOffset !== next) throw new Error(`the batch of offset ${next} says offset ${baseOffset}`)
      next = lastOffset + 1
      const values = isControl
        ? []
        : Array.from(recordsOf(bytes, REPLAY_LIMITS), ({ value }) => value ?? new Uint8Array())
      image.apply(values, offset(lastOffset + 1))
    }
    return { properties, image, fault: null }
  } catch (error) {
    return { properties, image, fault: error instanceof Error ? error.message : String(error) }
  }
}

/** Keeps brokers away until it is released. @throws DataDirectoryError when one is there, or the directory is not ours. */
export function lockStopped(fs: Fs, directory: string): FsLock {
  ownProperties(fs, directory)
  const lock = fs.lock(`${directory}/${LOCK}`)
  if (lock !== null) return lock
  throw new DataDirectoryError(`data directory ${directory}: a broker is using it; stop it first`)
}

function logStartOf(fs: Fs, directory: string): number {
  return (
    surveyDirectory(fs, directory).partitions.find(({ topicId }) => topicId === METADATA_TOPIC_ID)?.startOffset ?? 0
  )
}

function ownProperties(fs: Fs, directory: string): MetaProperties {
  if (fs.statSync(directory)?.isDirectory !== true) throw new DataDirectoryError(`${directory} is no directory`)
  const bytes = fs.readFileSync(`${directory}/${META_PROPERTIES}`)
  const properties = bytes === null ? null : parseMetaProperties(Buffer.from(bytes).toString())
  if (properties === null) {
    throw new DataDirectoryError(
      `${directory}: ${META_PROPERTIES} is ${bytes === null ? 'missing' : 'damaged'}; name a data directory of odradek, or restore that file from a copy`,
    )
  }
  if (properties.formatVersion === null) {
    throw new DataDirectoryError(`${directory}: Apache Kafka has written it; see odradek storage import --help`)
  }
  return properties
}
