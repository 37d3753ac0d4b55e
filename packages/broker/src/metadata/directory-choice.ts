import type { ClusterView } from '../cluster-view.ts'

/** The data directories of the process, as far as new partitions are concerned. */
export interface NodeDirectories {
  /** Ids of those that work, in the order in which they are configured; at least one. */
  online(): readonly string[]
  /** Of those the ones that take new partitions; there may be none. (KIP-1066) */
  open(): readonly string[]
  /** Id of the directory that somebody asked for before the partition was there. (KIP-113) */
  wished(topicName: string, partition: number): string | null
}

/** Chooses a directory for one new partition after the other. */
export type ChooseDirectory = (topicName: string, partition: number) => string

/** What Kafka's ids begin with: no directory has been chosen. (KIP-858) */
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAA'

/** As Kafka does it: the directory with the fewest partitions, the first of several. Null when none takes new ones. */
export function directoryChooser(
  directories: NodeDirectories,
  cluster: Pick<ClusterView, 'topics'>,
): ChooseDirectory | null {
  const open = directories.open()
  if (open.length === 0 && directories.online().length > 0) return null
  const counts = new Map(open.map((id) => [id, 0]))
  if (open.length > 1) countPartitions(cluster, counts)
  return (topicName, partition) => {
    const chosen = directories.wished(topicName, partition) ?? fewest(counts)
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
    return chosen
  }
}

function countPartitions(cluster: Pick<ClusterView, 'topics'>, counts: Map<string, number>): void {
  for (const { partitions } of cluster.topics()) {
    for (const { directoryId } of partitions) {
      const count = counts.get(directoryId ?? '')
      if (directoryId !== undefined && count !== undefined) counts.set(directoryId, count + 1)
    }
  }
}

function fewest(counts: ReadonlyMap<string, number>): string {
  let best = UNASSIGNED
  let bestCount = Number.POSITIVE_INFINITY
  for (const [id, count] of counts) {
    if (count >= bestCount) continue
    best = id
    bestCount = count
  }
  return best
}
