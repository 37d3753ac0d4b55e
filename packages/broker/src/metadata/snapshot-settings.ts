import type { ResolvedBrokerConfig } from '../config/resolve-broker-config.ts'
import type { SnapshotSettings } from './metadata-snapshots.ts'

/** A segment must be full before it can go: none is larger than what comes between two snapshots, but for tiny ones. */
const SEGMENT_BYTES_MIN = 65_536

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
  return Math.min(segmentBytes, Math.max(SEGMENT_BYTES_MIN, recordBytesMax))
}
