import type { BackupSummary } from '@odradek/log'
import { RequestFiles } from '../operator/request-files.ts'

export interface BackupRequest {
  readonly id: string
  /** Absolute. */
  readonly target: string
  readonly bytesPerSecondMax: number
}

export type BackupResult =
  | { readonly ok: true; readonly summary: BackupSummary }
  | { readonly ok: false; readonly message: string }

/** `odradek storage backup` to a broker that runs. */
export const backupRequests = new RequestFiles<BackupRequest, BackupResult>('backup', isRequest, isResult)

function isRequest(value: object): value is BackupRequest {
  return (
    'id' in value &&
    typeof value.id === 'string' &&
    'target' in value &&
    typeof value.target === 'string' &&
    'bytesPerSecondMax' in value &&
    typeof value.bytesPerSecondMax === 'number' &&
    value.bytesPerSecondMax > 0
  )
}

function isResult(value: object): value is BackupResult {
  return 'ok' in value && (value.ok === true ? 'summary' : 'message') in value
}
