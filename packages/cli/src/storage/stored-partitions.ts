import { METADATA_TOPIC_ID, readStoredCluster, type StoredCluster } from '@odradek/broker'
import { type Fs, topicId } from '@odradek/core'
import {
  chosenCopies,
  type Finding,
  isUnassigned,
  type StoredPartition,
  type SurveyedDirectory,
  surveyDirectory,
} from '@odradek/log'
import { UsageError } from '../usage-error.ts'

const METADATA_TOPIC_NAME = '__cluster_metadata'

/** A partition with the name that the metadata has for its topic. */
export interface NamedPartition extends StoredPartition {
  /** Null: the metadata does not have it. */
  readonly topicName: string | null
  /** Two copies of it are left of a move, and which one is the log only a start may decide. */
  readonly isUndecided: boolean
}

export interface StoredPartitions {
  readonly cluster: StoredCluster
  readonly partitions: readonly NamedPartition[]
  /** About what belongs to no partition. */
  readonly findings: readonly Finding[]
}

/** All partitions below the directories of one broker, the metadata log first. Changes nothing. */
export function storedPartitions(fs: Fs, directories: readonly string[]): StoredPartitions {
  const surveys = directories.map((path): SurveyedDirectory => {
    return { path, id: readStoredCluster(fs, path).properties.directoryId, survey: surveyDirectory(fs, path) }
  })
  refuseTwins(surveys)
  const home = surveys.find(({ survey }) => survey.partitions.some(isMetadata))?.path ?? directories[0] ?? ''
  const cluster = readStoredCluster(fs, home)
  const chosen = chosenCopies(fs, surveys, ({ topicId: id, partition }) => {
    return cluster.image.topicById(topicId(id))?.partitions[partition]?.directoryId
  })
  const partitions = chosen.partitions.map((partition) => ({
    ...partition,
    topicName: nameOf(cluster, partition),
    isUndecided: chosen.undecided.has(partition),
  }))
  partitions.sort((a, b) => sortKey(a).localeCompare(sortKey(b)) || a.partition - b.partition)
  const findings = [
    ...surveys.flatMap(({ survey }) => survey.findings),
    ...chosen.findings,
    ...metadataFaults(cluster, home, partitions),
    ...strays(cluster, partitions),
    ...missing(cluster, home, surveys),
  ]
  return { cluster, partitions, findings }
}

export function shownName({ topicName, topicId: id, partition }: NamedPartition): string {
  return `${topicName ?? id}-${partition}`
}

export function isMetadata({ topicId: id }: StoredPartition): boolean {
  return id === METADATA_TOPIC_ID
}

function nameOf({ image }: StoredCluster, partition: StoredPartition): string | null {
  if (isMetadata(partition)) return METADATA_TOPIC_NAME
  const topic = image.topicById(topicId(partition.topicId))
  return topic?.partitions[partition.partition] === undefined ? null : topic.name
}

function sortKey(partition: NamedPartition): string {
  return isMetadata(partition) ? '' : `1${partition.topicName ?? partition.topicId}`
}

function metadataFaults({ fault }: StoredCluster, home: string, found: readonly StoredPartition[]): Finding[] {
  const file = found.find(isMetadata)?.directory
  if (file === undefined) {
    return [
      { kind: 'metadata', file: home, what: 'the metadata log is missing: nobody knows the topics of these logs' },
    ]
  }
  return fault === null ? [] : [{ kind: 'metadata', file, what: fault }]
}

function strays({ image }: StoredCluster, partitions: readonly NamedPartition[]): Finding[] {
  const [any] = image.topics()
  const then = any === undefined ? 'it is kept, since the metadata has no topic at all' : 'the next start removes it'
  return partitions
    .filter(({ topicName }) => topicName === null)
    .map(({ directory }) => ({
      kind: any === undefined ? 'metadata' : 'left-over',
      file: directory,
      what: `is of a topic or partition that the metadata does not have; ${then}`,
    }))
}

/** @throws UsageError when one directory is a copy of another. */
function refuseTwins(directories: readonly SurveyedDirectory[]): void {
  for (const [index, { path, id }] of directories.entries()) {
    const twin = directories.slice(0, index).find((each) => each.id === id)
    if (twin === undefined) continue
    throw new UsageError(
      `${twin.path} and ${path} have the same directory.id: one is a copy of the other, name only one`,
    )
  }
}

/** A partition that has never been flushed has no promise to keep: the next start makes its directory. */
function missing({ image }: StoredCluster, home: string, surveys: readonly SurveyedDirectory[]): Finding[] {
  const there = new Set(surveys.flatMap(({ survey }) => survey.partitions.map(keyOf)))
  const named = new Set(surveys.map(({ id }) => id))
  return Array.from(image.topics()).flatMap((topic) =>
    topic.partitions.flatMap(({ index, directoryId }): Finding[] => {
      const partition = { topicId: topic.id, partition: index }
      if (there.has(keyOf(partition))) return []
      if (directoryId !== undefined && !isUnassigned(directoryId) && !named.has(directoryId)) {
        const place = `lies in the directory with id ${directoryId}, which is not among these`
        return [{ kind: 'metadata', file: home, what: `${topic.name}-${index} ${place}: name all of log.dirs` }]
      }
      const recoveryPoint = Math.max(...surveys.map(({ survey }) => survey.recoveryPointOf(partition)))
      const what = `${topic.name}-${index} has no directory; the next start makes it anew, without records`
      if (recoveryPoint === 0) return [{ kind: 'left-over', file: home, what }]
      return [{ kind: 'metadata', file: home, what: `${what}: there were some up to offset ${recoveryPoint}` }]
    }),
  )
}

function keyOf({ topicId: id, partition }: { readonly topicId: string; readonly partition: number }): string {
  return `${id} ${partition}`
}
