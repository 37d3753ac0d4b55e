import { type Clock, type Fs, type Logger, nodeId, type Prng, topicId } from '@odradek/core'
import { diskLogStore } from '@odradek/log'
import { MetadataImage } from './metadata-image.ts'
import { MetadataLog } from './metadata-log.ts'
import { type MetadataRecord, partitionChangeRecord, producerIdsRecord } from './metadata-records.ts'
import { readStoredCluster } from './stored-cluster.ts'

/** Ids that may have been given away by records of the metadata log that are lost. */
const LOST_PRODUCER_IDS = 1_000_000n

/** A partition that was cut: clients notice by a leader epoch that they have not seen (KIP-320). */
export interface EpochToRaise {
  readonly topicId: string
  readonly partition: number
  /** The highest epoch that its log has had. */
  readonly above: number
}

export interface StoredMetadataOptions {
  readonly fs: Fs
  /** With the metadata log; locked by the caller, and no broker uses it. */
  readonly directory: string
  readonly clock: Clock
  readonly prng: Prng
  readonly logger: Logger
}

/**
 * Writes to the metadata log of a stopped broker what a repair makes necessary. Durable when it resolves.
 * @throws MetadataLogError
 */
export async function reviseStoredMetadata(
  options: StoredMetadataOptions,
  epochs: readonly EpochToRaise[],
  metadataWasCut: boolean,
): Promise<void> {
  const { fs, directory, clock } = options
  const { properties } = readStoredCluster(fs, directory)
  const store = diskLogStore(options)
  try {
    const log = await MetadataLog.open(store, 'device', clock)
    const image = new MetadataImage(properties.clusterId)
    await log.replay((records, endOffset) => image.apply(records, endOffset))
    const records = epochs.flatMap((each) => raise(image, each))
    const node = nodeId(properties.nodeId)
    if (metadataWasCut) records.push(producerIdsRecord(node, 0n, image.nextProducerId + LOST_PRODUCER_IDS))
    if (records.length > 0) await Promise.all([log.lead(node), log.write(records)])
    await log.close()
  } finally {
    await store.close()
  }
}

/** Every record of a change of leader, even to the same one, raises the epoch by one. */
function raise(image: MetadataImage, { topicId: id, partition, above }: EpochToRaise): MetadataRecord[] {
  const view = image.topicById(topicId(id))?.partitions[partition]
  if (view === undefined) return []
  const count = Math.max(1, above + 1 - view.leaderEpoch)
  const change = partitionChangeRecord({ topicId: topicId(id), index: partition, leader: view.leader })
  return Array.from({ length: count }, () => change)
}
