import type { Fs } from '@odradek/core'
import { BufferPool } from '../buffer-pool.ts'
import { readCheckpointText, readNumbers, writeCheckpointText } from '../checkpoint-text.ts'
import {
  baseOffsetOfName,
  identityOfDirectory,
  LOG_SUFFIX,
  offsetFileName,
  RECOVERY_POINTS_NAME,
} from '../file-names.ts'
import { LazyFile, OpenFiles } from '../fs/open-files.ts'
import { readRanges } from '../range-reader.ts'
import { SegmentScan } from '../segment-scan.ts'
import type { DirectoryCut } from './directory-cut.ts'

interface CutSegment {
  readonly baseOffset: number
  readonly sizeBytes: number
}

/**
 * The recovery points of a copy: all of it is on the device, up to the last whole batch of each log. With the source's own,
 * which are older, what is damaged later in the copy could pass for the torn tail of a crash. Reads the copy in `directory`
 * from the source's points on, as a start on the source would.
 */
export async function recoveryPointsOfCopy(fs: Fs, cut: DirectoryCut, directory: string): Promise<Uint8Array> {
  const points = savedPoints(cut)
  for (const [partition, segments] of segmentsByPartition(cut)) {
    const identity = identityOfDirectory(partition)
    if (identity === null) continue
    const key = `${identity.topicId} ${identity.partition}`
    const saved = points.get(key) ?? null
    points.set(key, Math.max(saved ?? 0, await endOf(fs, `${directory}/${partition}`, segments, saved)))
  }
  return Buffer.from(writeCheckpointText([...points].map(([key, offset]) => `${key} ${offset}`)))
}

function savedPoints({ texts }: DirectoryCut): Map<string, number> {
  const bytes = texts.find(({ path }) => path === RECOVERY_POINTS_NAME)?.bytes
  const points = new Map<string, number>()
  for (const line of readCheckpointText(Buffer.from(bytes ?? '').toString()) ?? []) {
    const at = line.lastIndexOf(' ')
    const [offset] = readNumbers(line.slice(at + 1), 1, 0) ?? []
    if (at > 0 && offset !== undefined) points.set(line.slice(0, at), offset)
  }
  return points
}

function segmentsByPartition({ logs }: DirectoryCut): ReadonlyMap<string, readonly CutSegment[]> {
  const found = new Map<string, CutSegment[]>()
  for (const { path, sizeBytes } of logs) {
    const [partition = '', name = ''] = path.split('/')
    const baseOffset = baseOffsetOfName(name)
    // A segment that is to be swapped in ends where one that is there ends.
    if (baseOffset === null) continue
    const segments = found.get(partition) ?? []
    segments.push({ baseOffset, sizeBytes })
    found.set(partition, segments)
  }
  for (const segments of found.values()) segments.sort((a, b) => a.baseOffset - b.baseOffset)
  return found
}

/** Offset after the last batch that a start on the source would keep. */
async function endOf(
  fs: Fs,
  directory: string,
  segments: readonly CutSegment[],
  saved: number | null,
): Promise<number> {
  const pool = new BufferPool()
  let endOffset: number | null = null
  for (const [index, { baseOffset, sizeBytes }] of segments.entries()) {
    const next = segments[index + 1]
    if (next !== undefined && next.baseOffset <= (saved ?? 0)) continue
    // Written after what is missing, and not known to be on the device: see LogLoader.
    const isAfterGap = endOffset !== null && baseOffset > endOffset && saved !== null && baseOffset > saved
    if (isAfterGap) break
    endOffset = baseOffset
    if (sizeBytes === 0) continue
    const scan = await scanned(
      fs,
      `${directory}/${offsetFileName(baseOffset, LOG_SUFFIX)}`,
      { baseOffset, sizeBytes },
      pool,
    )
    endOffset = scan.endOffset
    if (scan.fault !== null) break
  }
  return endOffset ?? 0
}

async function scanned(fs: Fs, path: string, segment: CutSegment, pool: BufferPool): Promise<SegmentScan> {
  const files = new OpenFiles(fs, 1)
  const file = new LazyFile(path, 'read')
  const scan = new SegmentScan({
    ...{ ...segment, fromPosition: 0, checksums: true },
    ...{ wantsWhole: () => true, visit: () => false },
  })
  try {
    pool.give(await readRanges(scan, file, files, pool))
  } finally {
    files.close(file)
  }
  return scan
}
