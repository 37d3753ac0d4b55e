import { type Finding, isDamage } from '@odradek/log'
import { isMetadata, type NamedPartition } from './stored-partitions.ts'

/** The command that mends it, or null where there is nothing to mend by command. */
export function repairCommandFor(directories: string, partition: NamedPartition, finding: Finding): string | null {
  if (!isDamage(finding) || ['metadata', 'order'].includes(finding.kind)) return null
  if (isMetadata(partition)) return `odradek storage repair ${directories} --metadata --truncate`
  const topic = partition.topicName ?? partition.topicId
  const target = `odradek storage repair ${directories} --topic ${topic} --partition ${partition.partition}`
  if (finding.kind === 'derived-file') return `${target} --indexes`
  if (finding.kind === 'missing-records') return `${target} --truncate`
  return `${target} --skip-batch${finding.kind === 'unreadable-records' ? ' --unreadable' : ''}`
}
