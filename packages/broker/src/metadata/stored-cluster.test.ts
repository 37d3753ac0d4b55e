import { inspectPartition, restoreBackup, surveyDirectory, takeBackup } from '@odradek/log'
import { META_PROPERTIES } from './data-directory.ts'
import { formatMetaProperties } from './meta-properties.ts'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'
import { METADATA_TOPIC_ID } from './metadata-log.ts'
import { readStoredCluster } from './stored-cluster.ts'

const DIRECTORY = 'data/__cluster_metadata-0'
const TOPICS = 80

/** A stopped broker's directory whose metadata log begins behind a snapshot. */
async function stopped(): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({
    entries: { 'metadata.log.max.record.bytes.between.snapshots': '6000', 'metadata.max.retention.bytes': '0' },
  })
  for (let index = 0; index < TOPICS; index++) {
    await fixture.create(topicCommand(`topic-${index}`, { partitions: 3 }))
    await fixture.idle()
  }
  await fixture.restart(1)
  const properties = { clusterId: 'c', nodeId: 1, directoryId: 'd', formatVersion: 2, softwareVersion: '1' }
  const handle = fixture.fs.openSync(`data/${META_PROPERTIES}`, 'create')
  handle.writeSync([Buffer.from(formatMetaProperties(properties))], 0)
  handle.closeSync()
  return fixture
}

function checkpoints({ fs }: MetadataFixture): readonly string[] {
  return fs.readdirSync(DIRECTORY).filter((name) => name.endsWith('.checkpoint'))
}

function metadataIn({ fs }: MetadataFixture) {
  const found = surveyDirectory(fs, 'data').partitions.find(({ topicId }) => topicId === METADATA_TOPIC_ID)
  if (found === undefined) throw new Error('no metadata log')
  return found
}

test('what snapshots stand for is seen by who reads a stopped broker’s directory', async () => {
  const fixture = await stopped()
  expect(metadataIn(fixture).startOffset).toBeGreaterThan(0)
  const { fault, image } = readStoredCluster(fixture.fs, 'data')
  expect(fault).toBeNull()
  expect(image.topicsCount).toBe(TOPICS)
  expect(BigInt(image.endOffset)).toBe(fixture.metadata.controller.quorum().highWatermark)
  expect(inspectPartition(fixture.fs, metadataIn(fixture)).findings).toEqual([])
})

test('a damaged snapshot is found, and nothing is missing while an older one stands for it', async () => {
  const fixture = await stopped()
  const { fs } = fixture
  for (const [damaged, name] of [...checkpoints(fixture)].reverse().entries()) {
    const handle = fs.openSync(`${DIRECTORY}/${name}`, 'append')
    handle.writeSync([Buffer.from('!')], 1000)
    handle.closeSync()
    const { findings } = inspectPartition(fs, metadataIn(fixture))
    expect(findings.map(({ kind }) => kind)).toEqual(Array.from({ length: damaged + 1 }, () => 'derived-file'))
    const { fault, image } = readStoredCluster(fs, 'data')
    if (damaged === 0) expect([fault, image.topicsCount]).toEqual([null, TOPICS])
    else expect(fault).toMatch(/begins at offset \d+, and .* are damaged/)
  }
})

test('a backup has the snapshots', async () => {
  const fixture = await stopped()
  const { clock, fs } = fixture
  const options = { fs, clock, identityFile: META_PROPERTIES, softwareVersion: '1', bytesPerSecondMax: null }
  const isStopped = () => false
  await fixture.settle(takeBackup({ ...options, directories: ['data'], target: 'copy', holding: null, isStopped }))
  await fixture.settle(
    restoreBackup({ fs, clock, identityFile: META_PROPERTIES, backup: 'copy', directories: ['restored'] }),
  )
  const { fault, image } = readStoredCluster(fs, 'restored')
  expect([fault, image.topicsCount]).toEqual([null, TOPICS])
})
