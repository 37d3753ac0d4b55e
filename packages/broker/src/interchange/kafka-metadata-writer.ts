import { type Clock, type Fs, type NodeId, timestamp } from '@odradek/core'
import { replaceFileDurably } from '@odradek/log'
import { buildBatch } from '@odradek/records'
import { leaderChange, METADATA_TOPIC_ID } from '../metadata/metadata-log.ts'
import { inBatches } from '../metadata/record-batches.ts'
import type { ClusterState } from './cluster-state.ts'
import { type Destination, recordsOfState } from './state-records.ts'

export interface KafkaMetadataToWrite {
  readonly fs: Fs
  readonly clock: Clock
  /** The log directory of Kafka's that is being made. */
  readonly directory: string
  readonly state: ClusterState
  readonly nodeId: NodeId
  readonly directoryId: string
}

/** Of the one leader that the log has had; Kafka's node begins the next one. */
const EPOCH = 1

/** What a Kafka 4.4 has after its own format command; a level that our metadata has finalized counts more. */
const FEATURES_OF_KAFKA_4_4: ReadonlyMap<string, number> = new Map([
  ['metadata.version', 33],
  ['eligible.leader.replicas.version', 1],
  ['group.version', 1],
  ['share.version', 2],
  ['streams.version', 1],
  ['transaction.version', 2],
])

/** Writes `__cluster_metadata-0`: a change of leader, then every lasting fact; the static voters are Kafka's settings to name. */
export async function writeKafkaMetadata(options: KafkaMetadataToWrite): Promise<void> {
  const { fs, clock, state, nodeId } = options
  const directory = `${options.directory}/__cluster_metadata-0`
  fs.mkdirSync(directory)
  const now = timestamp(BigInt(Math.trunc(clock.wallMs())))
  const batches: Uint8Array[] = []
  let nextOffset = 0
  const add = (records: readonly { key: Uint8Array | null; value: Uint8Array }[], isControl: boolean) => {
    const timed = records.map((record) => ({ ...record, timestamp: now }))
    batches.push(buildBatch({ records: timed, isControl, baseOffset: nextOffset, partitionLeaderEpoch: EPOCH }))
    nextOffset += records.length
  }
  add([leaderChange(nodeId)], true)
  for (const batch of inBatches(recordsOfState(state, destination(options)))) {
    add(
      batch.map((value) => ({ key: null, value })),
      false,
    )
  }
  await replaceFileDurably(fs, directory, 'partition.metadata', `version: 0\ntopic_id: ${METADATA_TOPIC_ID}`)
  await replaceFileDurably(fs, directory, 'leader-epoch-checkpoint', `0\n1\n${EPOCH} 0\n`)
  await replaceFileDurably(fs, directory, `${'0'.repeat(20)}.log`, Buffer.concat(batches))
}

function destination({ state, nodeId, directoryId }: KafkaMetadataToWrite): Destination {
  return {
    directoryId,
    featureLevels: new Map([...FEATURES_OF_KAFKA_4_4, ...state.featureLevels]),
    replicasFor: () => [nodeId],
    takes: () => true,
  }
}
