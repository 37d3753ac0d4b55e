import { nodeId, offset, topicId } from '@odradek/core'
import { decodeClusterMetadataRecord } from '@odradek/protocol/records'
import { UnknownMetadataError } from './image-draft.ts'
import { MetadataImage } from './metadata-image.ts'
import {
  configRecord,
  featureLevelRecord,
  newPartitionRecord,
  partitionChangeRecord,
  producerIdsRecord,
  registerNodeRecord,
  removeTopicRecord,
  topicRecord,
  unregisterNodeRecord,
} from './metadata-records.ts'

const T1 = topicId('YbSxOgv9SSG3fBc7VuUv2A')
const DIRECTORY = 'hP4h38o4UxjZwIdpqbAzqQ'
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Buffer.from(text, 'hex')

/** Values out of the metadata log of a Kafka 4.4 with metadata.version 33. */
const KAFKAS = {
  feature: '010c00116d657461646174612e76657273696f6e002100',
  topic: '01020003743161b4b13a0bfd4921b77c173b56e52fd800',
  topicConfig: '010400020374310f636c65616e75702e706f6c6963790f636f6d706163742c64656c65746500',
  configRemoved: '010400020374310d726574656e74696f6e2e6d730000',
  configEmptied: '010400020374310f636c65616e75702e706f6c6963790100',
  brokerConfig: '010400040231116c6f672e726574656e74696f6e2e6d73053530303000',
  clusterConfig: '0104000401126c6f672e7365676d656e742e6279746573083130343835373600',
  partition:
    '0103020000000061b4b13a0bfd4921b77c173b56e52fd80200000001020000000101010000000100000000000000000284fe21dfca385318d9c08769a9b033a900',
  broker:
    '010004000000010023d80cce69ab41dc916a10fa5dd2b0190000000000000401020a504c41494e544558540a3132372e302e302e3171a4000000080e6b726166742e76657273696f6e00000001000e67726f75702e76657273696f6e00000001001073747265616d732e76657273696f6e0000000100147472616e73616374696f6e2e76657273696f6e000000020021656c696769626c652e6c65616465722e7265706c696361732e76657273696f6e0000000100116d657461646174612e76657273696f6e00070021000e73686172652e76657273696f6e00000002000001000100110284fe21dfca385318d9c08769a9b033a9',
  unfenced: '011100000000010000000000000401010001ff',
  fenced: '01110000000001000000000000040101000101',
  /** At a clean stop: no leader, in sync no one, the last one on record as eligible. */
  leaderless: '0105020000000061b4b13a0bfd4921b77c173b56e52fd8040001010104ffffffff0605020000000107050200000001',
  leaderBack: '0105020000000061b4b13a0bfd4921b77c173b56e52fd80400050200000001010400000001060101070101',
  removed: '01090061b4b13a0bfd4921b77c173b56e52fd8',
}

test.each([
  ['feature', featureLevelRecord('metadata.version', 33), KAFKAS.feature],
  ['topic', topicRecord('t1', T1), KAFKAS.topic],
  ['a topic’s config', configRecord('TOPIC', 't1', 'cleanup.policy', 'compact,delete'), KAFKAS.topicConfig],
  ['a removed config', configRecord('TOPIC', 't1', 'retention.ms', null), KAFKAS.configRemoved],
  ['an emptied config', configRecord('TOPIC', 't1', 'cleanup.policy', ''), KAFKAS.configEmptied],
  ['a broker’s config', configRecord('BROKER', '1', 'log.retention.ms', '5000'), KAFKAS.brokerConfig],
  ['the cluster’s config', configRecord('BROKER', '', 'log.segment.bytes', '1048576'), KAFKAS.clusterConfig],
  [
    'partition',
    newPartitionRecord({
      topicId: T1,
      index: 0,
      replicas: [nodeId(1)],
      inSyncReplicas: [nodeId(1)],
      directoryId: DIRECTORY,
    }),
    KAFKAS.partition,
  ],
  ['removal', removeTopicRecord(T1), `${KAFKAS.removed}00`],
])('%s: the bytes that Kafka writes', (_, ours, kafkas) => {
  expect(hex(ours)).toBe(kafkas)
})

test('what Kafka has no occasion to write in the same form reads as it was meant', () => {
  const endpoints = [{ listener: 'A', host: 'h', port: 65_535, securityProtocol: 'SASL_SSL' as const }]
  const node = { id: nodeId(7), rack: 'r', endpoints }
  const fields = {
    node,
    incarnationId: T1,
    epoch: 12,
    directoryIds: [DIRECTORY],
    features: [{ name: 'f', min: 0, max: 2 }],
  }
  expect(decodeClusterMetadataRecord(registerNodeRecord(fields))).toMatchObject({
    name: 'RegisterBrokerRecord',
    version: 4,
    value: {
      brokerId: 7,
      incarnationId: T1,
      brokerEpoch: 12n,
      endPoints: [{ name: 'A', host: 'h', port: 65_535, securityProtocol: 3 }],
      features: [{ name: 'f', minSupportedVersion: 0, maxSupportedVersion: 2 }],
      rack: 'r',
      fenced: false,
      logDirs: [DIRECTORY],
    },
  })
  expect(decodeClusterMetadataRecord(unregisterNodeRecord(nodeId(7), 12n))).toMatchObject({
    value: { brokerId: 7, brokerEpoch: 12n },
  })
  expect(decodeClusterMetadataRecord(producerIdsRecord(nodeId(7), 12n, 2n ** 53n))).toMatchObject({
    value: { brokerId: 7, brokerEpoch: 12n, nextProducerId: 2n ** 53n },
  })
  expect(decodeClusterMetadataRecord(partitionChangeRecord({ topicId: T1, index: 3 }))).toMatchObject({
    value: { partitionId: 3, isr: null, leader: -2, replicas: null },
  })
})

test('records out of Kafka’s own log replay to what Kafka showed', () => {
  const image = new MetadataImage('c')
  const replay = (end: number, ...records: string[]) => image.apply(records.map(bytes), offset(end))
  replay(2, KAFKAS.feature, KAFKAS.broker)
  const one = nodeId(1)
  expect(image.nodes()).toEqual([])
  expect(image.registered(one)).toMatchObject({ isFenced: true, epoch: 1025n })
  replay(3, KAFKAS.unfenced)
  expect(image.nodes()).toEqual([
    { id: 1, rack: null, endpoints: new Map([['PLAINTEXT', { host: '127.0.0.1', port: 29_092 }]]) },
  ])
  expect(image.features()).toEqual({ epoch: 2n, levels: new Map([['metadata.version', 33]]) })
  replay(6, KAFKAS.topic, KAFKAS.topicConfig, KAFKAS.partition, KAFKAS.clusterConfig)
  expect(image.topic('t1')).toMatchObject({ id: T1, isInternal: false })
  expect(image.topic('t1')?.partitions).toEqual([
    {
      index: 0,
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      replicas: [1],
      inSyncReplicas: [1],
      directoryId: DIRECTORY,
    },
  ])
  expect(image.configsOf('TOPIC', 't1')).toEqual(new Map([['cleanup.policy', 'compact,delete']]))
  expect(image.configsOf('BROKER', '')).toEqual(new Map([['log.segment.bytes', '1048576']]))
  replay(8, KAFKAS.fenced, KAFKAS.leaderless)
  expect(image.nodes()).toEqual([])
  expect(image.topic('t1')?.partitions).toMatchObject([
    { leader: -1, leaderEpoch: 1, partitionEpoch: 1, inSyncReplicas: [] },
  ])
  replay(10, KAFKAS.unfenced, KAFKAS.leaderBack, KAFKAS.configEmptied)
  expect(image.topic('t1')?.partitions).toMatchObject([
    { leader: 1, leaderEpoch: 2, partitionEpoch: 2, inSyncReplicas: [1] },
  ])
  const gone = replay(11, hex(removeTopicRecord(T1)))
  expect(gone).toMatchObject({ topicsDeleted: [{ name: 't1' }], topicsChanged: [], topicConfigsChanged: [] })
  expect([...image.topics()]).toEqual([])
  expect(image.configsOf('TOPIC', 't1').size).toBe(0)
})

test("Kafka's ACLs are taken in, and removed", () => {
  const image = new MetadataImage('c')
  const id = '23d80cce69ab41dc916a10fa5dd2b019'
  image.apply([bytes(`011200${id}020261030b557365723a616c696365022a030300`)], offset(1))
  expect([...image.acls.index.applying('User:alice', 'TOPIC', 'a')]).toEqual([
    {
      resourceType: 'TOPIC',
      resourceName: 'a',
      patternType: 'LITERAL',
      principal: 'User:alice',
      host: '*',
      operation: 'READ',
      permission: 'ALLOW',
    },
  ])
  image.apply([bytes(`011300${id}00`)], offset(2))
  expect(image.acls.size).toBe(0)
})

test.each([
  ['a record type of a later Kafka', '01630000'],
  [
    'an ACL about an operation of a later Kafka',
    '01120023d80cce69ab41dc916a10fa5dd2b019020261030b557365723a616c696365022a7f0300',
  ],
  ['a transaction of the metadata log', '01170000'],
])('%s ends the replay, and nothing of its batch is taken in', (_, record) => {
  const image = new MetadataImage('c')
  expect(() => image.apply([topicRecord('a', T1), bytes(record)], offset(2))).toThrow(UnknownMetadataError)
  expect([image.endOffset, [...image.topics()].length]).toEqual([0, 0])
})
