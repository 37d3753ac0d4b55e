import type { NodeId } from '@odradek/core'
import type { ImportedPartition, LogToImport } from '@odradek/log'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import type { ImportPlan } from './import-plan.ts'
import type { KafkaSource } from './kafka-source.ts'

/** What an import did, for a person. */
export interface ImportReport {
  readonly clusterId: string
  /** The nodes that the data directory is for. */
  readonly nodeIds: readonly NodeId[]
  readonly topics: number
  readonly partitions: number
  readonly convertedMessages: number
  /** One sentence each: what is not as it was in Kafka. */
  readonly notes: readonly string[]
}

const KINDS: Readonly<Record<string, string>> = {
  AccessControlEntryRecord: 'ACLs',
  UserScramCredentialRecord: 'SCRAM credentials',
  DelegationTokenRecord: 'delegation tokens',
  ClientQuotaRecord: 'client quotas',
}
/** Names listed in one sentence. */
const NAMES_MAX = 20

export function importReport(
  { clusterId, metadata }: KafkaSource,
  { nodeIds, missing, strays }: ImportPlan,
  imported: ReadonlyMap<LogToImport, ImportedPartition>,
  isUnderstood: (record: MetadataRecord) => boolean,
): ImportReport {
  const notes: string[] = []
  for (const { cut } of imported.values()) {
    if (cut === null) continue
    notes.push(`${cut.file}: a torn end was left out, from position ${cut.position} (${cut.reason})`)
  }
  if (metadata.cut !== null) {
    notes.push(`${metadata.cut.file}: a torn end was left out, from position ${metadata.cut.position}`)
  }
  if (missing.length > 0) notes.push(`not in these directories, so they begin empty: ${named(missing)}`)
  if (strays.length > 0) notes.push(`of topics that are deleted, and so not imported: ${named(strays)}`)
  const left = new Map<string, number>()
  for (const { kind, bytes } of metadata.state.others.values()) {
    if (!isUnderstood(bytes)) left.set(KINDS[kind] ?? kind, (left.get(KINDS[kind] ?? kind) ?? 0) + 1)
  }
  for (const [kind, count] of left) notes.push(`${count} ${kind} are not taken over: this version does not have them`)
  for (const [type, count] of metadata.state.unknown) {
    notes.push(`${count} metadata records of type ${type} are not known here and were left out`)
  }
  const partitions = imported.size
  const convertedMessages = [...imported.values()].reduce((sum, each) => sum + each.convertedMessages, 0)
  return { clusterId, nodeIds, topics: metadata.state.topics.size, partitions, convertedMessages, notes }
}

function named(names: readonly string[]): string {
  const rest = names.length - NAMES_MAX
  return `${names.slice(0, NAMES_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
