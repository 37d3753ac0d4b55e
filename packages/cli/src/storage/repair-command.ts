import { readStoredCluster, reviseStoredMetadata } from '@odradek/broker'
import {
  inspectPartition,
  isDamage,
  planRepair,
  type RepairRequest,
  repairPartition,
  surveyDirectory,
} from '@odradek/log'
import type { Host } from '../host.ts'
import { LineLogger } from '../line-logger.ts'
import { UsageError } from '../usage-error.ts'
import { directoriesOf, whileStopped } from './data-directories.ts'
import { findingText } from './finding-text.ts'
import { addPartitionFlags, choose, type PartitionChoice, partitionChoice } from './partition-choice.ts'
import type { StorageSubcommand } from './storage-command.ts'
import { isMetadata, type NamedPartition, shownName, storedPartitions } from './stored-partitions.ts'
import { setStraysAside } from './strays.ts'

const EXIT_STILL_DAMAGED = 1

interface RepairOptions extends RepairRequest, PartitionChoice {
  readonly directories: readonly string[]
  readonly isMetadata: boolean
}

const DESCRIPTION = `Mend a stopped broker's data directory: cut out what "storage check" calls damaged. What is cut out is
kept beside the log as *.damaged until you remove it. Clients notice by a new leader epoch.`

export const REPAIR: StorageSubcommand = {
  name: 'repair',
  description: DESCRIPTION,
  define(command, take) {
    command.argument('<data_dir>', 'the data directory')
    addPartitionFlags(command)
      .option('--all', 'all partitions but the metadata log')
      .option('--metadata', 'the metadata log; topics made by what is cut off are gone, their logs are kept as *.stray')
      .option('--truncate', 'end the log before the first damaged byte; all that follows is lost')
      .option('--skip-batch', 'take out the damaged bytes only; what follows stays, and their offsets are a gap')
      .option('--indexes', 'cut nothing; remove damaged indexes and snapshots, which the next start makes anew')
      .option('--unreadable', 'cut also batches that are as they were sent, but whose records nobody can read')
      .action((text: string, values) => {
        const options = repairOptions(directoriesOf(text), values)
        take((host) => whileStopped(host.fs, options.directories, () => repair(host, options)))
      })
  },
}

function repairOptions(directories: readonly string[], values: Readonly<Record<string, unknown>>): RepairOptions {
  const modes = (['truncate', 'skipBatch', 'indexes'] as const).filter((mode) => values[mode] === true)
  if (modes.length !== 1) throw new UsageError('say one of --truncate, --skip-batch, --indexes; see --help')
  const choice = partitionChoice(values)
  const targets = [choice.topic !== null, values['all'] === true, values['metadata'] === true].filter(Boolean)
  if (targets.length !== 1) throw new UsageError('say one of --topic NAME [--partition N], --all, --metadata')
  const isMetadataMeant = values['metadata'] === true
  if (isMetadataMeant && modes[0] === 'skipBatch') {
    throw new UsageError('--metadata --skip-batch: a change of metadata rests on those before it; use --truncate')
  }
  const cut = modes[0] === 'truncate' ? 'truncate' : modes[0] === 'skipBatch' ? 'skip' : 'none'
  return { directories, ...choice, cut, withUnreadable: values['unreadable'] === true, isMetadata: isMetadataMeant }
}

async function repair(host: Host, options: RepairOptions): Promise<number> {
  const { fs } = host
  const { cluster, partitions } = storedPartitions(fs, options.directories)
  const metadata = partitions.find(isMetadata)
  if (metadata === undefined) throw new UsageError('the metadata log is missing: restore a backup')
  if (options.isMetadata) return repairMetadata(host, options, metadata)
  if (cluster.fault !== null || !isSound(host, metadata)) {
    throw new UsageError('the metadata log is damaged; mend it first: see storage check')
  }
  const chosen = choose(
    partitions.filter((each) => !isMetadata(each)),
    options,
  )
  const outcomes: Outcome[] = []
  for (const partition of chosen) outcomes.push(await repairOne(host, options, partition, metadata))
  if (!outcomes.some((outcome) => outcome !== 'untouched')) {
    host.stdout('nothing to repair: what was asked for is sound, but for what the next start mends by itself\n')
  }
  return outcomes.includes('damaged') ? EXIT_STILL_DAMAGED : 0
}

type Outcome = 'untouched' | 'mended' | 'damaged'

async function repairOne(
  host: Host,
  options: RepairRequest,
  partition: NamedPartition,
  metadata: NamedPartition,
): Promise<Outcome> {
  const { fs } = host
  const report = inspectPartition(fs, partition)
  if (partition.isUndecided && report.findings.some(isDamage)) {
    const what =
      'a move to another data directory was interrupted: start the broker once, which decides which copy is the log'
    throw new UsageError(`${shownName(partition)}: ${what}, stop it, and repair then`)
  }
  const plan = planRepair(report, options)
  const isShort = options.cut !== 'none' && partition.recoveryPoint > Math.max(plan.endOffset, report.startOffset)
  if (plan.lostFrom === null && !isShort && !report.findings.some(isDamage)) return 'untouched'
  // First: an epoch raised in vain does no harm, a cut that nobody notices does.
  if (plan.lostFrom !== null || isShort) await raiseEpochs(host, metadata, [partition], false)
  const { kept, removed } = await repairPartition(fs, partition, report, plan)
  const name = shownName(partition)
  for (const { baseOffset, cut } of plan.segments) {
    const bytes = cut.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
    host.stdout(`${name}: cut ${bytes} bytes out of the segment at offset ${baseOffset}\n`)
  }
  if (isShort)
    host.stdout(`${name}: ends at offset ${plan.endOffset}, where it had reached ${partition.recoveryPoint}\n`)
  for (const path of kept) host.stdout(`${name}: kept ${path}; remove it when nobody needs it any more\n`)
  for (const path of removed) host.stdout(`${name}: removed ${path}; the next start makes it anew\n`)
  return isSound(host, partition) ? 'mended' : 'damaged'
}

async function repairMetadata(host: Host, options: RepairOptions, metadata: NamedPartition): Promise<number> {
  const { fs } = host
  const report = inspectPartition(fs, metadata)
  const plan = planRepair(report, options)
  const { kept, removed } = await repairPartition(fs, metadata, report, plan)
  for (const path of kept) host.stdout(`__cluster_metadata-0: kept ${path}\n`)
  for (const path of removed) host.stdout(`__cluster_metadata-0: removed ${path}; the next start makes it anew\n`)
  if (plan.lostFrom !== null) {
    const { endOffset } = readStoredCluster(fs, directoryOf(metadata)).image
    const known = endOffset > plan.lostFrom ? `a snapshot has what was before offset ${endOffset}, ` : ''
    host.stdout(
      `__cluster_metadata-0: cut at offset ${plan.lostFrom}; ${known}changes of topics and configs after it are lost\n`,
    )
    const { partitions } = storedPartitions(fs, options.directories)
    for (const path of await setStraysAside(fs, partitions)) host.stdout(`a log without a topic is kept as ${path}\n`)
    const named = partitions.filter((each) => each.topicName !== null && !isMetadata(each))
    await raiseEpochs(host, metadata, named, true)
  }
  return isSound(host, metadata) ? 0 : EXIT_STILL_DAMAGED
}

/** The data directory that a partition lies in. */
function directoryOf({ directory }: NamedPartition): string {
  return directory.slice(0, directory.lastIndexOf('/'))
}

function raiseEpochs(
  host: Host,
  metadata: NamedPartition,
  partitions: readonly NamedPartition[],
  metadataWasCut: boolean,
): Promise<void> {
  const { clock, fs, prng } = host
  const directory = directoryOf(metadata)
  const logger = new LineLogger({ clock, level: 'warn', write: (line) => host.stderr(line) })
  const epochs = partitions.map((each) => ({
    topicId: each.topicId,
    partition: each.partition,
    above: inspectPartition(fs, each).leaderEpoch,
  }))
  return reviseStoredMetadata({ fs, directory, clock, prng, logger }, epochs, metadataWasCut)
}

/** Tells what is still damaged. */
function isSound(host: Host, partition: NamedPartition): boolean {
  const damage = inspectPartition(host.fs, freshly(host, partition)).findings.filter(isDamage)
  for (const finding of damage) host.stderr(`${shownName(partition)}: still damaged: ${findingText(finding)}\n`)
  return damage.length === 0
}

/** The partition with the offsets that its directory has on record now. */
function freshly({ fs }: Host, partition: NamedPartition): NamedPartition {
  const home = partition.directory.slice(0, partition.directory.lastIndexOf('/'))
  const now = surveyDirectory(fs, home).partitions.find(({ directory }) => directory === partition.directory)
  return { ...partition, ...now }
}
