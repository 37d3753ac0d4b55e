import { nodeId, offset, topicId } from '@odradek/core'
import { decodeClusterMetadataRecord } from '@odradek/protocol/records'
import { MetadataImage } from './metadata-image.ts'
import { featureLevelRecord, topicRecord } from './metadata-records.ts'
import { decideStart } from './start-decision.ts'

const NODES = [{ id: nodeId(1), rack: null, endpoints: [] }]
const A_UUID = 'L2odPFt-T4CRorPE1eb3CA'
const A_TOPIC = topicRecord('imported', topicId(A_UUID))

function levelsAtStart(image: MetadataImage): readonly string[] {
  const context = { image, firstOffset: 1, directoryIds: [], minInSyncReplicas: '1', randomId: () => A_UUID }
  return decideStart(NODES, new Map(), context).flatMap((bytes) => {
    const record = decodeClusterMetadataRecord(bytes)
    return record?.name === 'FeatureLevelRecord' ? [`${record.value.name}=${record.value.featureLevel}`] : []
  })
}

test('a new cluster begins with the highest levels that work', () => {
  expect(levelsAtStart(new MetadataImage('c'))).toEqual([
    'eligible.leader.replicas.version=1',
    'metadata.version=33',
    'transaction.version=2',
  ])
})

test('one that was imported from a Kafka without levels remembers nobody as eligible', () => {
  const image = new MetadataImage('c')
  image.apply([A_TOPIC], offset(1))
  expect(levelsAtStart(image)).toEqual(['metadata.version=33', 'transaction.version=2'])
})

test('one that was imported from a Kafka with an older metadata.version has ours', () => {
  const image = new MetadataImage('c')
  image.apply([featureLevelRecord('transaction.version', 1), A_TOPIC], offset(2))
  expect(levelsAtStart(image)).toEqual(['metadata.version=33'])
})

test('what an older version of ours did not know stays at 0', () => {
  const image = new MetadataImage('c')
  image.apply([featureLevelRecord('metadata.version', 33)], offset(1))
  expect(levelsAtStart(image)).toEqual([])
})
