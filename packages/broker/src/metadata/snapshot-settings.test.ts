import { MetadataFixture, topicCommand } from './metadata-fixture.ts'
import { metadataSegmentBytes } from './snapshot-settings.ts'

const segmentBytes = (segment: number, betweenSnapshots: number) => {
  const texts: Readonly<Record<string, number>> = {
    'metadata.log.segment.bytes': segment,
    'metadata.log.max.record.bytes.between.snapshots': betweenSnapshots,
  }
  return metadataSegmentBytes({ text: (key) => String(texts[key] ?? 0) })
}

test('segments are as large as what is between two snapshots, no larger than they are told, and 8 MB at least', () => {
  expect(segmentBytes(1_073_741_824, 20_971_520)).toBe(20_971_520)
  expect(segmentBytes(10_000_000, 20_971_520)).toBe(10_000_000)
  expect(segmentBytes(1000, 20_971_520)).toBe(8_388_608)
  expect(segmentBytes(1_073_741_824, 1)).toBe(8_388_608)
})

test('a large request is recorded however often there are snapshots', async () => {
  const entries = { 'metadata.log.max.record.bytes.between.snapshots': '1', 'metadata.max.retention.bytes': '0' }
  const fixture = await MetadataFixture.start({ entries })
  await fixture.create(topicCommand('large', { partitions: 2000 }))
  await fixture.restart(1)
  expect(fixture.metadata.cluster.topic('large')?.partitions).toHaveLength(2000)
})
