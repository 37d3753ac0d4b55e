import type { Fs } from '@odradek/core'
import { hasAllOf } from '../directories/file-copy.ts'
import { judgeCopies, type LogCopy, type Verdict } from '../directories/judge-copies.ts'
import { readCopies } from '../directories/move-markers.ts'
import { identityOfDirectory } from '../file-names.ts'
import { identityFaults, type StoredDirectory, type StoredPartition } from './directory-survey.ts'
import type { Finding } from './finding.ts'

export interface SurveyedDirectory {
  readonly path: string
  /** Of `meta.properties`. */
  readonly id: string
  readonly survey: StoredDirectory
}

export interface ChosenCopies {
  /** Each partition once. */
  readonly partitions: readonly StoredPartition[]
  /** Of `partitions`, those whose copies the next start will have to compare: until then neither may be changed. */
  readonly undecided: ReadonlySet<StoredPartition>
  readonly findings: readonly Finding[]
}

/**
 * Which of a partition's directories is its log, as a start would find: a move to another data directory that was
 * interrupted leaves two. `assignedTo`: id of the directory that the metadata has. Changes nothing.
 */
export function chosenCopies(
  fs: Fs,
  directories: readonly SurveyedDirectory[],
  assignedTo: (partition: { readonly topicId: string; readonly partition: number }) => string | undefined,
): ChosenCopies {
  const partitions: StoredPartition[] = []
  const undecided = new Set<StoredPartition>()
  const findings: Finding[] = []
  const copies = new Map<string, LogCopy[]>()
  for (const { path, id } of directories) {
    for (const [name, copy] of readCopies(fs, path, id)) copies.set(name, [...(copies.get(name) ?? []), copy])
  }
  const pathOf = (name: string, { directoryId }: LogCopy) => `${pathOfId(directories, directoryId)}/${name}`
  const byPath = new Map(directories.flatMap(({ survey }) => survey.partitions.map((each) => [each.directory, each])))
  for (const [name, found] of copies) {
    const identity = identityOfDirectory(name)
    if (identity === null) continue
    const isNamed = (id: string) => directories.some((each) => each.id === id)
    const verdict = judgeCopies(found, assignedTo(identity), isNamed)
    const path = (copy: LogCopy) => pathOf(name, copy)
    if (verdict.kind === 'offline') {
      const what = `${verdict.why}: name all of log.dirs`
      findings.push(...found.map((copy): Finding => ({ kind: 'metadata', file: path(copy), what })))
      continue
    }
    const chosen = copyOf(fs, verdict, path)
    const partition = chosen === null ? undefined : byPath.get(path(chosen))
    if (partition === undefined) continue
    partitions.push(partition)
    if (verdict.kind === 'compare') undecided.add(partition)
    findings.push(...identityFaults(fs, partition))
    for (const copy of found.filter((each) => each !== chosen)) {
      const isStray = verdict.kind === 'use' && verdict.strays.includes(copy)
      findings.push({
        kind: isStray ? 'metadata' : 'left-over',
        file: path(copy),
        what: isStray
          ? `is a second log of the partition in ${partition.directory}; the next start sets it aside`
          : `is a copy that an interrupted move has left; ${partition.directory} is the log, and the next start removes the copy`,
      })
    }
  }
  return { partitions, undecided, findings }
}

function copyOf(fs: Fs, verdict: Verdict, path: (copy: LogCopy) => string): LogCopy | null {
  if (verdict.kind === 'use') return verdict.copy
  if (verdict.kind !== 'compare') return null
  const { from, to } = verdict
  return hasAllOf(fs, path(to), path(from), from.synced) ? to : from
}

function pathOfId(directories: readonly SurveyedDirectory[], id: string): string {
  return directories.find((each) => each.id === id)?.path ?? ''
}
