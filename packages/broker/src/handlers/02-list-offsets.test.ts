import { timestamp } from '@odradek/core'
import { ErrorCode, ListOffsets, type ListOffsetsRequestInput, Produce } from '@odradek/protocol'
import { buildBatch } from '@odradek/records'
import { DataFixture } from '../data-fixture.ts'
import { produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 2 })
})

/** A batch of records with these timestamps. */
async function produce(times: number[], compressionType: 'none' | 'gzip' = 'none', name = 't') {
  const records = times.map((time) => ({ timestamp: timestamp(BigInt(time)), key: null, value: Buffer.from('v') }))
  const batch = buildBatch({ records, compressionType })
  await fixture.settle(client.send(Produce, 9, produceRequest(name, batch)))
}

const ask = (at: number, rest: Partial<ListOffsetsRequestInput> = {}, row: object = {}): ListOffsetsRequestInput => ({
  replicaId: -1,
  isolationLevel: 0,
  topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: BigInt(at), ...row }] }],
  ...rest,
})

async function row(request: ListOffsetsRequestInput, version = 11, by = client) {
  const answer = await fixture.settle(by.send(ListOffsets, version, request))
  return answer!.topics[0]!.partitions[0]!
}

const found = (offset: number, time = -1, leaderEpoch = 0) => ({
  errorCode: ErrorCode.NONE,
  offset: BigInt(offset),
  timestamp: BigInt(time),
  leaderEpoch,
})
const nowhere = found(-1, -1, -1)

describe('times', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('v%i: latest is the end, earliest the start', async (version) => {
    await produce([1, 2, 3])
    await fixture.partitions.find(fixture.cluster.topic('t')!, 0)!.log.deleteRecordsBefore(1 as never)
    const epoch = version >= 4 ? 0 : -1
    expect(await row(ask(-1), version)).toMatchObject(found(3, -1, epoch))
    expect(await row(ask(-2), version)).toMatchObject(found(1, -1, epoch))
  })

  test("an empty log begins and ends at 0 in its leader's epoch", async () => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    await fixture.changePartitions('r', 2)
    await fixture.changePartitions('r', 1)
    for (const at of [-1, -2]) {
      const topics = [{ name: 'r', partitions: [{ partitionIndex: 0, timestamp: BigInt(at) }] }]
      expect(await row(ask(at, { topics }))).toMatchObject(found(0, -1, 2))
    }
    expect(await row(ask(-3))).toMatchObject(nowhere)
  })

  test.each(['none', 'gzip'] as const)(
    'the first record that is not older, record by record, in any order (%s)',
    async (codec) => {
      await produce([10, 40, 20, 30], codec)
      await produce([5, 50], codec)
      const expected = { 0: [0, 10], 10: [0, 10], 11: [1, 40], 40: [1, 40], 41: [5, 50], 50: [5, 50] }
      for (const [at, [offset, time]] of Object.entries(expected)) {
        expect(await row(ask(Number(at)))).toMatchObject(found(offset!, time!))
      }
      expect(await row(ask(51))).toMatchObject(nowhere)
    },
  )

  test("the found record's epoch, not the present one", async () => {
    await fixture.createTopic('r', { replicas: [1, 2] })
    await produce([10], 'none', 'r')
    await fixture.changePartitions('r', 2)
    await fixture.changePartitions('r', 1)
    await produce([20], 'none', 'r')
    const at = (time: number) =>
      ask(time, { topics: [{ name: 'r', partitions: [{ partitionIndex: 0, timestamp: BigInt(time) }] }] })
    expect(await row(at(10))).toMatchObject(found(0, 10, 0))
    expect(await row(at(11))).toMatchObject(found(1, 20, 2))
    expect(await row(at(-2))).toMatchObject(found(0, -1, 0))
    expect(await row(at(-1))).toMatchObject(found(2, -1, 2))
  })

  test('the largest timestamp is the first record that has it', async () => {
    await produce([10, 40, 20])
    await produce([40, 30])
    expect(await row(ask(-3))).toMatchObject(found(1, 40))
  })

  test.each([
    [-3, 7],
    [-4, 8],
    [-5, 9],
    [-6, 11],
  ])('%i is served from version %i on', async (at, since) => {
    await produce([10])
    expect(await row(ask(at), since - 1)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, offset: -1n })
    expect(await row(ask(at), since)).toMatchObject({ errorCode: ErrorCode.NONE })
  })

  test('there is no tiered storage: earliest local is the start, the others are nowhere', async () => {
    await produce([10])
    expect(await row(ask(-4))).toMatchObject(found(0))
    expect(await row(ask(-5))).toMatchObject(nowhere)
    expect(await row(ask(-6))).toMatchObject(nowhere)
  })

  test.each([-7, -100])('%i is no time', async (at) => {
    expect(await row(ask(at))).toMatchObject({ ...nowhere, errorCode: ErrorCode.UNSUPPORTED_VERSION })
  })

  test('what waits for the device is neither the end nor found, but for a replica', async () => {
    await produce([10, 20])
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    jest.spyOn(log, 'highWatermark', 'get').mockReturnValue(1 as never)
    jest.spyOn(log, 'lastStableOffset', 'get').mockReturnValue(0 as never)
    expect(await row(ask(-1))).toMatchObject(found(1))
    expect(await row(ask(-1, { isolationLevel: 1 }))).toMatchObject(found(0))
    expect(await row(ask(-3))).toMatchObject(nowhere)
    expect(await row(ask(-1, { replicaId: 5 }))).toMatchObject(found(2))
  })
})

describe('what is refused', () => {
  test('unknown topics and partitions, and what may not be described', async () => {
    const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
    const none = ask(-1, { topics: [{ name: 'none', partitions: [{ partitionIndex: 0, timestamp: -1n }] }] })
    expect(await row(none)).toMatchObject({ ...nowhere, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
    expect(await row(ask(-1, {}, { partitionIndex: 2 }))).toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })
    expect(await row(none, 11, stranger)).toMatchObject({ errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED })
  })

  test('a partition that is named twice, in one row', async () => {
    const rows = [0, 1, 0].map((partitionIndex) => ({ partitionIndex, timestamp: -1n }))
    const answer = await client.send(ListOffsets, 11, ask(-1, { topics: [{ name: 't', partitions: rows }] }))
    expect(answer?.topics[0]?.partitions.map((one) => one.errorCode)).toEqual([42, 0])
    const apart = rows.map((one) => ({ name: 't', partitions: [one] }))
    const again = await client.send(ListOffsets, 11, ask(-1, { topics: apart }))
    expect(again?.topics.map((topic) => topic.partitions.map((one) => one.errorCode))).toEqual([[42], [0]])
  })

  test('another node than the leader, and other epochs', async () => {
    await fixture.changePartitions('t', 1)
    expect(await row(ask(-1), 11, fixture.client(2))).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
    await fixture.createTopic('r', { replicas: [1, 2] })
    await fixture.changePartitions('r', 2)
    const at = (currentLeaderEpoch: number, replicaId = -1) =>
      ask(-1, {
        replicaId,
        topics: [{ name: 'r', partitions: [{ partitionIndex: 0, timestamp: -1n, currentLeaderEpoch }] }],
      })
    expect(await row(at(0))).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
    expect(await row(at(-2))).toMatchObject({ errorCode: ErrorCode.FENCED_LEADER_EPOCH })
    expect(await row(at(2))).toMatchObject({ errorCode: ErrorCode.UNKNOWN_LEADER_EPOCH })
    expect(await row(at(1))).toMatchObject({ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER })
    expect(await row(at(1, -2))).toMatchObject({ errorCode: ErrorCode.NONE })
  })

  test('a topic without partitions is left out', async () => {
    const request = { replicaId: -1, isolationLevel: 0, topics: [{ name: 't', partitions: [] }] }
    expect((await client.send(ListOffsets, 7, request))?.topics).toEqual([])
  })

  test('an isolation level other than 0 and 1', async () => {
    expect(await row(ask(-1, { isolationLevel: 2 }))).toMatchObject({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR })
  })

  test('a log that is broken, or turns out to be when it is read', async () => {
    const { log } = fixture.partitions.find(fixture.cluster.topic('t')!, 0)!
    jest.spyOn(log, 'lookupTimestamp').mockReturnValue(Promise.reject(new Error('bad bytes')))
    expect(await row(ask(0))).toMatchObject({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR })
    jest.spyOn(log, 'failure', 'get').mockReturnValue('bad bytes')
    expect(await row(ask(-1))).toMatchObject({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR, offset: -1n })
  })
})

describe('v0 gives lists of offsets', () => {
  const list = async (at: number, maxNumOffsets = 10) =>
    (
      await row(
        {
          ...ask(at),
          topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: BigInt(at), maxNumOffsets }] }],
        },
        0,
      )
    ).oldStyleOffsets

  test('falling, from the end or from the first record that is not older', async () => {
    expect(await list(-1)).toEqual([0n])
    await produce([10, 20, 30])
    expect(await list(-1)).toEqual([3n, 0n])
    expect(await list(-1, 1)).toEqual([3n])
    expect(await list(-2)).toEqual([0n])
    expect(await list(20)).toEqual([1n, 0n])
    expect(await list(31)).toEqual([3n, 0n])
    expect(await list(-1, 0)).toEqual([])
  })
})
