import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from './tap.ts'

const LOG_OVERHEAD_BYTES = 12

export type Fingerprints = ReadonlyMap<string, number>

function fingerprintsOf(directory: string): Map<string, number> {
  const prints = new Map<string, number>()
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.log'))) {
    const bytes = readFileSync(join(directory, file))
    for (let at = 0; at < bytes.length; ) {
      const size = bytes.readInt32BE(at + 8) + LOG_OVERHEAD_BYTES
      const print = fingerprint(bytes.subarray(at, at + size))
      prints.set(print, (prints.get(print) ?? 0) + 1)
      at += size
    }
  }
  return prints
}

/** All batches on disk in those partitions that hold at least one of the `sent` ones. */
export function fingerprintsOnDisk(dataDirectory: string, sent: Fingerprints): Fingerprints {
  const found = new Map<string, number>()
  for (const entry of readdirSync(dataDirectory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const prints = fingerprintsOf(join(dataDirectory, entry.name))
    if (![...prints.keys()].some((print) => sent.has(print))) continue
    for (const [print, count] of prints) found.set(print, (found.get(print) ?? 0) + count)
  }
  return found
}

/** How many batches one side has and the other has not. */
export function differences(a: Fingerprints, b: Fingerprints): number {
  let count = 0
  for (const print of new Set([...a.keys(), ...b.keys()])) count += Math.abs((a.get(print) ?? 0) - (b.get(print) ?? 0))
  return count
}
