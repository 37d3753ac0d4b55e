import { DescribeLogDirs, ErrorCode, Produce } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import { batchOf, produceRequest } from '../data-requests.ts'
import type { Harness } from '../harness.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 3 })
  await fixture.createTopic('elsewhere', { leader: 2, replicas: [2, 3] })
  await fixture.settle(client.send(Produce, 9, produceRequest('t', batchOf(['a', 'b']), { index: 1 })))
})

const ask = async (
  topics: readonly { topic: string; partitions: readonly number[] }[] | null,
  version = 5,
  by = client,
) => (await fixture.settle(by.send(DescribeLogDirs, version, { topics })))!

const row = (partitionIndex: number, partitionSize: number) => ({
  ...{ partitionIndex, partitionSize: BigInt(partitionSize), offsetLag: 0n, isFutureKey: false },
})

const sizeOf = (index: number) => fixture.partitions.find(fixture.cluster.topic('t')!, index)!.log.sizeBytes

test.each([0, 1, 2, 3, 4, 5])('v%i: all replicas of the node, with their sizes', async (version) => {
  expect(sizeOf(1)).toBeGreaterThan(60)
  const space = version < 4 ? -1n : expect.any(BigInt)
  expect(await ask(null, version)).toMatchObject({
    errorCode: 0,
    results: [
      {
        errorCode: 0,
        logDir: '/memory',
        topics: [{ name: 't', partitions: [row(0, 0), row(1, sizeOf(1)), row(2, 0)] }],
        totalBytes: space,
        usableBytes: space,
        isCordoned: false,
      },
    ],
  })
})

test('the memory’s bound is its size', async () => {
  const [directory] = (await ask([])).results
  expect(directory).toMatchObject({ totalBytes: 268_435_456n, topics: [] })
  expect(directory!.usableBytes).toBeLessThan(268_435_456n)
})

test('each node has the replicas that are assigned to it', async () => {
  for (const node of [2, 3]) {
    const { results } = await ask(null, 5, fixture.client(node))
    expect(results[0]?.topics.map(({ name }) => name)).toEqual(['elsewhere'])
  }
})

test('what was asked for, each once; what does not exist is left out', async () => {
  const { results } = await ask([
    { topic: 't', partitions: [2, 1, 9, 1, -1] },
    { topic: 'none', partitions: [0] },
    { topic: 't', partitions: [0] },
    { topic: 'elsewhere', partitions: [0] },
  ])
  expect(results[0]?.topics).toEqual([
    expect.objectContaining({
      name: 't',
      partitions: [row(2, 0), row(1, sizeOf(1)), row(0, 0)].map((each) => expect.objectContaining(each)),
    }),
  ])
})

test('a copy that is being made stands in its directory, with what it lacks', async () => {
  const [home] = fixture.store.directories()
  const other = { id: 'o', path: '/other', failure: null, isCordoned: true, space: () => null }
  const future = { directory: other, sizeBytes: 40, endOffset: 1 }
  jest.spyOn(fixture.store, 'directories').mockReturnValue([home!, other])
  jest.spyOn(fixture.store, 'placeOf').mockReturnValue({ directory: home!, future })
  const { results } = await ask([{ topic: 't', partitions: [1] }])
  expect(results).toMatchObject([
    { topics: [{ name: 't', partitions: [row(1, sizeOf(1))] }], isCordoned: false },
    {
      logDir: '/other',
      topics: [
        { name: 't', partitions: [{ partitionIndex: 1, partitionSize: 40n, offsetLag: 1n, isFutureKey: true }] },
      ],
      totalBytes: -1n,
      usableBytes: -1n,
      isCordoned: true,
    },
  ])
})

test('a directory that is offline has an error and nothing else', async () => {
  const [home] = fixture.store.directories()
  const broken = { id: home!.id, path: '/memory', failure: 'EIO', isCordoned: false, space: () => home!.space() }
  jest.spyOn(fixture.store, 'directories').mockReturnValue([broken])
  jest.spyOn(fixture.store, 'placeOf').mockReturnValue({ directory: broken, future: null })
  expect((await ask(null)).results).toMatchObject([
    { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: '/memory', topics: [], totalBytes: -1n, usableBytes: -1n },
  ])
})

test('without the right: an error from 3 on, and no results in any version', async () => {
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await ask(null, 3, stranger)).toMatchObject({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, results: [] })
  expect(await ask(null, 2, stranger)).toMatchObject({ results: [] })
})

test('very many topics are looked up in turns', async () => {
  const soon = jest.spyOn(fixture.clock, 'soon')
  const names = Array.from({ length: 3 * ROWS_PER_TURN }, (_, at) => `none-${at}`)
  const before = soon.mock.calls.length
  const { results } = await ask([...names, 't'].map((topic) => ({ topic, partitions: [1] })))
  expect(results[0]?.topics.map(({ name }) => name)).toEqual(['t'])
  expect(soon.mock.calls.length - before).toBeGreaterThanOrEqual(3)
})
