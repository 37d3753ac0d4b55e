/**
 * The operating system's code of an error (`ENOSPC`), or null when it has none. Asked of the value and not of its class:
 * test runners give Node's own errors another one.
 */
export function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null
}

export function errorText(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}

/** Errors that end by themselves once space or file handles are free: the log stays good, this call fails. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE', 'ENOMEM'])

export function isPassing(error: unknown): boolean {
  return PASSING.has(errorCode(error) ?? '')
}

export function isOutOfSpace(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

export function isOutOfFiles(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'EMFILE' || code === 'ENFILE'
}

/** A write that ended early: what a full disk does before it says so. */
export class ShortWriteError extends Error {
  override readonly name = 'ShortWriteError'
  readonly code = 'ENOSPC'

  constructor(path: string, writtenBytes: number, askedBytes: number) {
    super(
      `only ${writtenBytes} of ${askedBytes} bytes could be written to ${path}: its disk is full, or files may not be so large`,
    )
  }
}
