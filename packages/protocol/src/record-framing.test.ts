import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeClusterMetadataRecord,
  decodeConsumerOffsetsRecord,
  decodeEmbedded,
  decodeRecordValue,
  EndTxnMarker,
  encodeMetadataRecord,
  encodeRecordKey,
  encodeRecordValue,
  OffsetCommitKey,
  OffsetCommitValue,
  TopicRecord,
} from './records.ts'
import { ProtocolError } from './wire/protocol-error.ts'

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

function hex(encoded: Uint8Array): string {
  return Buffer.from(encoded).toString('hex')
}

const key = { group: 'g', topic: 't', partition: 3 }
const keyBytes = encodeRecordKey(OffsetCommitKey, key)

describe('records of the group topic', () => {
  test('the key says what the value is', () => {
    const value = encodeRecordValue(OffsetCommitValue, 3, {
      offset: 5n,
      leaderEpoch: 2,
      metadata: 'm',
      commitTimestamp: 9n,
    })
    expect(decodeConsumerOffsetsRecord(keyBytes, value)).toEqual({
      name: 'OffsetCommit',
      key,
      value: expect.objectContaining({ offset: 5n, leaderEpoch: 2, expireTimestamp: -1n }),
    })
  })

  test('a null value removes what the key names', () => {
    expect(decodeConsumerOffsetsRecord(keyBytes, null)).toEqual({ name: 'OffsetCommit', key, value: null })
  })

  test('a record of an unknown type is passed over', () => {
    expect(decodeConsumerOffsetsRecord(bytes('03e7 00'), null)).toBeNull()
  })

  test('a value in a version that is not known yet is refused, for it may mean anything', () => {
    expect(() => decodeConsumerOffsetsRecord(keyBytes, bytes('0005 00'))).toThrow(
      'OffsetCommitValue has version 5; known are 0 to 4',
    )
    expect(() => decodeConsumerOffsetsRecord(keyBytes, bytes('ffff 00'))).toThrow(ProtocolError)
  })

  test('an expiry of its own fits version 1 alone; others drop it as Kafka does', () => {
    const value = { offset: 5n, metadata: '', commitTimestamp: 9n, expireTimestamp: 7n }
    const expiry = (version: number) =>
      decodeRecordValue(OffsetCommitValue, encodeRecordValue(OffsetCommitValue, version, value)).expireTimestamp
    expect([expiry(0), expiry(1), expiry(3)]).toEqual([-1n, 7n, -1n])
  })
})

describe('records of the metadata log', () => {
  test('begin with frame version, type and version', () => {
    const encoded = encodeMetadataRecord(TopicRecord, 0, { name: 'a', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' })
    expect(hex(encoded)).toBe(`010200 0261 ${'00'.repeat(15)}01 00`.replaceAll(' ', ''))
    expect(decodeClusterMetadataRecord(encoded)).toEqual({
      name: 'TopicRecord',
      version: 0,
      value: { name: 'a', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' },
    })
  })

  test('another frame version is refused, an unknown type is passed over', () => {
    expect(() => decodeClusterMetadataRecord(bytes('000200'))).toThrow('frame version 0')
    expect(decodeClusterMetadataRecord(bytes('01e70700'))).toBeNull()
  })
})

describe('blobs of the consumer protocol', () => {
  const v0 = '00000001 0001 74 ffffffff'
  const v1 = `${v0} 00000001 0001 74 00000001 00000000`

  test('a subscription in each version', () => {
    const subscription = {
      topics: ['t'],
      userData: null,
      ownedPartitions: [{ topic: 't', partitions: [0] }],
      generationId: 3,
      rackId: null,
    }
    const expected = [`0000 ${v0}`, `0001 ${v1}`, `0002 ${v1} 00000003`, `0003 ${v1} 00000003 ffff`]
    for (const [version, text] of expected.entries()) {
      expect(hex(encodeRecordValue(ConsumerProtocolSubscription, version, subscription))).toBe(text.replaceAll(' ', ''))
      expect(decodeEmbedded(ConsumerProtocolSubscription, bytes(text))).toEqual({
        ...subscription,
        ownedPartitions: version >= 1 ? subscription.ownedPartitions : [],
        generationId: version >= 2 ? 3 : -1,
      })
    }
  })

  test('a version newer than ours is read as our newest, a negative one is refused', () => {
    const assignment = '00000001 0001 74 00000002 00000000 00000001 ffffffff'
    expect(decodeEmbedded(ConsumerProtocolAssignment, bytes(`0009 ${assignment} 1234`)).assignedPartitions).toEqual([
      { topic: 't', partitions: [0, 1] },
    ])
    expect(() => decodeEmbedded(ConsumerProtocolAssignment, bytes(`ffff ${assignment}`))).toThrow(ProtocolError)
  })
})

test('a transaction marker carries the epoch of its coordinator', () => {
  expect(hex(encodeRecordValue(EndTxnMarker, 0, { coordinatorEpoch: 7 }))).toBe('000000000007')
})
