import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Above this a file goes in parts: room is left below the topic's 16 MB for what cannot be compressed. */
const PART_BYTES_MAX = 8 * 1024 * 1024

export interface Part {
  /** The path, or `path#part` for a file sent in several. */
  readonly key: string
  readonly value: Buffer
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Regular files below a folder, sorted, links left out. At most `countMax`, evenly spread over all of them. */
export function filesBelow(folder: string, countMax = Number.POSITIVE_INFINITY): string[] {
  const paths: string[] = []
  const visit = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) paths.push(path)
    }
  }
  visit('')
  paths.sort()
  if (paths.length <= countMax) return paths
  const stride = paths.length / countMax
  return Array.from({ length: countMax }, (_, index) => paths[Math.floor(index * stride)] ?? '')
}

/** What is sent for one file; an empty file is one empty value, not null. */
export function partsOf(folder: string, path: string): Part[] {
  const bytes = readFileSync(join(folder, path))
  if (bytes.length <= PART_BYTES_MAX) return [{ key: path, value: bytes }]
  return Array.from({ length: Math.ceil(bytes.length / PART_BYTES_MAX) }, (_, part) => ({
    key: `${path}#${part}`,
    value: bytes.subarray(part * PART_BYTES_MAX, (part + 1) * PART_BYTES_MAX),
  }))
}
