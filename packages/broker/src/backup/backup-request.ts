import type { Fs } from '@odradek/core'
import type { BackupSummary } from '@odradek/log'

/** Whoever may write into the data directory may ask for a backup, from the same container or not, and nobody else. */
const REQUEST_NAME = '.odradek-backup-request'
/** What became of it, with the request's id after it. */
export const RESULT_PREFIX = '.odradek-backup-result-'

export interface BackupRequest {
  readonly id: string
  /** Absolute. */
  readonly target: string
  readonly bytesPerSecondMax: number
}

export type BackupResult =
  | { readonly ok: true; readonly summary: BackupSummary }
  | { readonly ok: false; readonly message: string }

/** Leaves the request for the broker that uses `directory`. */
export function askForBackup(fs: Fs, directory: string, request: BackupRequest): void {
  writeWhole(fs, `${directory}/${REQUEST_NAME}`, JSON.stringify(request))
}

/** Id of the request that no broker has taken yet; null when there is none. */
export function waitingRequest(fs: Fs, directory: string): string | null {
  const request = parsed(fs.readFileSync(`${directory}/${REQUEST_NAME}`))
  return isRequest(request) ? request.id : null
}

/** Takes a request that no broker has taken back. False when one has. */
export function withdrawRequest(fs: Fs, directory: string): boolean {
  const path = `${directory}/${REQUEST_NAME}`
  if (fs.statSync(path) === null) return false
  fs.unlinkSync(path)
  return true
}

/** Takes the request out of the directory; null when there is none that makes sense. */
export function takeRequest(fs: Fs, directory: string): BackupRequest | null {
  const path = `${directory}/${REQUEST_NAME}`
  if (fs.statSync(path) === null) return null
  const request = parsed(fs.readFileSync(path))
  fs.unlinkSync(path)
  return isRequest(request) ? request : null
}

export function answerRequest(fs: Fs, directory: string, id: string, result: BackupResult): void {
  writeWhole(fs, `${directory}/${RESULT_PREFIX}${id}`, JSON.stringify(result))
}

/** Takes the answer out of the directory; null while there is none. */
export function takeAnswer(fs: Fs, directory: string, id: string): BackupResult | null {
  const path = `${directory}/${RESULT_PREFIX}${id}`
  const answer = parsed(fs.readFileSync(path))
  if (!isResult(answer)) return null
  fs.unlinkSync(path)
  return answer
}

function writeWhole(fs: Fs, path: string, text: string): void {
  const bytes = Buffer.from(text)
  const handle = fs.openSync(`${path}.tmp`, 'create')
  try {
    if (handle.writeSync([bytes], 0) < bytes.length) throw new Error('no space left on the device')
  } finally {
    handle.closeSync()
  }
  fs.renameSync(`${path}.tmp`, path)
}

function parsed(bytes: Uint8Array | null): unknown {
  try {
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return null
  }
}

function isRequest(value: unknown): value is BackupRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    /^[\w-]{1,64}$/.test(value.id) &&
    'target' in value &&
    typeof value.target === 'string' &&
    'bytesPerSecondMax' in value &&
    typeof value.bytesPerSecondMax === 'number' &&
    value.bytesPerSecondMax > 0
  )
}

function isResult(value: unknown): value is BackupResult {
  return (
    typeof value === 'object' && value !== null && 'ok' in value && (value.ok === true ? 'summary' : 'message') in value
  )
}
