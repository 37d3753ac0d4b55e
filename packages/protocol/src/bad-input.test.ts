import {
  AlterClientQuotas,
  AlterConfigs,
  AlterReplicaLogDirs,
  AlterUserScramCredentials,
  CreateAcls,
  CreatePartitions,
  CreateTopics,
  DeleteAcls,
  DeleteGroups,
  DeleteTopics,
  DescribeClientQuotas,
  DescribeConfigs,
  DescribeQuorum,
  DescribeTopicPartitions,
  Fetch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  ListConfigResources,
  ListOffsets,
  Metadata,
  OffsetFetch,
  Produce,
} from './generated/apis.ts'
import { ProtocolError, UnsupportedFieldError } from './wire/protocol-error.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

function reader(hex: string): Reader {
  return new Reader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

function hex(write: (writer: Writer) => void): string {
  const writer = new Writer()
  write(writer)
  return Buffer.from(writer.toBytes()).toString('hex')
}

describe('reading', () => {
  test('bytes after the body are left alone, as Kafka does', () => {
    const from = reader('0001 67 00000003 0001 6d ffff')
    expect(Heartbeat.request.read(from, 0)).toMatchObject({ groupId: 'g', memberId: 'm' })
    expect(from.remaining).toBe(2)
  })

  test('null where this version has no null', () => {
    expect(Metadata.request.read(reader('ffffffff'), 1).topics).toBeNull()
    expect(() => Metadata.request.read(reader('ffffffff'), 0)).toThrow(ProtocolError)
  })

  test.each([
    { api: AlterClientQuotas, fixed: 0, flexible: 1 },
    { api: AlterConfigs, fixed: 1, flexible: 2 },
    { api: AlterReplicaLogDirs, fixed: 1, flexible: 2 },
    { api: AlterUserScramCredentials, fixed: null, flexible: 0 },
    { api: CreateAcls, fixed: 1, flexible: 3 },
    { api: CreatePartitions, fixed: 1, flexible: 3 },
    { api: CreateTopics, fixed: 4, flexible: 7 },
    { api: DeleteAcls, fixed: 1, flexible: 3 },
    { api: DeleteGroups, fixed: 1, flexible: 2 },
    { api: DeleteTopics, fixed: 3, flexible: 6 },
    { api: DescribeClientQuotas, fixed: 0, flexible: 1 },
    { api: DescribeConfigs, fixed: 3, flexible: 4 },
    { api: DescribeQuorum, fixed: null, flexible: 2 },
    { api: IncrementalAlterConfigs, fixed: 0, flexible: 1 },
    { api: ListConfigResources, fixed: null, flexible: 1 },
  ])('null for a list that $api.name must have', ({ api, fixed, flexible }) => {
    expect(() => api.request.read(reader('00'), flexible)).toThrow(ProtocolError)
    if (fixed !== null) expect(() => api.request.read(reader('ffffffff'), fixed)).toThrow(ProtocolError)
  })

  test('a tag that the schema knows for later versions only', () => {
    const request = hex((writer) =>
      Fetch.request.write(writer, 15, { maxWaitMs: 0, minBytes: 0, topics: [], replicaState: { replicaId: 1 } }),
    )
    expect(Fetch.request.read(reader(request), 15).replicaState.replicaId).toBe(1)
    const asVersion12 = `ffffffff${request}`
    expect(() => Fetch.request.read(reader(asVersion12), 12)).toThrow('tag 1 does not belong to version 12')
  })

  test('a known tag is read by its type, whatever size it claims, as Kafka does', () => {
    const claimed = (size: string) =>
      reader(`ffffffff 00000000 00000000 00000000 00 00000000 00000000 01 01 01 01 00 ${size} 0263`)
    expect(Fetch.request.read(claimed('02'), 12).clusterId).toBe('c')
    expect(Fetch.request.read(claimed('01'), 12).clusterId).toBe('c')
    expect(() => Fetch.request.read(claimed('03'), 12)).toThrow(ProtocolError)
  })

  test('counts far beyond the frame cost nothing', () => {
    const bombs: [string, () => unknown][] = [
      ['topics', () => Metadata.request.read(reader('7fffffff'), 1)],
      ['compact topics', () => Metadata.request.read(reader('ffffffff07'), 9)],
      ['inner partitions', () => ListOffsets.request.read(reader('ffffffff 00000001 0001 74 40000000'), 1)],
      ['records', () => Produce.request.read(reader('0001 00000001 00000001 0001 74 00000001 00000000 7fffffff'), 0)],
      ['keys', () => FindCoordinator.request.read(reader('00 ffffffff07'), 4)],
      ['tagged fields', () => Heartbeat.request.read(reader('01 00000000 01 00 ffffffff07'), 4)],
    ]
    for (const [, read] of bombs) expect(read).toThrow(ProtocolError)
  })

  test('arrays within arrays are bounded together', () => {
    const writer = new Writer()
    const groups = 3
    const topics = 900_000
    writer.arrayLength(groups, true)
    for (let group = 0; group < groups; group++) {
      writer.string('g', true)
      writer.arrayLength(topics, true)
      // Each topic: an empty name, no partitions, no tags.
      writer.raw(Buffer.alloc(3 * topics, Buffer.from([1, 1, 0])))
      writer.tagCount(0, {})
    }
    writer.bool(false)
    writer.tagCount(0, {})
    expect(() => OffsetFetch.request.read(new Reader(writer.toBytes()), 8)).toThrow('more than 2000000 elements')
  })

  test('a nullable struct that begins with any negative byte is null', () => {
    const request = (marker: string) => DescribeTopicPartitions.request.read(reader(`01 000007d0 ${marker}`), 0).cursor
    expect([request('ff 00'), request('80 00')]).toEqual([null, null])
    expect(request('01 0274 00000005 00 00')).toEqual({ topicName: 't', partitionIndex: 5 })
  })
})

describe('writing', () => {
  const fetch = { maxWaitMs: 0, minBytes: 0, topics: [] }

  test('what an older version lacks is dropped where that changes nothing', () => {
    expect(hex((writer) => Fetch.request.write(writer, 4, { ...fetch, rackId: 'r', sessionId: 5 }))).toBe(
      hex((writer) => Fetch.request.write(writer, 4, fetch)),
    )
  })

  test('and refused where it would be lost', () => {
    const forgotten = [{ topic: 't', partitions: [0] }]
    expect(() => Fetch.request.write(new Writer(), 6, { ...fetch, forgottenTopicsData: forgotten })).toThrow(
      UnsupportedFieldError,
    )
    Fetch.request.write(new Writer(), 6, { ...fetch, forgottenTopicsData: [] })
    Fetch.request.write(new Writer(), 7, { ...fetch, forgottenTopicsData: forgotten })
    expect(() => Fetch.request.write(new Writer(), 14, { ...fetch, replicaState: { replicaId: 2 } })).toThrow(
      UnsupportedFieldError,
    )
  })

  test('null is refused in a version that has no null', () => {
    expect(() => Metadata.request.write(new Writer(), 0, { topics: null })).toThrow(UnsupportedFieldError)
    expect(hex((writer) => Metadata.request.write(writer, 1, { topics: null }))).toBe('ffffffff')
  })

  test('a response needs no throttle time and no tagged fields', () => {
    expect(hex((writer) => Heartbeat.response.write(writer, 3, { errorCode: 27 }))).toBe('00000000001b')
  })
})
