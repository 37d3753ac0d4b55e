import { nodeId, timestamp } from '@odradek/core'
import { ErrorCode, Produce, type ProduceRequestInput, type ProduceResponsePartition } from '@odradek/protocol'
import { buildBatch, crc32c, readBatchHeader, recordsOf } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest, sequenced } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 2 })
})

async function send(request: ProduceRequestInput, version = 9, by = client) {
  return fixture.settle(by.send(Produce, version, request))
}

/** The row of a request for one partition. */
async function row(request: ProduceRequestInput, version = 9, by = client): Promise<ProduceResponsePartition> {
  const response = await send(request, version, by)
  return response!.responses[0]!.partitionResponses[0]!
}

function logOf(name: string, index = 0) {
  return fixture.partitions.find(fixture.cluster.topic(name)!, index)!.log
}

async function stored(name: string, index = 0): Promise<Buffer> {
  const log = logOf(name, index)
  const result = await log.read({ offset: log.startOffset, bytesMax: 1e6, atLeastOneBatch: true, bound: 'end' })
  if (!result.ok) throw new Error(result.error)
  return Buffer.from(result.records)
}

describe('a batch that is taken', () => {
  test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'v%i answers base offset, and log start from version 5',
    async (version) => {
      await row(produceRequest('t', batchOf(['a', 'b'])), version)
      expect(await row(produceRequest('t', batchOf(['c'])), version)).toMatchObject({
        index: 0,
        errorCode: ErrorCode.NONE,
        baseOffset: 2n,
        logAppendTimeMs: -1n,
        logStartOffset: version >= 5 ? 0n : -1n,
        recordErrors: [],
        errorMessage: null,
      })
    },
  )

  test('v13 is found by topic id, which the answer repeats', async () => {
    const topicId = fixture.cluster.topic('t')!.id
    const response = await send(produceRequest('', batchOf(['a']), { topicId }), 13)
    expect(response?.responses).toMatchObject([{ topicId, partitionResponses: [{ errorCode: 0, baseOffset: 0n }] }])
  })

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s is stored byte for byte but for offset and epoch',
    async (compressionType) => {
      const batch = batchOf(['x'.repeat(300), 'y'], { compressionType })
      const sent = Buffer.from(batch)
      await row(produceRequest('t', batchOf(['first'])))
      await row(produceRequest('t', batch))
      const all = await stored('t')
      const at = readBatchHeader(all).sizeBytes
      expect(readBatchHeader(all, at)).toMatchObject({ baseOffset: 1, partitionLeaderEpoch: 0 })
      expect(all.subarray(at + 16).equals(sent.subarray(16))).toBe(true)
    },
  )

  test('several topics and partitions each have their own outcome', async () => {
    await fixture.createTopic('u')
    const response = await send({
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        { name: 't', partitionData: [0, 1, 2].map((index) => ({ index, records: batchOf([`${index}`]) })) },
        { name: 'u', partitionData: [{ index: 0, records: new Uint8Array(0) }] },
        { name: 'none', partitionData: [{ index: 0, records: batchOf(['a']) }] },
      ],
    })
    expect(
      response?.responses.map(({ name, partitionResponses }) => [
        name,
        partitionResponses.map((one) => [one.index, one.errorCode]),
      ]),
    ).toEqual([
      [
        't',
        [
          [0, 0],
          [1, 0],
          [2, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
        ],
      ],
      ['u', [[0, ErrorCode.INVALID_RECORD]]],
      ['none', [[0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]]],
    ])
  })

  test("a partition that comes twice has one row, with the last one's records", async () => {
    const twice = (records: Uint8Array) => ({ name: 't', partitionData: [{ index: 0, records }] })
    const topicData = [twice(batchOf(['lost', 'lost'])), twice(batchOf(['kept']))]
    const response = await send({ acks: 1, timeoutMs: 1000, topicData })
    expect(response?.responses).toHaveLength(1)
    expect(response?.responses[0]?.partitionResponses).toMatchObject([{ index: 0, errorCode: 0, baseOffset: 0n }])
    expect(logOf('t').endOffset).toBe(1)
  })

  test('fewer than 17 bytes behind the batch are ignored', async () => {
    const records = Buffer.concat([batchOf(['a']), Buffer.alloc(16, 1)])
    expect(await row(produceRequest('t', records))).toMatchObject({ errorCode: 0 })
    expect((await stored('t')).byteLength).toBe(records.byteLength - 16)
  })

  test('no topics, or a topic without partitions, is an empty answer', async () => {
    expect(await send({ acks: 1, timeoutMs: 0, topicData: [] })).toMatchObject({ responses: [] })
    const empty = { acks: -1, timeoutMs: 0, topicData: [{ name: 't', partitionData: [] }] }
    expect((await send(empty))?.responses).toEqual([])
  })
})

describe('acks', () => {
  test('0 has no answer, and the next request is answered', async () => {
    expect(await send(produceRequest('t', batchOf(['a']), { acks: 0 }))).toBeNull()
    expect(await send({ acks: 0, timeoutMs: 0, topicData: [] })).toBeNull()
    expect(await row(produceRequest('t', batchOf(['b'])))).toMatchObject({ baseOffset: 1n })
  })

  test.each([
    ['an unknown topic', 'none', batchOf(['a'])],
    ['a batch that the log refuses', 't', sequenced(7, 0, 5)],
    ['a corrupt batch', 't', Buffer.concat([batchOf(['a']).subarray(0, 70), Buffer.alloc(20)])],
  ])('0 with %s ends the connection', async (_, name, records) => {
    if (name === 't') await row(produceRequest('t', sequenced(7, 0, 0)))
    await expect(send(produceRequest(name, records, { acks: 0 }))).rejects.toThrow('acks 0')
  })

  test.each([2, -2, 32_767])('%i is refused in every row, but rows refused before keep their error', async (acks) => {
    const topicData = ['t', 'none'].map((name) => ({ name, partitionData: [{ index: 0, records: batchOf(['a']) }] }))
    const response = await send({ acks, timeoutMs: 1000, topicData })
    expect(response?.responses.map(({ partitionResponses }) => partitionResponses[0])).toMatchObject([
      { errorCode: ErrorCode.INVALID_REQUIRED_ACKS, baseOffset: -1n, logStartOffset: -1n },
      { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
    ])
    expect(logOf('t').endOffset).toBe(0)
  })

  test('-1 with too few replicas in sync appends nothing; 1 does', async () => {
    await fixture.createTopic('r', { replicas: [1, 2, 3], inSyncReplicas: [1], settings: { minInsyncReplicas: 2 } })
    expect(await row(produceRequest('r', batchOf(['a']), { acks: -1 }))).toMatchObject({
      errorCode: ErrorCode.NOT_ENOUGH_REPLICAS,
      logStartOffset: -1n,
    })
    expect(logOf('r').endOffset).toBe(0)
    expect(await row(produceRequest('r', batchOf(['a']), { acks: 1 }))).toMatchObject({ errorCode: 0 })
  })

  test('min.insync.replicas never asks for more than the partition has', async () => {
    await fixture.createTopic('one', { settings: { minInsyncReplicas: 3 } })
    expect(await row(produceRequest('one', batchOf(['a']), { acks: -1 }))).toMatchObject({ errorCode: 0 })
  })

  test('a topic that is deleted while a batch is on its way has no counters afterwards', async () => {
    const answer = client.send(Produce, 9, produceRequest('t', batchOf(['a']), { acks: -1 }))
    await fixture.deleteTopic('t')
    await fixture.settle(answer)
    const { topics } = fixture.metrics.of(nodeId(1))
    expect([...topics.entries()]).toEqual([])
    expect(topics.total().produceRequests).toBe(1)
  })

  test('-1 learns of a replica that fell out while the batch was on its way', async () => {
    await fixture.createTopic('r', { replicas: [1, 2], settings: { minInsyncReplicas: 2 } })
    const answer = client.send(Produce, 9, produceRequest('r', batchOf(['a']), { acks: -1 }))
    const topic = fixture.cluster.byName.get('r')!
    const after = {
      ...topic,
      partitions: topic.partitions.map((view) => ({ ...view, inSyncReplicas: view.replicas.slice(0, 1) })),
    }
    fixture.cluster.byName.set('r', after)
    const change = {
      endOffset: 0 as never,
      topicsCreated: [],
      topicsDeleted: [],
      topicConfigsChanged: [],
      brokerConfigsChanged: false,
      nodesChanged: false,
      clientQuotasChanged: false,
    }
    void fixture.partitions.take({ ...change, topicsChanged: [{ before: topic, after }] })
    const response = await fixture.settle(answer)
    expect(response?.responses[0]?.partitionResponses).toMatchObject([
      { errorCode: ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, baseOffset: -1n },
    ])
    expect(logOf('r').endOffset).toBe(1)
  })

  test('-1 hears after its time-out that the device is late, and the batch stays', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    const dones: (() => void)[] = []
    const append = log.append.bind(log)
    jest
      .spyOn(log, 'append')
      .mockImplementation((request, done) => append(request, (result) => dones.push(() => done(result))))
    const answer = client.send(Produce, 9, produceRequest('t', batchOf(['a']), { acks: -1, timeoutMs: 3000 }))
    await fixture.turn()
    fixture.clock.advance(2999)
    await fixture.turn()
    expect(dones).toHaveLength(1)
    fixture.clock.advance(1)
    const response = await fixture.settle(answer)
    expect(response?.responses[0]?.partitionResponses).toMatchObject([
      { errorCode: ErrorCode.REQUEST_TIMED_OUT, baseOffset: -1n },
    ])
    for (const done of dones) done()
    expect(log.endOffset).toBe(1)
  })

  test('a time-out of 0 is none: there is no replica to wait for', async () => {
    expect(await row(produceRequest('t', batchOf(['a']), { acks: -1, timeoutMs: 0 }))).toMatchObject({ errorCode: 0 })
  })
})

describe('checks of the request', () => {
  const two = Buffer.concat([batchOf(['a']), batchOf(['b'])])
  const magic = (value: number) => {
    const batch = Buffer.from(batchOf(['a']))
    batch[16] = value
    return batch
  }
  const length = (value: number) => {
    const batch = Buffer.from(batchOf(['a']))
    batch.writeInt32BE(value, 8)
    return batch
  }

  test.each([
    ['empty records', new Uint8Array(0), ErrorCode.INVALID_RECORD],
    ['null records, which Kafka never answers', null, ErrorCode.INVALID_RECORD],
    ['a cut batch', batchOf(['a']).subarray(0, 60), ErrorCode.INVALID_RECORD],
    ['format 0', magic(0), ErrorCode.INVALID_RECORD],
    ['format 1', magic(1), ErrorCode.INVALID_RECORD],
    ['an unknown format', magic(3), ErrorCode.CORRUPT_MESSAGE],
    ['a length field below 14', length(13), ErrorCode.CORRUPT_MESSAGE],
    ['a negative length field', length(-1), ErrorCode.CORRUPT_MESSAGE],
    ['two batches', two, ErrorCode.INVALID_RECORD],
  ])('%s', async (_, records, errorCode) => {
    expect(await row(produceRequest('t', records))).toMatchObject({ errorCode, baseOffset: -1n, logStartOffset: -1n })
    expect(logOf('t').endOffset).toBe(0)
  })

  test('zstd before version 7 is an unsupported codec', async () => {
    const zstd = batchOf(['a'], { compressionType: 'zstd' })
    expect(await row(produceRequest('t', zstd), 6)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE })
    expect(await row(produceRequest('t', zstd), 7)).toMatchObject({ errorCode: 0 })
  })

  test.each(['', '..', 'a/b', 'x'.repeat(250)])('no topic can have the name %j', async (name) => {
    expect(await row(produceRequest(name, batchOf(['a'])))).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })
  })

  test('an unknown topic id is that, a missing partition of a known one is unknown', async () => {
    const topicId = 'Zm9vYmFyYmF6cXV4cXV1eA'
    expect(await row(produceRequest('', batchOf(['a']), { topicId }), 13)).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_ID,
    })
    const known = fixture.cluster.topic('t')!.id
    expect(await row(produceRequest('', batchOf(['a']), { topicId: known, index: 2 }), 13)).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })
  })
})

describe('where it may be written', () => {
  test.each([9, 10, 12])('v%i: another node says so, and from version 10 who leads', async (version) => {
    const request = produceRequest('t', batchOf(['a']))
    const response = await send(request, version, fixture.client(2, { listener: 'DOCKER' }))
    const tells = version >= 10
    expect(response?.responses[0]?.partitionResponses).toMatchObject([
      {
        errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
        currentLeader: tells ? { leaderId: 1, leaderEpoch: 0 } : { leaderId: -1, leaderEpoch: -1 },
        logStartOffset: -1n,
      },
    ])
    expect(response?.nodeEndpoints).toEqual(tells ? [{ nodeId: 1, host: 'node-1', port: 19_092, rack: null }] : [])
  })

  test('internal topics take nothing from clients but the admin client', async () => {
    await fixture.createTopic('__consumer_offsets')
    const request = produceRequest('__consumer_offsets', batchOf(['a']))
    expect(await row(request)).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, logStartOffset: -1n })
    expect(await row(produceRequest('__consumer_offsets', batchOf(['a']), { index: 9 }))).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })
    const admin = fixture.client(1, { clientId: '__admin_client' })
    expect(await row(request, 9, admin)).toMatchObject({ errorCode: 0 })
  })

  test('without the right the topic is hidden, existing or not', async () => {
    const stranger = fixture.client(1, { authorizer: { authorize: (_p, _h, operation) => operation !== 'WRITE' } })
    for (const name of ['t', 'none'])
      expect(await row(produceRequest(name, batchOf(['a'])), 9, stranger)).toMatchObject({
        errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      })
    const request = produceRequest('', batchOf(['a']), { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA' })
    expect(await row(request, 13, stranger)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_ID })
  })
})

describe('what is in the batch', () => {
  test('a base offset other than 0 comes before a batch that is too large', async () => {
    await fixture.configureTopic('t', { maxMessageBytes: 100 })
    const large = 'x'.repeat(100)
    expect(await row(produceRequest('t', batchOf([large], { baseOffset: 5 })))).toMatchObject({
      errorCode: ErrorCode.INVALID_RECORD,
      logStartOffset: 0n,
    })
    expect(await row(produceRequest('t', batchOf([large])))).toMatchObject({
      errorCode: ErrorCode.MESSAGE_TOO_LARGE,
      logStartOffset: -1n,
    })
  })

  test('max.message.bytes counts the whole batch as compressed, header included', async () => {
    const batch = batchOf(['x'.repeat(1000)], { compressionType: 'gzip' })
    await fixture.configureTopic('t', { maxMessageBytes: batch.length })
    expect(await row(produceRequest('t', batch))).toMatchObject({ errorCode: 0 })
    await fixture.configureTopic('t', { maxMessageBytes: batch.length - 1 })
    expect(await row(produceRequest('t', batch))).toMatchObject({ errorCode: ErrorCode.MESSAGE_TOO_LARGE })
  })

  test('a wrong checksum is a corrupt message', async () => {
    const batch = Buffer.from(batchOf(['a']))
    batch[batch.length - 1]! ^= 1
    expect(await row(produceRequest('t', batch))).toMatchObject({
      errorCode: ErrorCode.CORRUPT_MESSAGE,
      logStartOffset: -1n,
    })
  })

  test('records without a key on a compacted topic are each named, from version 8 on', async () => {
    await fixture.configureTopic('t', { compacted: true })
    const records = ['k', null, 'k', null].map((key) => ({
      timestamp: timestamp(1n),
      key: key === null ? null : Buffer.from(key),
      value: null,
    }))
    const batch = buildBatch({ records })
    expect(await row(produceRequest('t', batch), 8)).toMatchObject({
      errorCode: ErrorCode.INVALID_RECORD,
      logStartOffset: 0n,
      recordErrors: [{ batchIndex: 1 }, { batchIndex: 3 }],
      errorMessage: expect.any(String),
    })
    expect(await row(produceRequest('t', batch), 7)).toMatchObject({
      errorCode: ErrorCode.INVALID_RECORD,
      recordErrors: [],
    })
  })

  test('timestamps too far ahead are refused', async () => {
    const late = BigInt(fixture.clock.wallMs()) + 3_600_001n
    const records = [{ timestamp: timestamp(late), key: null, value: null }]
    expect(await row(produceRequest('t', buildBatch({ records })))).toMatchObject({
      errorCode: ErrorCode.INVALID_TIMESTAMP,
      recordErrors: [{ batchIndex: 0 }],
      logStartOffset: 0n,
    })
  })

  test('a topic of log-append time answers the time of the append', async () => {
    await fixture.configureTopic('t', { timestampType: 'LogAppendTime' })
    const now = BigInt(fixture.clock.wallMs())
    expect(await row(produceRequest('t', batchOf(['a'])))).toMatchObject({ errorCode: 0, logAppendTimeMs: now })
    expect(readBatchHeader(await stored('t'))).toMatchObject({ timestampType: 'LogAppendTime', maxTimestamp: now })
  })

  test('a topic with a codec of its own stores in that', async () => {
    await fixture.configureTopic('t', { compressionType: 'lz4' })
    await row(produceRequest('t', batchOf(['a'.repeat(100)], { compressionType: 'gzip' })))
    expect(readBatchHeader(await stored('t'))).toMatchObject({ codec: 3, recordsCount: 1 })
  })

  test('under full validation a compressed batch of junk is refused, under batch it is stored', async () => {
    const batch = Buffer.from(batchOf(['a'.repeat(100)], { compressionType: 'gzip' }))
    batch.fill(0xff, 80, 90)
    batch.writeUInt32BE(crc32c(batch, 21), 17)
    expect(await row(produceRequest('t', batch))).toMatchObject({ errorCode: 0 })
    fixture.settings = { ...fixture.settings, recordValidation: 'full' }
    expect((await row(produceRequest('t', batch))).errorCode).not.toBe(0)
  })
})

describe('what only clients of their own kind send', () => {
  test('timestamps further apart than 32 bits tell', async () => {
    const records = [1000n, 1000n + 2n ** 40n].map((time) => ({ timestamp: timestamp(time), key: null, value: null }))
    fixture.settings = { ...fixture.settings, recordValidation: 'full' }
    for (const compressionType of ['none', 'gzip'] as const)
      expect(await row(produceRequest('t', buildBatch({ records, compressionType })))).toMatchObject({ errorCode: 0 })
    expect([...recordsOf(await stored('t'), { maxDecompressedBytes: 1000 })]).toMatchObject(records)
  })

  test('a control batch is invalid', async () => {
    const batch = batchOf(['a'], { isControl: true })
    expect(await row(produceRequest('t', batch))).toMatchObject({
      errorCode: ErrorCode.INVALID_RECORD,
      logStartOffset: 0n,
    })
  })
})

describe('idempotence', () => {
  const first = { errorCode: ErrorCode.NONE, baseOffset: 0n }

  test('one of the last five batches again has its own offset and is not stored', async () => {
    for (let sequence = 0; sequence < 6; sequence++) await row(produceRequest('t', sequenced(4000, 0, sequence)))
    expect(await row(produceRequest('t', sequenced(4000, 0, 1)))).toMatchObject({
      errorCode: ErrorCode.NONE,
      baseOffset: 1n,
      logAppendTimeMs: 1000n,
    })
    expect(await row(produceRequest('t', sequenced(4000, 0, 0)))).toMatchObject({
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      logStartOffset: 0n,
    })
    expect(logOf('t').endOffset).toBe(6)
  })

  test('a gap is out of order, an older epoch fenced, a newer one begins with 0', async () => {
    expect(await row(produceRequest('t', sequenced(4000, 1, 0)))).toMatchObject(first)
    expect(await row(produceRequest('t', sequenced(4000, 1, 2)))).toMatchObject({
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    })
    expect(await row(produceRequest('t', sequenced(4000, 0, 1)))).toMatchObject({
      errorCode: ErrorCode.INVALID_PRODUCER_EPOCH,
      logStartOffset: 0n,
    })
    expect(await row(produceRequest('t', sequenced(4000, 2, 1)))).toMatchObject({
      errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    })
    expect(await row(produceRequest('t', sequenced(4000, 2, 0)))).toMatchObject({ errorCode: ErrorCode.NONE })
  })

  test('an unknown producer may begin anywhere', async () => {
    expect(await row(produceRequest('t', sequenced(9_999_999, 3, 77)))).toMatchObject(first)
  })

  test('a repeat after a restart is still one copy', async () => {
    await row(produceRequest('t', sequenced(4000, 0, 0), { acks: -1 }))
    await fixture.restart()
    client = fixture.client()
    expect(await row(produceRequest('t', sequenced(4000, 0, 0), { acks: -1 }))).toMatchObject(first)
    expect(logOf('t').endOffset).toBe(1)
  })
})

describe('old clients', () => {
  /** Value "a" without a key, as Kafka 0.8 and 0.10 write it. */
  const format0 = Buffer.from('00000000000000000000000f51df3a320000ffffffff0000000161', 'hex')
  const format1 = Buffer.from('00000000000000000000001742b4af0201000000018bcfe56800ffffffff0000000161', 'hex')

  test.each([0, 1, 2])('v%i: messages of format 0 become a batch', async (version) => {
    const two = Buffer.concat([format0, format0])
    expect(await row(produceRequest('t', two), version)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(await row(produceRequest('t', format0), version)).toMatchObject({ baseOffset: 2n })
    const log = await stored('t')
    expect(readBatchHeader(log)).toMatchObject({ recordsCount: 2, producerId: -1n })
    expect(Array.from(recordsOf(log, { maxDecompressedBytes: 100 }), ({ value }) => String(value))).toEqual(['a', 'a'])
  })

  test('v2: format 1 keeps its timestamps', async () => {
    expect(await row(produceRequest('t', format1), 2)).toMatchObject({
      errorCode: ErrorCode.NONE,
      logAppendTimeMs: -1n,
    })
    expect([...recordsOf(await stored('t'), { maxDecompressedBytes: 100 })]).toMatchObject([
      { timestamp: 1_700_000_000_000n, key: null },
    ])
  })

  test('v1: a message with a wrong checksum is corrupt', async () => {
    const broken = Buffer.from(format0)
    broken[broken.length - 1] = 0x62
    expect(await row(produceRequest('t', broken), 1)).toMatchObject({
      errorCode: ErrorCode.CORRUPT_MESSAGE,
      baseOffset: -1n,
    })
    expect(logOf('t').endOffset).toBe(0)
  })
})
