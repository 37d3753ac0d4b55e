import type { Fs, Logger } from '@odradek/core'

/** Bits of a file's mode that let others than its owner and group read or change it. */
const OTHERS = 0o006

/** Says so when everybody on the machine can read a file that holds secrets. Where the system knows no modes, nothing is said. */
export function warnOfReadable(fs: Fs, logger: Logger, path: string): void {
  const mode = fs.statSync(path)?.mode
  if (mode === undefined || (mode & OTHERS) === 0) return
  logger.warn('a file with secrets can be read by everybody on this machine: chmod o-rwx it', { path })
}
