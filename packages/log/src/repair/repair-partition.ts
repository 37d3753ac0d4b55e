import type { FileHandle, Fs } from '@odradek/core'
import {
  CLEANER_OFFSETS_NAME,
  DAMAGED_SUFFIX,
  LOG_FACTS_NAME,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  RECOVERY_POINTS_NAME,
  REPAIRED_SUFFIX,
  SNAPSHOT_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from '../file-names.ts'
import type { StoredPartition } from '../inspection/directory-survey.ts'
import type { PartitionReport } from '../inspection/partition-inspection.ts'
import { OffsetCheckpoint } from '../offset-checkpoint.ts'
import { ShortWriteError } from '../storage-error.ts'
import type { ByteRange, RepairPlan, SegmentRepair } from './repair-plan.ts'

const COPY_BYTES = 1024 * 1024

export interface Repaired {
  /** Where what was cut out lies now. */
  readonly kept: readonly string[]
  /** Files that the next start makes anew. */
  readonly removed: readonly string[]
}

/**
 * Carries a plan out on a partition that nobody has open. Whenever it is interrupted, each segment is as it was or as it
 * is to be, and what was cut out is on the device before it leaves the log. Offsets are told last.
 * @throws what the file system throws.
 */
export async function repairPartition(
  fs: Fs,
  partition: StoredPartition,
  report: PartitionReport,
  plan: RepairPlan,
): Promise<Repaired> {
  const { directory } = partition
  const kept: string[] = []
  const removed = removeDerived(fs, directory, report, plan)
  // From the end: a log that ends early is noticed, one with a hole is not.
  for (const segment of [...plan.segments].reverse()) {
    kept.push(...(await (segment.isRemoved ? setAside(fs, directory, segment) : rewrite(fs, directory, segment))))
  }
  await saveOffsets(fs, partition, report, plan)
  return { kept, removed }
}

/** What no longer fits the segments, and what was found to be wrong. */
function removeDerived(
  fs: Fs,
  directory: string,
  report: PartitionReport,
  { segments, lostFrom }: RepairPlan,
): string[] {
  const doomed = report.findings.filter(({ kind }) => kind === 'derived-file').map(({ file }) => file)
  for (const { baseOffset } of segments) {
    for (const suffix of [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]) {
      doomed.push(`${directory}/${offsetFileName(baseOffset, suffix)}`)
    }
  }
  for (const name of fs.readdirSync(directory)) {
    // Producers are what the batches before a snapshot made of them: those are not the same any more.
    const isLater = lostFrom !== null && Number(name.slice(0, -SNAPSHOT_SUFFIX.length)) > lostFrom
    if (name.endsWith(SNAPSHOT_SUFFIX) && isLater) doomed.push(`${directory}/${name}`)
  }
  const hasGap = report.findings.some(({ kind }) => kind === 'missing-records')
  if (segments.length > 0 || hasGap) doomed.push(`${directory}/${LOG_FACTS_NAME}`)
  const there = [...new Set(doomed)].filter((path) => fs.statSync(path) !== null)
  for (const path of there) fs.unlinkSync(path)
  return there
}

async function setAside(fs: Fs, directory: string, { baseOffset }: SegmentRepair): Promise<string[]> {
  const path = `${directory}/${offsetFileName(baseOffset, LOG_SUFFIX)}`
  const aside = freeName(fs, path)
  fs.renameSync(path, aside)
  await fs.syncDirectory(directory)
  return [aside]
}

async function rewrite(fs: Fs, directory: string, { baseOffset, cut, keep }: SegmentRepair): Promise<string[]> {
  const path = `${directory}/${offsetFileName(baseOffset, LOG_SUFFIX)}`
  const kept: string[] = []
  const source = fs.openSync(path, 'read')
  try {
    for (const range of cut) {
      kept.push(freeName(fs, `${path}.${range.position}`))
      await copyRanges(fs, source, [range], kept.at(-1) ?? '')
    }
    await copyRanges(fs, source, keep, `${path}${REPAIRED_SUFFIX}`)
  } catch (error) {
    // Most often the disk is full: what nobody needs would make it fuller with each attempt.
    for (const copy of [...kept, `${path}${REPAIRED_SUFFIX}`]) fs.unlinkSync(copy)
    throw error
  } finally {
    source.closeSync()
  }
  await fs.syncDirectory(directory)
  fs.renameSync(`${path}${REPAIRED_SUFFIX}`, path)
  await fs.syncDirectory(directory)
  return kept
}

async function copyRanges(fs: Fs, source: FileHandle, ranges: readonly ByteRange[], path: string): Promise<void> {
  const target = fs.openSync(path, 'create')
  try {
    const buffer = Buffer.allocUnsafe(COPY_BYTES)
    let written = 0
    for (const { position, sizeBytes } of ranges) {
      for (let at = 0; at < sizeBytes; ) {
        const count = source.readSync(buffer, 0, Math.min(COPY_BYTES, sizeBytes - at), position + at)
        if (count === 0) throw new Error(`${source.path} ends at ${position + at}, before what was read of it`)
        const done = target.writeSync([buffer.subarray(0, count)], written)
        if (done !== count) throw new ShortWriteError(path, done, count)
        at += count
        written += count
      }
    }
    await target.datasync()
  } finally {
    target.closeSync()
  }
}

function freeName(fs: Fs, path: string): string {
  let name = `${path}${DAMAGED_SUFFIX}`
  for (let count = 1; fs.statSync(name) !== null; count++) name = `${path}.${count}${DAMAGED_SUFFIX}`
  return name
}

/** The next start must not miss what is gone for good. */
async function saveOffsets(
  fs: Fs,
  partition: StoredPartition,
  report: PartitionReport,
  plan: RepairPlan,
): Promise<void> {
  const home = partition.directory.slice(0, partition.directory.lastIndexOf('/'))
  const endOffset = Math.max(plan.endOffset, report.startOffset)
  const limits = [
    [RECOVERY_POINTS_NAME, endOffset],
    [CLEANER_OFFSETS_NAME, Math.min(endOffset, plan.lostFrom ?? endOffset)],
  ] as const
  for (const [name, limit] of limits) {
    const checkpoint = new OffsetCheckpoint(fs, home, name, true)
    if ((checkpoint.get(partition) ?? 0) <= limit) continue
    checkpoint.set(partition, limit)
    await checkpoint.save()
  }
}
