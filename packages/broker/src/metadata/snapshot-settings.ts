import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import type { SnapshotSettings } from './metadata-snapshots.ts'

/** No batch is larger than a segment, and all that one request changes is one: as in Kafka it may have so many bytes. */
const SEGMENT_BYTES_MIN = 8_388_608

export function snapshotSettingsOf(config: Pick<ResolvedBrokerConfig, 'text'>): SnapshotSettings {
  const number = (key: string) => Number(config.text(key))
  return {
    recordBytesMax: number('metadata.log.max.record.bytes.between.snapshots'),
    intervalMs: number('metadata.log.max.snapshot.interval.ms'),
    retentionBytes: number('metadata.max.retention.bytes'),
    retentionMs: number('metadata.max.retention.ms'),
  }
}

export function metadataSegmentBytes(config: Pick<ResolvedBrokerConfig, 'text'>): number {
  const { recordBytesMax } = snapshotSettingsOf(config)
  const segmentBytes = Number(config.text('metadata.log.segment.bytes'))
  // A segment must be full before it can go: none is larger than what comes between two snapshots.
  return Math.max(SEGMENT_BYTES_MIN, Math.min(segmentBytes, recordBytesMax))
}
