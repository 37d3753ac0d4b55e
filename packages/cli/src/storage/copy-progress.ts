import type { Host } from '../host.ts'

/** A copy that is done sooner needs no word about it; a longer one says how far it is as often. */
const INTERVAL_MS = 2000
const MEGABYTE = 1_000_000

/** Says on standard error how far a copy is. */
export function copyProgress(host: Host): (copiedBytes: number, totalBytes: number) => void {
  let toldMs = host.clock.monotonicMs()
  return (copiedBytes, totalBytes) => {
    const nowMs = host.clock.monotonicMs()
    if (nowMs - toldMs < INTERVAL_MS) return
    toldMs = nowMs
    const percent = Math.floor((copiedBytes / Math.max(totalBytes, 1)) * 100)
    host.stderr(
      `${Math.floor(copiedBytes / MEGABYTE)} of ${Math.floor(totalBytes / MEGABYTE)} MB copied (${percent} %)\n`,
    )
  }
}
