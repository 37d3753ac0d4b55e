import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const packageDirectory = fileURLToPath(new URL('../..', import.meta.url))

/** Where the layouts of this repository are. */
export const specsDirectory = join(packageDirectory, '../../protocol-specs')

/** Where the packed vectors of this repository are. */
export const vectorsDirectory = join(packageDirectory, 'vectors')

/** Lines of one file of vectors. */
export function packedLines(name: 'messages' | 'headers' | 'internal-records', directory = vectorsDirectory): string[] {
  const text = gunzipSync(readFileSync(join(directory, `${name}.ndjson.gz`))).toString('utf8')
  return text.trimEnd().split('\n')
}
