import { type Finding, inspectPartition, isDamage } from '@odradek/log'
import type { Host } from '../host.ts'
import { directoriesOf, whileStopped } from './data-directories.ts'
import { findingFields, findingText } from './finding-text.ts'
import { addPartitionFlags, choose, type PartitionChoice, partitionChoice } from './partition-choice.ts'
import { repairCommandFor } from './repair-advice.ts'
import type { StorageSubcommand } from './storage-command.ts'
import { type NamedPartition, shownName, storedPartitions } from './stored-partitions.ts'

const EXIT_DAMAGE = 1

/** A finding, the partition that it is about, and what to do about it. */
interface Told {
  readonly partition: NamedPartition | null
  readonly finding: Finding
  readonly repair: string | null
}

interface CheckSums {
  partitions: number
  segments: number
  batches: number
  bytes: number
}

export const CHECK: StorageSubcommand = {
  name: 'check',
  description: `Read a stopped broker's data directory (or a backup) whole, and tell what is damaged. Changes nothing.`,
  define(command, take) {
    command.argument('<data_dir>', 'the data directory')
    addPartitionFlags(command)
      .option('--json', 'one JSON object for other programs')
      .action((text: string, values) => {
        const directories = directoriesOf(text)
        const choice = partitionChoice(values)
        take((host) => whileStopped(host.fs, directories, () => check(host, text, directories, choice, values.json)))
      })
  },
}

function check(
  host: Host,
  text: string,
  directories: readonly string[],
  choice: PartitionChoice,
  asJson: boolean | undefined,
): number {
  const stored = storedPartitions(host.fs, directories)
  const sums: CheckSums = { partitions: 0, segments: 0, batches: 0, bytes: 0 }
  const told: Told[] = []
  const chosen = choose(stored.partitions, choice)
  if (choice.topic === null)
    told.push(...stored.findings.map((finding) => ({ partition: null, finding, repair: null })))
  for (const partition of chosen) {
    const report = inspectPartition(host.fs, partition)
    sums.partitions++
    sums.segments += report.segments.length
    sums.batches += report.batches
    sums.bytes += report.segments.reduce((total, { fileBytes }) => total + fileBytes, 0)
    for (const finding of report.findings) {
      told.push({ partition, finding, repair: repairCommandFor(text, partition, finding) })
    }
  }
  const isSound = !told.some(({ finding }) => isDamage(finding))
  if (asJson === true) host.stdout(`${JSON.stringify(asObject(told, sums, isSound))}\n`)
  else host.stdout(asText(told, sums, isSound))
  return isSound ? 0 : EXIT_DAMAGE
}

function asText(told: readonly Told[], sums: CheckSums, isSound: boolean): string {
  const lines = told.map(({ partition, finding, repair }) => {
    const head = `${isDamage(finding) ? 'DAMAGE' : 'note  '} ${partition === null ? '' : `${shownName(partition)}: `}`
    return `${head}${findingText(finding)}${repair === null ? '' : `\n       repair: ${repair}`}\n`
  })
  const { partitions, segments, batches, bytes } = sums
  const damaged = told.filter(({ finding }) => isDamage(finding)).length
  const verdict = isSound ? 'sound' : `${damaged} ${damaged === 1 ? 'place is' : 'places are'} damaged`
  return `${lines.join('')}${partitions} partitions, ${segments} segments, ${batches} batches, ${bytes} bytes: ${verdict}\n`
}

function asObject(told: readonly Told[], sums: CheckSums, isSound: boolean): object {
  return {
    isSound,
    ...sums,
    findings: told.map(({ partition, finding, repair }) => ({
      topic: partition?.topicName ?? null,
      topicId: partition?.topicId ?? null,
      partition: partition?.partition ?? null,
      ...findingFields(finding),
      repair,
    })),
  }
}
