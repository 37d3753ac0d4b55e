import type { Fs } from '@odradek/core'
import type { NamedPartition } from './stored-partitions.ts'

const STRAY_SUFFIX = '.stray'

/** Gives logs without a topic names that no start takes for a partition's, which it would remove. Returns them. */
export async function setStraysAside(fs: Fs, partitions: readonly NamedPartition[]): Promise<string[]> {
  const aside: string[] = []
  for (const { directory, topicName } of partitions) {
    if (topicName !== null) continue
    const path = `${directory}${STRAY_SUFFIX}`
    fs.renameSync(directory, path)
    await fs.syncDirectory(directory.slice(0, directory.lastIndexOf('/')))
    aside.push(path)
  }
  return aside
}
