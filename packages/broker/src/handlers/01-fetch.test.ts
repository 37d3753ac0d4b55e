import { producerId, timestamp } from '@odradek/core'
import { ErrorCode, Fetch, type FetchRequestInput, type FetchResponse, Produce } from '@odradek/protocol'
import { buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, type FetchOptions, fetchRequest, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 3 })
})

async function produce(name: string, values: string[], index = 0, rest: Parameters<typeof batchOf>[1] = {}) {
  const batch = batchOf(values, rest)
  await fixture.settle(client.send(Produce, 9, produceRequest(name, batch, { index })))
  return batch.length
}

async function send(request: FetchRequestInput, version = 12, by = client): Promise<FetchResponse> {
  return (await fixture.settle(by.send(Fetch, version, request)))!
}

async function rows(options: FetchOptions, version = 12, by = client) {
  return (await send(fetchRequest('t', options), version, by)).responses.flatMap((topic) => topic.partitions)
}

async function row(options: FetchOptions = {}, version = 12, by = client) {
  return (await rows(options, version, by))[0]!
}

function baseOffsets(records: Uint8Array | null): number[] {
  const offsets: number[] = []
  for (let at = 0; at < (records?.length ?? 0); ) {
    const header = readBatchHeader(records!, at)
    offsets.push(header.baseOffset)
    at += header.sizeBytes
  }
  return offsets
}

function byId(options: FetchOptions = {}): FetchRequestInput {
  return fetchRequest('', { topicId: fixture.cluster.topic('t')!.id, ...options })
}

describe('what is read', () => {
  test.each([4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'v%i: the stored batches with the watermarks of the version',
    async (version) => {
      await produce('t', ['a', 'b'])
      const found = await row({}, version)
      expect(found).toMatchObject({
        errorCode: ErrorCode.NONE,
        highWatermark: 2n,
        lastStableOffset: 2n,
        logStartOffset: version >= 5 ? 0n : -1n,
        abortedTransactions: null,
        preferredReadReplica: -1,
      })
      expect(baseOffsets(found.records)).toEqual([0])
    },
  )

  test.each([13, 15, 18])('v%i: by topic id, which the answer has', async (version) => {
    await produce('t', ['a'])
    const { responses } = await send(byId(), version)
    expect(responses).toMatchObject([
      { topicId: fixture.cluster.topic('t')!.id, partitions: [{ errorCode: 0, highWatermark: 1n }] },
    ])
  })

  test('every offset of a batch gives the whole batch', async () => {
    await produce('t', ['a', 'b', 'c'])
    await produce('t', ['d', 'e'])
    for (const [offset, first] of [0, 0, 0, 3, 3].entries()) {
      expect(baseOffsets((await row({ offset })).records)[0]).toBe(first)
    }
  })

  test('at the end there is nothing, and never null; past it and before the start the offset is out of range', async () => {
    await produce('t', ['a'])
    expect(await row({ offset: 1 })).toMatchObject({ errorCode: 0, records: Buffer.alloc(0), highWatermark: 1n })
    for (const offset of [2, -1]) {
      expect(await row({ offset })).toMatchObject({
        errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
        highWatermark: -1n,
        lastStableOffset: -1n,
        logStartOffset: -1n,
        abortedTransactions: null,
        records: Buffer.alloc(0),
      })
    }
    await fixture.partitions.find(fixture.cluster.topic('t')!, 0)!.log.deleteRecordsBefore(1 as never)
    expect(await row({ offset: 0 })).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
  })

  test('read_committed has a list of aborted transactions, empty, with and without data', async () => {
    await produce('t', ['a'])
    for (const offset of [0, 1])
      expect(await row({ offset, isolationLevel: 1 })).toMatchObject({ abortedTransactions: [] })
  })

  test('what waits for the device is not seen yet', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    jest.spyOn(log, 'highWatermark', 'get').mockReturnValue(0 as never)
    await produce('t', ['a'])
    expect(await row({ offset: 0 })).toMatchObject({ errorCode: 0, highWatermark: 0n, records: Buffer.alloc(0) })
    expect(await row({ offset: 1 })).toMatchObject({ errorCode: 0, records: Buffer.alloc(0) })
  })
})

describe('limits', () => {
  test('the first partition with data gives a batch however small the limits, the later ones what fits', async () => {
    const sizes = [await produce('t', ['x'.repeat(500)], 1), await produce('t', ['y'.repeat(500)], 2)]
    for (const limits of [
      { maxBytes: 0 },
      { partitionMaxBytes: 0 },
      { maxBytes: sizes[0]! },
      { maxBytes: sizes[0]! + sizes[1]! - 1 },
    ]) {
      const found = await rows({ partitions: [0, 1, 2], ...limits })
      expect(found.map(({ records }) => records!.length)).toEqual([0, sizes[0], 0])
    }
    const both = await rows({ partitions: [0, 1, 2], maxBytes: sizes[0]! + sizes[1]! })
    expect(both.map(({ records }) => records!.length)).toEqual([0, ...sizes])
  })

  test('only whole batches, up to the limit of the partition', async () => {
    const size = await produce('t', ['a'])
    await produce('t', ['b'])
    await produce('t', ['c'])
    expect(baseOffsets((await row({ partitionMaxBytes: 2 * size })).records)).toEqual([0, 1])
    expect(baseOffsets((await row({ partitionMaxBytes: 3 * size - 1 })).records)).toEqual([0, 1])
  })

  test('fetch.max.bytes of the broker holds whatever the client says', async () => {
    const size = await produce('t', ['a'], 0)
    await produce('t', ['b'], 1)
    fixture.settings = { ...fixture.settings, fetchMaxBytes: size }
    expect((await rows({ partitions: [0, 1] })).map(({ records }) => records!.length)).toEqual([size, 0])
  })

  test('negative limits are an unknown error where there is data', async () => {
    await produce('t', ['a'])
    for (const limits of [{ maxBytes: -1 }, { partitionMaxBytes: -1 }])
      expect(await row(limits)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR })
  })

  test('a partition that comes twice counts once, with its last row', async () => {
    await produce('t', ['a'])
    const request = fetchRequest('t', { partitions: [0, 0] })
    const [first, second] = request.topics[0]!.partitions
    const twice = { ...request, topics: [{ topic: 't', partitions: [{ ...first!, fetchOffset: 9n }, second!] }] }
    const found = (await send(twice)).responses.flatMap((topic) => topic.partitions)
    expect(found).toMatchObject([{ partitionIndex: 0, errorCode: 0 }])
  })
})

describe('what is refused', () => {
  test('rows keep their order, those refused without reading come last', async () => {
    const names = ['none', 't', 'none too']
    const request = fetchRequest('t', { partitions: [5, 0] })
    const topics = names.map((topic) => ({ ...request.topics[0]!, topic }))
    const { responses } = await send({ ...request, topics })
    expect(
      responses.map(({ topic, partitions }) => [topic, partitions.map((one) => [one.partitionIndex, one.errorCode])]),
    ).toEqual([
      ['t', [[0, 0]]],
      [
        'none',
        [
          [5, 3],
          [0, 3],
        ],
      ],
      ['t', [[5, 3]]],
      [
        'none too',
        [
          [5, 3],
          [0, 3],
        ],
      ],
    ])
    expect(responses[1]?.partitions[0]?.abortedTransactions).toEqual([])
  })

  test('an unknown topic id is that; a missing partition of a known one is unknown', async () => {
    const unknown = await send(fetchRequest('', { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA' }), 13)
    expect(unknown.responses[0]?.partitions).toMatchObject([
      { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, abortedTransactions: [] },
    ])
    const missing = await send(byId({ partitions: [3] }), 13)
    expect(missing.responses[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }])
  })

  test('without the right a topic is hidden', async () => {
    const stranger = fixture.client(1, { authorizer: { authorize: (_p, _h, operation) => operation !== 'READ' } })
    expect(await row({}, 12, stranger)).toMatchObject({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
    const { responses } = await send(fetchRequest('none'), 12, stranger)
    expect(responses[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED }])
  })

  test.each([10, 12, 16])(
    'v%i: a node that has no replica says so, from version 16 with the leader',
    async (version) => {
      const request = version >= 13 ? byId() : fetchRequest('t')
      const response = await send(request, version, fixture.client(2))
      expect(response.responses[0]?.partitions).toMatchObject([
        {
          errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
          currentLeader: version >= 16 ? { leaderId: 1, leaderEpoch: 0 } : { leaderId: -1, leaderEpoch: -1 },
        },
      ])
      expect(response.nodeEndpoints).toEqual(
        version >= 16 ? [{ nodeId: 1, host: 'localhost', port: 9092, rack: null }] : [],
      )
    },
  )

  test.each([
    [10, ErrorCode.NOT_LEADER_OR_FOLLOWER],
    [11, ErrorCode.NONE],
  ])('v%i: a follower answers consumers with %i', async (version, errorCode) => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    await produce('r', ['a'])
    const { responses } = await send(fetchRequest('r'), version, fixture.client(2))
    expect(responses[0]?.partitions).toMatchObject([{ errorCode }])
  })

  test('epochs: an older one is fenced, a newer one unknown, -1 not looked at; before the question who leads', async () => {
    await fixture.changePartitions('t', 1)
    await fixture.createTopic('r', { replicas: [1, 2] })
    await fixture.changePartitions('r', 2)
    for (const [currentLeaderEpoch, errorCode] of [
      [0, ErrorCode.FENCED_LEADER_EPOCH],
      [2, ErrorCode.UNKNOWN_LEADER_EPOCH],
      [1, 0],
      [-1, 0],
    ]) {
      const request = fetchRequest('r', { currentLeaderEpoch: currentLeaderEpoch! })
      const { responses } = await send(request, 12, fixture.client(2))
      expect(responses[0]?.partitions).toMatchObject([{ errorCode }])
    }
    const fenced = await send(fetchRequest('r', { currentLeaderEpoch: 0 }), 10, fixture.client(1))
    expect(fenced.responses[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.FENCED_LEADER_EPOCH }])
  })

  test('v16: who is fenced is told who leads', async () => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    await fixture.changePartitions('r', 2)
    const topicId = fixture.cluster.topic('r')!.id
    const response = await send(fetchRequest('', { topicId, currentLeaderEpoch: 0 }), 16)
    expect(response.responses[0]?.partitions[0]?.currentLeader).toMatchObject({ leaderId: 2, leaderEpoch: 1 })
    expect(response.nodeEndpoints).toMatchObject([{ nodeId: 2, port: 9093 }])
  })

  test('the last epoch that was fetched: one beyond its end diverges, an unknown one is out of range', async () => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    await produce('r', ['a', 'b'])
    await fixture.changePartitions('r', 2)
    await fixture.changePartitions('r', 1)
    await produce('r', ['c'])
    const found = async (options: FetchOptions) => (await send(fetchRequest('r', options))).responses[0]!.partitions[0]!
    expect(await found({ offset: 3, lastFetchedEpoch: 0 })).toMatchObject({
      errorCode: 0,
      divergingEpoch: { epoch: 0, endOffset: 2n },
      records: Buffer.alloc(0),
      highWatermark: 3n,
    })
    expect(await found({ offset: 2, lastFetchedEpoch: 1 })).toMatchObject({
      divergingEpoch: { epoch: 0, endOffset: 2n },
    })
    expect(await found({ offset: 2, lastFetchedEpoch: 0 })).toMatchObject({
      divergingEpoch: { epoch: -1, endOffset: -1n },
    })
    expect(await found({ offset: 3, lastFetchedEpoch: 3 })).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect(await found({ offset: 0, lastFetchedEpoch: -1 })).toMatchObject({ errorCode: 0 })
  })

  test.each([
    [5, ErrorCode.NOT_LEADER_OR_FOLLOWER],
    [6, ErrorCode.KAFKA_STORAGE_ERROR],
  ])('v%i: a broken log is %i', async (version, errorCode) => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    jest.spyOn(log, 'failure', 'get').mockReturnValue('bad bytes at offsets 3 to 9')
    expect(await row({}, version)).toMatchObject({ errorCode, highWatermark: -1n })
  })

  test('an isolation level other than 0 and 1 is an unknown error everywhere', async () => {
    const response = await send(fetchRequest('t', { isolationLevel: 2, partitions: [0, 7] }))
    expect(response.errorCode).toBe(ErrorCode.UNKNOWN_SERVER_ERROR)
    expect(response.responses[0]?.partitions.map((one) => one.errorCode)).toEqual([-1, -1])
    // By id Kafka leaves the rows out.
    const refused = await send(byId({ isolationLevel: 2, partitions: [0, 7] }), 13)
    expect(refused).toMatchObject({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, responses: [] })
  })

  test('CVE-2018-1288: a replica needs rights, and to be one; it may see what consumers may not', async () => {
    await produce('t', ['a'])
    const asReplica = (replicaId: number) => ({ ...fetchRequest('t'), replicaId })
    const noBroker = fixture.client(1, {
      authorizer: { authorize: (_p, _h, operation) => operation !== 'CLUSTER_ACTION' },
    })
    const codeOf = async (replicaId: number, by = client) =>
      (await send(asReplica(replicaId), 12, by)).responses[0]!.partitions[0]!.errorCode
    expect(await codeOf(1, noBroker)).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    const nothingElse = fixture.client(1, {
      authorizer: { authorize: (_p, _h, operation) => operation === 'CLUSTER_ACTION' },
    })
    expect(await codeOf(1, nothingElse)).toBe(ErrorCode.NONE)
    expect(await codeOf(-1, nothingElse)).toBe(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
    expect(await codeOf(2)).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(await codeOf(1)).toBe(ErrorCode.NONE)
    expect(await codeOf(-2)).toBe(ErrorCode.NONE)
    const state = { ...byId(), replicaState: { replicaId: 5, replicaEpoch: 1n } }
    expect((await send(state, 15)).responses[0]?.partitions).toMatchObject([
      { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER },
    ])
  })
})

describe('long polls', () => {
  function poll(options: FetchOptions, by = client) {
    const poll = { answer: undefined as FetchResponse | null | undefined }
    void by.send(Fetch, 12, fetchRequest('t', { maxWaitMs: 500, ...options })).then((answer) => {
      poll.answer = answer
    })
    return poll
  }

  test('ends at once with an append', async () => {
    const waiting = poll({})
    await fixture.turn()
    expect(waiting.answer).toBeUndefined()
    await produce('t', ['a'])
    await fixture.turn()
    expect(baseOffsets(waiting.answer!.responses[0]!.partitions[0]!.records)).toEqual([0])
  })

  test('ends when its time is over, and not before', async () => {
    const waiting = poll({})
    await fixture.turn()
    fixture.clock.advance(499)
    await fixture.turn()
    expect(waiting.answer).toBeUndefined()
    fixture.clock.advance(1)
    await fixture.turn()
    expect(waiting.answer?.responses[0]?.partitions).toMatchObject([{ errorCode: 0, records: Buffer.alloc(0) }])
  })

  test('waits for min_bytes over all partitions', async () => {
    const size = await produce('t', ['a'], 0)
    const waiting = poll({ partitions: [0, 1], minBytes: 3 * size })
    await produce('t', ['b'], 1)
    await fixture.turn()
    expect(waiting.answer).toBeUndefined()
    await produce('t', ['c'], 1)
    await fixture.turn()
    expect(waiting.answer?.responses[0]?.partitions.map((one) => one.records?.length)).toEqual([size, 2 * size])
  })

  test('counts of each partition only what it may give', async () => {
    const size = await produce('t', ['a'], 0)
    const waiting = poll({ partitions: [0, 1], minBytes: 3 * size, partitionMaxBytes: size })
    for (let count = 0; count < 5; count++) await produce('t', ['b'], 0)
    await fixture.turn()
    expect(waiting.answer).toBeUndefined()
    fixture.clock.advance(500)
    await fixture.turn()
    expect(waiting.answer?.responses[0]?.partitions.map((one) => one.records?.length)).toEqual([size, 0])
  })

  test('min_bytes above max_bytes is no more than that', async () => {
    await produce('t', ['a'])
    const waiting = poll({ minBytes: 1_000_000, maxBytes: 50 })
    await fixture.turn()
    expect(waiting.answer).toBeDefined()
  })

  test('does not wait when a partition that was read has an error; those refused before do not count', async () => {
    const failing = poll({ partitions: [0, 1], offset: 7 })
    await fixture.turn()
    expect(failing.answer).toBeDefined()
    const refused = poll({ partitions: [0, 9] })
    await fixture.turn()
    expect(refused.answer).toBeUndefined()
    const allRefused = poll({ partitions: [8, 9] })
    await fixture.turn()
    expect(allRefused.answer).toBeDefined()
  })

  test('no partitions, no waiting', async () => {
    const none = { ...fetchRequest('t', { maxWaitMs: 500 }), topics: [] }
    expect(await send(none)).toMatchObject({ errorCode: 0, responses: [] })
  })

  test('a new leader ends the wait', async () => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    let answer: FetchResponse | null = null
    void client.send(Fetch, 10, fetchRequest('r', { maxWaitMs: 500 })).then((one) => {
      answer = one
    })
    await fixture.turn()
    await fixture.changePartitions('t', 1)
    await fixture.turn()
    expect(answer).toBeNull()
    await fixture.changePartitions('r', 2)
    await fixture.turn()
    expect(answer!.responses[0]!.partitions).toMatchObject([{ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }])
  })

  test('what acks=1 brings while too few are in sync is seen when enough are again', async () => {
    await fixture.createTopic('m', { replicas: [1, 2], settings: { minInsyncReplicas: 2 } })
    await produce('m', ['a'])
    await fixture.changePartitions('m', 1, [1])
    await produce('m', ['b'])
    const [held] = (await send(fetchRequest('m', { offset: 1 }))).responses[0]!.partitions
    expect(held).toMatchObject({ errorCode: 0, highWatermark: 1n, lastStableOffset: 1n, records: Buffer.alloc(0) })
    const waiting = client.send(Fetch, 12, fetchRequest('m', { offset: 1, maxWaitMs: 500 }))
    await fixture.changePartitions('m', 1, [1, 2])
    const [seen] = (await fixture.settle(waiting))!.responses[0]!.partitions
    expect([seen!.highWatermark, baseOffsets(seen!.records)]).toEqual([2n, [1]])
  })

  test('a smaller min.insync.replicas shows it too', async () => {
    await fixture.createTopic('m', { replicas: [1, 2], inSyncReplicas: [1], settings: { minInsyncReplicas: 2 } })
    await produce('m', ['a'])
    const read = async () => (await send(fetchRequest('m', {}))).responses[0]!.partitions[0]!.highWatermark
    expect(await read()).toBe(0n)
    await fixture.configureTopic('m', { minInsyncReplicas: 1 })
    await fixture.turn()
    expect(await read()).toBe(1n)
  })

  test('a deleted topic ends the wait', async () => {
    const waiting = poll({})
    await fixture.turn()
    await fixture.deleteTopic('t')
    await fixture.turn()
    expect(waiting.answer?.responses[0]?.partitions).toMatchObject([
      { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
    ])
  })

  test('records that were deleted under it end the wait', async () => {
    await produce('t', ['a', 'b', 'c'])
    const waiting = poll({ offset: 2, minBytes: 1000 })
    await fixture.turn()
    expect(waiting.answer).toBeUndefined()
    await fixture.partitions.find(fixture.cluster.topic('t')!, 0)!.log.deleteRecordsBefore(3 as never)
    await fixture.turn()
    expect(waiting.answer?.responses[0]?.partitions).toMatchObject([{ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE }])
  })

  test('a client that has gone waits no more, and leaves no watcher and no timer', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    const watch = jest.spyOn(log, 'watch')
    const gone = fixture.client()
    poll({}, gone)
    await fixture.turn()
    const removal = watch.mock.results[0]
    expect(removal?.type).toBe('return')
    gone.disconnect()
    await fixture.turn()
    const read = jest.spyOn(log, 'read')
    await produce('t', ['a'])
    fixture.clock.advance(10_000)
    await fixture.turn()
    expect(read).not.toHaveBeenCalled()
  })

  test('nothing is looked at while nothing happens', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    const offsets = jest.spyOn(log, 'highWatermark', 'get')
    poll({ maxWaitMs: 60_000 })
    await fixture.turn()
    const before = offsets.mock.calls.length
    for (let second = 0; second < 59; second++) {
      fixture.clock.advance(1000)
      await fixture.turn()
    }
    expect(offsets.mock.calls.length).toBe(before)
  })
})

test('buffers are given back once the answer has left, and those of a wait before it', async () => {
  await produce('t', ['a'])
  const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
  const read = log.read.bind(log)
  let held = 0
  jest.spyOn(log, 'read').mockImplementation((request) => {
    const result = read(request)
    if (result instanceof Promise || !result.ok) return result
    held++
    return {
      ...result,
      release: () => {
        held--
        result.release()
      },
    }
  })
  await row()
  expect(held).toBe(0)
  const waiting = client.send(Fetch, 12, fetchRequest('t', { maxWaitMs: 500, minBytes: 10_000 }))
  await fixture.turn()
  expect(held).toBe(0)
  fixture.clock.advance(500)
  await fixture.settle(waiting)
  expect(held).toBe(0)
})

test('late engines are waited for, partition by partition', async () => {
  await produce('t', ['a'], 0)
  await produce('t', ['b'], 1)
  for (const index of [0, 1]) {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, index)!
    const read = log.read.bind(log)
    jest.spyOn(log, 'read').mockImplementation(async (request) => {
      await new Promise((resolve) => setImmediate(resolve))
      return read(request)
    })
  }
  const found = await rows({ partitions: [0, 1, 2] })
  expect(found.map(({ records }) => baseOffsets(records))).toEqual([[0], [0], []])
})

describe('old clients', () => {
  test.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1],
  ])('v%i reads messages of format %i', async (version, format) => {
    await produce('t', ['a', 'b'])
    const { records } = await row({}, version)
    expect(records![16]).toBe(format)
    expect(Buffer.from(records!).readBigInt64BE(0)).toBe(0n)
    const size = 12 + Buffer.from(records!).readInt32BE(8)
    expect(Buffer.from(records!).readBigInt64BE(size)).toBe(1n)
  })

  test('v3: plain messages begin where the client asks', async () => {
    await produce('t', ['a', 'b', 'c'])
    expect(Buffer.from((await row({ offset: 2 }, 3)).records!).readBigInt64BE(0)).toBe(2n)
  })

  test('v2: zstd has no form in their formats', async () => {
    await produce('t', ['a'], 0, { compressionType: 'zstd' })
    expect(await row({}, 2)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE })
    expect(await row({}, 4)).toMatchObject({ errorCode: 0 })
  })

  test('v3: waits with min_bytes and answers converted records', async () => {
    const waiting = client.send(Fetch, 3, fetchRequest('t', { maxWaitMs: 500, minBytes: 200 }))
    await produce('t', ['a'])
    fixture.clock.advance(500)
    const response = await fixture.settle(waiting)
    expect(response?.responses[0]?.partitions[0]?.records?.[16]).toBe(1)
  })

  test('v3: control batches are passed over, or the client would ask for them for ever', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    const batch = buildEndTransactionBatch({
      outcome: 'abort',
      coordinatorEpoch: 0,
      producerId: producerId(1n),
      producerEpoch: 0,
      timestamp: timestamp(1n),
    })
    const appended = new Promise((resolve) =>
      log.append({ batch, header: readBatchHeader(batch), durability: 'written' }, resolve),
    )
    await fixture.settle(appended)
    expect(await row({}, 3)).toMatchObject({ errorCode: 0, records: Buffer.alloc(0), highWatermark: 1n })
    await produce('t', ['a'])
    const { records } = await row({ partitionMaxBytes: batch.length }, 3)
    expect(Buffer.from(records!).readBigInt64BE(0)).toBe(1n)
  })
})
