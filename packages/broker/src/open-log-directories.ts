import { type Clock, type Fs, type Logger, type NodeId, type Prng, randomUuid } from '@odradek/core'
import {
  diskLogDirectories,
  type LogDirectories,
  type LogDirectorySettings,
  type MaintenanceSettings,
  memoryLogDirectories,
} from '@odradek/log'
import { withoutSlash } from './directory-path.ts'
import { claimDataDirectory, DataDirectoryError, ownerOf } from './metadata/data-directory.ts'
import type { DataDirectories } from './start-settings.ts'

/** What clients see where everything is in memory: AlterReplicaLogDirs and tools want an absolute path. */
const MEMORY_PATH = '/memory'

export interface OpenLogDirectories {
  readonly store: LogDirectories
  readonly clusterId: string
  /** Where they are, that of the metadata first; none in memory. */
  readonly roots: readonly string[]
  /** Lets go of the directories, once the store is closed. */
  release(): void
}

interface Environment {
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  readonly maintenance: MaintenanceSettings
}

export interface DiskOptions extends Environment {
  readonly fs: Fs
  readonly directories: DataDirectories
  readonly nodeId: NodeId
  readonly softwareVersion: string
  readonly flushEnded: (elapsedMs: number) => void
  /** The path as any process would name it. */
  absolutePath(path: string): string
}

/**
 * Claims the data directories and opens a store over them. One that is out of reach is offline with its partitions, but for
 * that of the metadata, without which nothing is known.
 * @throws DataDirectoryError
 */
export async function openDiskLogDirectories(options: DiskOptions): Promise<OpenLogDirectories> {
  const { fs, logger } = options
  const directories = distinctDirectories(options)
  const { metadata, partitions } = directories
  checkMetadataDirectory(fs, directories)
  const releases: (() => void)[] = []
  const release = () => {
    for (let each = releases.pop(); each !== undefined; each = releases.pop()) each()
  }
  try {
    const { nodeId, prng, softwareVersion } = options
    const first = await claimDataDirectory(fs, metadata, { nodeId, prng, softwareVersion })
    releases.push(() => first.release())
    const { clusterId } = first
    const others: LogDirectorySettings[] = []
    for (const path of partitions.filter((each) => each !== metadata)) {
      const shown = { root: path, path: options.absolutePath(path), takesPartitions: true }
      try {
        const claim = await claimDataDirectory(fs, path, { nodeId, clusterId, prng, softwareVersion })
        releases.push(() => claim.release())
        others.push({ ...shown, id: claim.directoryId, failure: null })
      } catch (error) {
        if (!(error instanceof DataDirectoryError) || !error.isOutOfReach) throw error
        const failure = `${error.message}; then start again`
        logger.error('a log directory is offline with all its partitions', { directory: path, why: failure })
        others.push({ ...shown, id: ownerOf(fs, path)?.directoryId ?? '', failure })
      }
    }
    const takesPartitions = partitions.includes(metadata)
    const path = options.absolutePath(metadata)
    const all = [{ root: metadata, path, id: first.directoryId, takesPartitions, failure: null }, ...others]
    checkIds(all)
    const roots = all.map(({ root }) => root)
    return { store: diskLogDirectories({ ...options, directories: all }), clusterId, roots, release }
  } catch (error) {
    release()
    throw error
  }
}

export function openMemoryLogDirectories(
  options: Environment & { readonly bytesMax: number; readonly whenFull: 'refuse' | 'dropOldest' },
): OpenLogDirectories {
  const { prng } = options
  const store = memoryLogDirectories({ ...options, path: MEMORY_PATH, id: randomUuid(prng) })
  return { store, clusterId: randomUuid(prng), roots: [], release: () => {} }
}

/**
 * As in Kafka what stands there twice counts once, and one directory by two names is refused; but the metadata may name
 * one of them by another path.
 * @throws DataDirectoryError
 */
function distinctDirectories({ fs, logger, directories: { metadata, partitions } }: DiskOptions): DataDirectories {
  const each = new Set(partitions)
  const named = partitions.join()
  if (each.size < partitions.length) logger.warn('log.dirs names a directory twice: it counts once', { named })
  const byRealPath = new Map<string, string>()
  for (const path of each) {
    const real = fs.realPathSync(path)
    const other = byRealPath.get(real)
    if (other !== undefined) {
      throw new DataDirectoryError(
        `log.dirs=${named}: ${other} and ${path} are the same directory, ${real}; name each directory once`,
      )
    }
    byRealPath.set(real, path)
  }
  return {
    partitions: [...each].map(withoutSlash),
    metadata: withoutSlash(byRealPath.get(fs.realPathSync(metadata)) ?? metadata),
  }
}

/** Where others have a cluster and this has none it is rather not mounted: a new one must not be begun in its place. */
function checkMetadataDirectory(fs: Fs, { metadata, partitions }: DataDirectories): void {
  if (ownerOf(fs, metadata) !== null) return
  const owned = partitions.find((path) => path !== metadata && ownerOf(fs, path) !== null)
  if (owned === undefined) return
  throw new DataDirectoryError(
    `data directory ${metadata}: it should hold the metadata and is new or cannot be read, but ${owned} belongs to a cluster already; ` +
      'mount its disk, or name the directory with __cluster_metadata-0 first in log.dirs or as metadata.log.dir',
  )
}

function checkIds(directories: readonly LogDirectorySettings[]): void {
  const paths = new Map<string, string>()
  for (const { id, path } of directories) {
    const other = paths.get(id)
    // Nothing is known of one that cannot be read.
    if (other !== undefined && id !== '') {
      throw new DataDirectoryError(
        `data directories ${other} and ${path} have the same directory.id: they are one, or one is a copy of the other; name only one of them (log.dirs)`,
      )
    }
    paths.set(id, path)
  }
}
