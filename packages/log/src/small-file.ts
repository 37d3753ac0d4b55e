import type { Fs } from '@odradek/core'
import { TEMPORARY_SUFFIX } from './file-names.ts'
import { ShortWriteError } from './storage-error.ts'

function writeTemporary(fs: Fs, path: string, content: string | Uint8Array): ReturnType<Fs['openSync']> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const handle = fs.openSync(`${path}${TEMPORARY_SUFFIX}`, 'create')
  try {
    const written = handle.writeSync([bytes], 0)
    if (written !== bytes.byteLength) throw new ShortWriteError(path, written, bytes.byteLength)
    return handle
  } catch (error) {
    handle.closeSync()
    fs.unlinkSync(`${path}${TEMPORARY_SUFFIX}`)
    throw error
  }
}

/** Replaces a file as a whole: a process that dies meanwhile leaves the old content or the new. A power cut may leave none. */
export function replaceFile(fs: Fs, path: string, content: string | Uint8Array): void {
  writeTemporary(fs, path, content).closeSync()
  fs.renameSync(`${path}${TEMPORARY_SUFFIX}`, path)
}

/** As `replaceFile`, and on the device, name and all, when it resolves. */
export async function replaceFileDurably(
  fs: Fs,
  directory: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const path = `${directory}/${name}`
  const handle = writeTemporary(fs, path, content)
  try {
    await handle.datasync()
  } finally {
    handle.closeSync()
  }
  fs.renameSync(`${path}${TEMPORARY_SUFFIX}`, path)
  await fs.syncDirectory(directory)
}
