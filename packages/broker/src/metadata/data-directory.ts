import { type Fs, type FsLock, type NodeId, type Prng, randomUuid } from '@odradek/core'
import { isOutOfSpace, replaceFileDurably } from '@odradek/log'
import { formatMetaProperties, isDirectoryId, type MetaProperties, parseMetaProperties } from './meta-properties.ts'
import { MetadataLogError } from './metadata-log-error.ts'

/** The layout that this version writes, and the newest one it reads. */
const FORMAT_VERSION = 2

export const META_PROPERTIES = 'meta.properties'
export const LOCK = '.lock'
/** Stands in a directory that is being filled by a command, and goes last. */
const UNFINISHED = '.odradek_unfinished'

/** Files that Kafka leaves in a data directory, and that we do not make before `meta.properties` is there. */
const KAFKA_FILES: ReadonlySet<string> = new Set([
  'bootstrap.checkpoint',
  'cleaner-offset-checkpoint',
  'log-start-offset-checkpoint',
  'recovery-point-offset-checkpoint',
  'replication-offset-checkpoint',
])
/** By topic id, as ours are named and Kafka's are not. */
const OUR_PARTITION_DIRECTORY = /^[0-9a-f]{32}-\d+$/
/** Partitions' directories, Kafka's and ours, end in the partition's number. */
const PARTITION_DIRECTORY = /-\d+$/

const MAKE_SPACE = 'make space there, or name another directory'

/** The data directory cannot be used; the message is one line that says why and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError'
  /** It may be all right, but cannot be had now: its disk fails, or another process holds it. Others can do without it. */
  readonly isOutOfReach: boolean

  constructor(message: string, isOutOfReach = false) {
    super(message)
    this.isOutOfReach = isOutOfReach
  }
}

export interface ClaimOptions {
  /** Of the first node of the process. */
  readonly nodeId: NodeId
  /** Of the directories that were claimed before; a new cluster where there are none. */
  readonly clusterId?: string
  readonly prng: Prng
  readonly softwareVersion: string
}

/** A data directory that is ours until it is released. */
export interface DataDirectoryClaim {
  readonly clusterId: string
  readonly directoryId: string
  release(): void
}

/**
 * Takes a data directory for this process alone, and makes a new one where there is none.
 * @throws DataDirectoryError when it is Kafka's, of a newer version, another node's, or in use; then nothing was written.
 */
export async function claimDataDirectory(fs: Fs, path: string, options: ClaimOptions): Promise<DataDirectoryClaim> {
  try {
    // Before the lock, which is a file too: nothing may be written into a directory that is not ours.
    checkOwner(fs, path)
    fs.mkdirSync(path, true)
    const lock = fs.lock(`${path}/${LOCK}`)
    if (lock === null) {
      throw unusable(path, 'another broker is using it', 'stop that one, or name another directory', true)
    }
    try {
      return await claimLocked(fs, path, lock, options)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error
    const remedy = isOutOfSpace(error) ? MAKE_SPACE : 'name another directory'
    throw unusable(path, error instanceof Error ? error.message : String(error), remedy, true)
  }
}

/** Does what the start cannot do without in the directory; where its disk is full, the error says so, and which it is. */
export async function withSpaceIn<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const isForSpace = isOutOfSpace(error) || (error instanceof MetadataLogError && error.mayPass)
    if (!isForSpace) throw error
    throw unusable(path, error instanceof Error ? error.message : String(error), MAKE_SPACE)
  }
}

/** What a data directory of ours says of itself; null where it is new, not ours, or cannot be read. */
export function ownerOf(fs: Fs, path: string): MetaProperties | null {
  try {
    return checkOwner(fs, path)
  } catch {
    return null
  }
}

/** A data directory that a command fills. Until `finish` nothing takes it for a whole one. */
export interface NewDataDirectory {
  readonly directoryId: string
  finish(): Promise<void>
  release(): void
}

/** Makes a data directory of a cluster that is there already. @throws DataDirectoryError when the directory is not empty. */
export async function createDataDirectory(
  fs: Fs,
  path: string,
  clusterId: string,
  options: ClaimOptions,
): Promise<NewDataDirectory> {
  if (fs.statSync(path)?.isDirectory === false) throw unusable(path, 'it is a file', 'name another directory')
  if (fs.readdirSync(path).length > 0) throw unusable(path, 'it is not empty', 'name a new directory')
  fs.mkdirSync(path, true)
  const lock = fs.lock(`${path}/${LOCK}`)
  if (lock === null) throw unusable(path, 'another process is using it', 'name another directory')
  try {
    await replaceFileDurably(fs, path, UNFINISHED, 'What is here is not whole.\n')
    const directoryId = randomUuid(options.prng)
    await writeProperties(fs, path, { clusterId, directoryId }, options)
    return {
      directoryId,
      async finish() {
        fs.unlinkSync(`${path}/${UNFINISHED}`)
        await fs.syncDirectory(path)
      },
      release: () => lock.release(),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function claimLocked(fs: Fs, path: string, lock: FsLock, options: ClaimOptions): Promise<DataDirectoryClaim> {
  const found = checkOwner(fs, path)
  if (found !== null) checkProperties(path, found, options)
  const fresh = () => ({
    clusterId: options.clusterId ?? randomUuid(options.prng),
    directoryId: randomUuid(options.prng),
  })
  const { clusterId, directoryId } = found ?? fresh()
  // From 2 on the metadata log may begin behind a snapshot, which who does not know of it would miss without a word.
  if ((found?.formatVersion ?? 0) < FORMAT_VERSION) await writeProperties(fs, path, { clusterId, directoryId }, options)
  return { clusterId, directoryId, release: () => lock.release() }
}

/** What our `meta.properties` says; null where the directory is new. */
function checkOwner(fs: Fs, path: string): MetaProperties | null {
  const stat = fs.statSync(path)
  if (stat === null) return null
  if (!stat.isDirectory) throw unusable(path, 'it is a file', 'name another directory')
  if (fs.statSync(`${path}/${UNFINISHED}`) !== null) {
    throw unusable(path, 'the command that was to fill it did not finish', 'remove it, and give the command again')
  }
  const bytes = fs.readFileSync(`${path}/${META_PROPERTIES}`)
  if (bytes === null) {
    checkUnowned(fs, path)
    return null
  }
  const properties = parseMetaProperties(Buffer.from(bytes).toString())
  if (properties === null) throw damaged(path, '')
  if (properties.formatVersion === null) throw kafkas(path)
  const { directoryId } = properties
  if (!isDirectoryId(directoryId))
    throw damaged(path, `: directory.id is ${JSON.stringify(directoryId)}, not 22 letters, digits, - and _`)
  return properties
}

/** Without `meta.properties` there must be no data either. */
function checkUnowned(fs: Fs, path: string): void {
  const names = fs.readdirSync(path)
  const isOurs = names.some((name) => OUR_PARTITION_DIRECTORY.test(name))
  if (!isOurs && names.some((name) => KAFKA_FILES.has(name))) throw kafkas(path)
  const partition = names.find((name) => PARTITION_DIRECTORY.test(name) && fs.statSync(`${path}/${name}`)?.isDirectory)
  if (partition === undefined) return
  throw unusable(
    path,
    `it has partitions (${partition}) but no ${META_PROPERTIES}`,
    'restore that file from a copy, or name another directory',
  )
}

function checkProperties(path: string, found: MetaProperties, options: ClaimOptions): void {
  const { nodeId, clusterId, softwareVersion } = options
  const { formatVersion, softwareVersion: writer } = found
  if (formatVersion !== null && formatVersion > FORMAT_VERSION) {
    throw unusable(
      path,
      `odradek ${writer} has written it in format ${formatVersion}, and this is ${softwareVersion}, which reads up to ${FORMAT_VERSION}`,
      `start odradek ${writer} or newer, or name another directory`,
    )
  }
  if (found.nodeId !== nodeId) {
    throw unusable(
      path,
      `it belongs to node ${found.nodeId}, and this broker's first node is ${nodeId}`,
      `start with --node-id ${found.nodeId}, or name another directory`,
    )
  }
  if (clusterId !== undefined && found.clusterId !== clusterId) {
    throw unusable(
      path,
      `it belongs to cluster ${found.clusterId}, and the other directories to ${clusterId}`,
      'name directories of one cluster',
    )
  }
}

async function writeProperties(
  fs: Fs,
  path: string,
  ids: Pick<MetaProperties, 'clusterId' | 'directoryId'>,
  { nodeId, softwareVersion }: ClaimOptions,
): Promise<void> {
  const properties = { ...ids, nodeId, formatVersion: FORMAT_VERSION, softwareVersion }
  await replaceFileDurably(fs, path, META_PROPERTIES, formatMetaProperties(properties))
}

function damaged(path: string, how: string): DataDirectoryError {
  const remedy = 'restore that file from a copy, or name another directory'
  return unusable(path, `its ${META_PROPERTIES} is damaged${how}`, remedy)
}

function kafkas(path: string): DataDirectoryError {
  return unusable(
    path,
    'Apache Kafka has written it, and odradek keeps its data in another form',
    'make a data directory of it with odradek storage import, or name another directory; this one was not touched',
  )
}

function unusable(path: string, reason: string, remedy: string, isOutOfReach = false): DataDirectoryError {
  return new DataDirectoryError(`data directory ${path}: ${reason}; ${remedy} (--data-dir, log.dirs)`, isOutOfReach)
}
