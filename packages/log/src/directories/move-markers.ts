import type { Fs } from '@odradek/core'
import { identityOfDirectory } from '../file-names.ts'
import { replaceFile, replaceFileDurably } from '../small-file.ts'
import type { LogCopy } from './judge-copies.ts'

// Files beside a partition's directory, of the same name, that say what it is while the log moves from one data directory
// to another. Without any it is the log.
/** Here is a copy that is still being made, or that has not yet been told apart from the log it was made from. */
const FUTURE_SUFFIX = '.future'
/** What `.moved` will say: one rename makes it so. */
const MOVING_SUFFIX = '.moving'
/** The log was here; it goes on where this file says, and what is here is kept until that is safe. */
const MOVED_SUFFIX = '.moved'
const MARKS: readonly string[] = [FUTURE_SUFFIX, MOVING_SUFFIX, MOVED_SUFFIX]

/** Bytes of each segment's file, by its name, that the copy had on the device before the log went over to it. */
export type SyncedBytes = ReadonlyMap<string, number>

export function markFuture(fs: Fs, directory: string, name: string): void {
  replaceFile(fs, `${directory}/${name}${FUTURE_SUFFIX}`, 'version: 0\n')
}

export function unmarkFuture(fs: Fs, directory: string, name: string): void {
  fs.unlinkSync(`${directory}/${name}${FUTURE_SUFFIX}`)
}

/** On the device when it resolves, so that `markMoved` is one change. */
export async function prepareMoved(
  fs: Fs,
  directory: string,
  name: string,
  to: string,
  synced: SyncedBytes,
): Promise<void> {
  const lines = ['version: 0', `to: ${to}`, ...Array.from(synced, ([file, bytes]) => `synced: ${file} ${bytes}`)]
  await replaceFileDurably(fs, directory, `${name}${MOVING_SUFFIX}`, `${lines.join('\n')}\n`)
}

export function markMoved(fs: Fs, directory: string, name: string): void {
  fs.renameSync(`${directory}/${name}${MOVING_SUFFIX}`, `${directory}/${name}${MOVED_SUFFIX}`)
}

export function unmarkMoved(fs: Fs, directory: string, name: string): void {
  fs.unlinkSync(`${directory}/${name}${MOVED_SUFFIX}`)
  fs.unlinkSync(`${directory}/${name}${MOVING_SUFFIX}`)
}

/** All copies of logs in a data directory, by the name of their own. Marks of what is not there any more are removed. */
export function copiesIn(fs: Fs, directory: string, directoryId: string): ReadonlyMap<string, LogCopy> {
  const names = fs.readdirSync(directory)
  const present = new Set(names)
  for (const name of names) {
    const suffix = MARKS.find((each) => name.endsWith(each))
    if (suffix === undefined) continue
    if (suffix === MOVING_SUFFIX || !present.has(name.slice(0, -suffix.length))) fs.unlinkSync(`${directory}/${name}`)
  }
  return readCopies(fs, directory, directoryId)
}

/** As `copiesIn`, and changes nothing. */
export function readCopies(fs: Fs, directory: string, directoryId: string): ReadonlyMap<string, LogCopy> {
  const names = fs.readdirSync(directory)
  const present = new Set(names)
  const copies = new Map<string, LogCopy>()
  for (const name of names) {
    if (identityOfDirectory(name) === null) continue
    const isFuture = present.has(`${name}${FUTURE_SUFFIX}`)
    const moved = present.has(`${name}${MOVED_SUFFIX}`) ? readMoved(fs, `${directory}/${name}${MOVED_SUFFIX}`) : null
    copies.set(name, { directoryId, isFuture, movedTo: moved?.to ?? null, synced: moved?.synced ?? new Map() })
  }
  return copies
}

/** Whether a file says which of several copies of a log is the log. */
export function isMoveMark(name: string): boolean {
  return [FUTURE_SUFFIX, MOVED_SUFFIX].some((suffix) => {
    return name.endsWith(suffix) && identityOfDirectory(name.slice(0, -suffix.length)) !== null
  })
}

function readMoved(fs: Fs, path: string): { readonly to: string; readonly synced: SyncedBytes } | null {
  const text = Buffer.from(fs.readFileSync(path) ?? '').toString()
  const to = /^to: (\S+)$/m.exec(text)?.[1]
  if (to === undefined) return null
  const rows = text.matchAll(/^synced: (\S+) (\d+)$/gm)
  return { to, synced: new Map(Array.from(rows, ([, file = '', bytes]) => [file, Number(bytes)])) }
}
