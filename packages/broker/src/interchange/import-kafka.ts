import { type Clock, type Fs, type Logger, type Prng, present } from '@odradek/core'
import {
  defaultLogConfig,
  defaultMaintenanceSettings,
  diskLogStore,
  type ImportedPartition,
  importLogs,
  type LogStore,
  type LogToImport,
} from '@odradek/log'
import { createDataDirectory } from '../metadata/data-directory.ts'
import { ImageDraft, UnknownMetadataError } from '../metadata/image-draft.ts'
import { MetadataImage } from '../metadata/metadata-image.ts'
import { MetadataLog } from '../metadata/metadata-log.ts'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import { inBatches } from '../metadata/record-batches.ts'
import { SUPPORTED_FEATURES } from '../supported-features.ts'
import type { ClusterState } from './cluster-state.ts'
import { type ImportPlan, planImport } from './import-plan.ts'
import { type ImportReport, importReport } from './import-report.ts'
import { InterchangeError } from './kafka-metadata.ts'
import { type KafkaSource, openKafkaSource } from './kafka-source.ts'
import { type Destination, recordsOfState } from './state-records.ts'

export interface ImportOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
  readonly softwareVersion: string
  /** Kafka's log directories; only read. */
  readonly sources: readonly string[]
  /** The data directory to make: missing or empty. */
  readonly target: string
  /** Told how many bytes of all are copied. */
  onProgress(copiedBytes: number, totalBytes: number): void
}

/** What a batch of format 2 may unpack into while messages of older formats are converted. */
const LIMITS = { maxDecompressedBytes: 1_073_741_824 }

/**
 * Takes over what a stopped Kafka has. On failure the target is left as it is, and no broker starts on it.
 * @throws InterchangeError, DataDirectoryError, KafkaLogDamagedError, or what the file system says.
 */
export async function importKafka(options: ImportOptions): Promise<ImportReport> {
  const { fs, prng, softwareVersion, target } = options
  const source = openKafkaSource(fs, options.sources)
  const plan = planImport(source)
  const nodeId = present(plan.nodeIds[0], 'a plan has a node')
  const directory = await createDataDirectory(fs, target, source.clusterId, { nodeId, prng, softwareVersion })
  try {
    const imported = await copyLogs(options, plan)
    const store = storeOf(options)
    try {
      await settle(store, plan.logs, source.metadata.state)
      await writeMetadata(store, options.clock, source, plan, directory.directoryId)
    } finally {
      await store.close()
    }
    await directory.finish()
    return importReport(source, plan, imported, isUnderstood)
  } finally {
    directory.release()
  }
}

async function copyLogs(
  { fs, target, onProgress }: ImportOptions,
  { logs }: ImportPlan,
): Promise<ReadonlyMap<LogToImport, ImportedPartition>> {
  const before = sizesOf(fs, logs)
  const totalBytes = [...before.values()].reduce((sum, size) => sum + size, 0)
  let copiedBytes = 0
  const onBytes = (count: number) => {
    copiedBytes += count
    onProgress(copiedBytes, totalBytes)
  }
  const imported = await importLogs({ fs, dataDirectory: target, logs, limits: LIMITS, onBytes })
  const after = sizesOf(fs, logs)
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(path) === after.get(path)) continue
    throw new InterchangeError(
      `${path} changed while it was read; stop that Kafka first, and import into a new directory`,
    )
  }
  return imported
}

function sizesOf(fs: Fs, logs: readonly LogToImport[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { source } of logs) {
    for (const name of fs.readdirSync(source.path)) {
      const path = `${source.path}/${name}`
      if (/\.log(\.swap)?$/.test(name)) sizes.set(path, fs.statSync(path)?.sizeBytes ?? 0)
    }
  }
  return sizes
}

/** Nothing is to age or to be compacted before the broker itself does that, by its settings. */
function storeOf({ fs, target, clock, prng, logger }: ImportOptions): LogStore {
  const maintenance = { ...defaultMaintenanceSettings, isCleanerEnabled: false }
  return diskLogStore({ fs, directory: target, clock, prng, logger, maintenance })
}

/** Opens each log once: that makes its indexes and checkpoints, and shows that it can be opened. */
async function settle(store: LogStore, logs: readonly LogToImport[], { topics }: ClusterState): Promise<void> {
  for (const { topicId, source } of logs) {
    const topicName = present(topics.get(topicId), 'an imported log has a topic').name
    const log = await store.open({ topicId, topicName, partition: source.partition }, KEEPING)
    const { failure } = log
    await log.close()
    if (failure !== null) throw new InterchangeError(`the copy of ${source.path} cannot be opened: ${failure}`)
  }
}

const KEEPING = { ...defaultLogConfig, retentionMs: -1, cleanupDelete: false }

async function writeMetadata(
  store: LogStore,
  clock: Clock,
  source: KafkaSource,
  plan: ImportPlan,
  directoryId: string,
): Promise<void> {
  const log = await MetadataLog.open(store, 'device', clock)
  try {
    await log.lead(present(plan.nodeIds[0], 'a plan has a node'))
    const records = recordsOfState(source.metadata.state, destination(source.metadata.state, plan, directoryId))
    for (const batch of inBatches(records)) await log.write(batch)
  } finally {
    await log.close()
  }
}

function destination(state: ClusterState, { nodeIds }: ImportPlan, directoryId: string): Destination {
  const levels = [...state.featureLevels].filter(([name, level]) =>
    SUPPORTED_FEATURES.some((feature) => feature.name === name && level >= feature.min && level <= feature.max),
  )
  return {
    directoryId,
    // Those of an older Kafka are raised at the first start.
    featureLevels: new Map(levels),
    replicasFor(before) {
      const kept = before.flatMap((id) => nodeIds.find((known) => known === id) ?? [])
      return kept.length > 0 ? kept : nodeIds.slice(0, 1)
    },
    takes: isUnderstood,
  }
}

/** Whether this version can obey it; a record that it cannot would keep the broker from starting. */
function isUnderstood(record: MetadataRecord): boolean {
  try {
    new ImageDraft(new MetadataImage('')).replay(record)
    return true
  } catch (error) {
    if (error instanceof UnknownMetadataError) return false
    throw error
  }
}
