import type { Clock, Fs } from '@odradek/core'
import { RECOVERY_POINTS_NAME } from '../file-names.ts'
import { BackupError, writeManifest } from './backup-manifest.ts'
import { type CopiedFile, type CopyOptions, copyFile, syncDirectories, writeFile } from './checked-copy.ts'
import { recoveryPointsOfCopy } from './cut-ends.ts'
import { type DirectoryCut, DirectoryScan } from './directory-cut.ts'
import type { FileHold, HoldingFs } from './holding-fs.ts'
import { paceOf } from './pace.ts'

/** How often what has changed is looked at again before the cut, each time less: the look at all takes the longest. */
const CATCH_UP_ROUNDS = 2

export interface BackupOptions {
  readonly fs: Fs
  /** Of one broker. */
  readonly directories: readonly string[]
  /** Missing or empty. */
  readonly target: string
  /** Of the data directory, without which nothing starts on it: copied last. */
  readonly identityFile: string
  readonly clock: Clock
  readonly softwareVersion: string
  /** Null: as fast as it goes. */
  readonly bytesPerSecondMax: number | null
  /** What the logs are written through, which keeps the files of the cut while they are copied; null where nobody writes. */
  readonly holding: HoldingFs | null
  /** Asked between pieces: the process wants to end. */
  readonly isStopped: () => boolean
}

export interface BackupSummary {
  readonly partitions: number
  readonly files: number
  readonly bytes: number
  /** How long everything else stood still for it. */
  readonly cutMs: number
  readonly durationMs: number
}

/**
 * Copies all logs as they are at one moment. On the device, manifest last, when it resolves; on failure nothing is left.
 * @throws BackupError, or what the file system throws.
 */
export async function takeBackup(options: BackupOptions): Promise<BackupSummary> {
  const { clock, fs, softwareVersion, target } = options
  refuseTarget(fs, target)
  fs.mkdirSync(target)
  const startedMs = clock.monotonicMs()
  const takenAtMs = clock.wallMs()
  let hold: FileHold | null = null
  try {
    const taken = await cutAll(options)
    const { cuts, cutMs } = taken
    hold = taken.hold
    const files = await copyAll(options, cuts, (path) => taken.hold?.pathOf(path) ?? path)
    // While one moves it has two directories.
    const partitions = new Set(cuts.flatMap((cut) => cut.partitions)).size
    const bytes = files.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
    await writeManifest(fs, target, { softwareVersion, takenAtMs, directories: cuts.length, partitions, files })
    return { partitions, files: files.length, bytes, cutMs, durationMs: clock.monotonicMs() - startedMs }
  } catch (error) {
    await fs.removeDirectory(target).catch(() => {})
    throw error
  } finally {
    hold?.release()
  }
}

interface CutOfAll {
  readonly cuts: readonly DirectoryCut[]
  readonly hold: FileHold | null
  readonly cutMs: number
}

async function cutAll(options: BackupOptions): Promise<CutOfAll> {
  const { clock, directories, fs, holding, identityFile } = options
  const turn = paceOf(clock, null, () => refuseToGoOn(options))
  const scans = directories.map((directory) => new DirectoryScan(fs, directory, [identityFile]))
  holding?.watch()
  try {
    for (const scan of scans) await scan.look(() => turn(0))
    for (let round = 0; round < CATCH_UP_ROUNDS && holding !== null; round++) {
      const touched = holding.takeTouched()
      for (const scan of scans) scan.update(touched)
      await turn(0)
    }
    // From here on nobody else has a turn until the files are held.
    const startedMs = clock.monotonicMs()
    const touched = holding?.takeTouched() ?? new Set<string>()
    for (const scan of scans) scan.update(touched)
    const cuts = scans.map((scan) => scan.cut())
    const hold = holding?.hold(new Map(cuts.flatMap(({ names }) => [...names]))) ?? null
    return { cuts, hold, cutMs: clock.monotonicMs() - startedMs }
  } finally {
    holding?.endWatch()
  }
}

function refuseToGoOn({ isStopped }: BackupOptions): void {
  if (isStopped()) throw new BackupError('the broker was stopped before the backup was finished')
}

async function copyAll(
  options: BackupOptions,
  cuts: readonly DirectoryCut[],
  pathOf: (path: string) => string,
): Promise<readonly CopiedFile[]> {
  const { clock, fs, identityFile, target } = options
  const pace = paceOf(clock, options.bytesPerSecondMax, () => refuseToGoOn(options))
  const copy: CopyOptions = { fs, to: target, pace }
  const files: CopiedFile[] = []
  for (const [index, cut] of cuts.entries()) {
    const { directory, logs, smallFiles, texts } = cut
    const prefix = prefixOf(index, cuts.length)
    for (const { path, sizeBytes } of logs) {
      const source = fs.openSync(pathOf(`${directory}/${path}`), 'read')
      try {
        files.push(await copyFile(copy, source, sizeBytes, `${prefix}${path}`))
      } finally {
        source.closeSync()
      }
    }
    for (const path of smallFiles) {
      const bytes = fs.readFileSync(pathOf(`${directory}/${path}`))
      if (bytes !== null) files.push(await writeFile(copy, bytes, `${prefix}${path}`))
    }
    for (const { path, bytes } of texts) {
      if (path === identityFile || path === RECOVERY_POINTS_NAME) continue
      files.push(await writeFile(copy, bytes, `${prefix}${path}`))
    }
    const points = await recoveryPointsOfCopy(fs, cut, `${target}/${prefix}`.replace(/\/$/, ''))
    files.push(await writeFile(copy, points, `${prefix}${RECOVERY_POINTS_NAME}`))
  }
  await syncDirectories(copy, files)
  for (const [index, { texts }] of cuts.entries()) {
    const identity = texts.find(({ path }) => path === identityFile)
    if (identity === undefined) throw new BackupError(`${identityFile} is missing: nothing could start on the backup`)
    files.push(await writeFile(copy, identity.bytes, `${prefixOf(index, cuts.length)}${identityFile}`))
  }
  await syncDirectories(copy, files)
  return files
}

export function prefixOf(index: number, directories: number): string {
  return directories === 1 ? '' : `${index}/`
}

function refuseTarget(fs: Fs, target: string): void {
  const stat = fs.statSync(target)
  if (stat !== null && !stat.isDirectory) throw new BackupError(`${target} is a file; name a directory`)
  if (fs.readdirSync(target).length > 0) throw new BackupError(`${target} is not empty; name a new directory`)
}
