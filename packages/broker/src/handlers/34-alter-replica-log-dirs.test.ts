import { AlterReplicaLogDirs, ErrorCode } from '@odradek/protocol'
import { DataFixture } from '../data-fixture.ts'
import type { Harness } from '../harness.ts'

let fixture: DataFixture
let client: Harness

beforeEach(async () => {
  fixture = new DataFixture()
  client = fixture.client()
  await fixture.createTopic('t', { partitions: 2 })
})

const moveTo = async (path: string, name = 't', partitions = [0], by = client, version = 2) => {
  const dirs = [{ path, topics: [{ name, partitions }] }]
  const answer = await fixture.settle(by.send(AlterReplicaLogDirs, version, { dirs }))
  return answer!.results.map((each) => [each.topicName, each.partitions.map(({ errorCode }) => errorCode)])
}

test.each([0, 1, 2])('v%i: the directory where it is already', async (version) => {
  expect(await moveTo('/memory', 't', [0, 1], client, version)).toEqual([['t', [0, 0]]])
})

test.each(['/nope', 'memory', '/memory/', ''])('no directory has the path %j', async (path) => {
  expect(await moveTo(path)).toEqual([['t', [ErrorCode.LOG_DIR_NOT_FOUND]]])
  expect(await moveTo(path, 'none')).toEqual([['none', [ErrorCode.LOG_DIR_NOT_FOUND]]])
})

test('what does not exist is unknown, and its directory remembered', async () => {
  const wish = jest.spyOn(fixture.store, 'wish')
  expect(await moveTo('/memory', 't', [2, -1])).toEqual([['t', [3, 3]]])
  expect(await moveTo('/memory', 'none')).toEqual([['none', [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]]])
  expect(wish).toHaveBeenLastCalledWith('none', 0, '/memory')
  expect(fixture.store.wished('none', 0)).toBe(fixture.store.directories()[0]!.id)
  expect(fixture.store.wished('none', 1)).toBeNull()
})

test('a node that has no replica', async () => {
  expect(await moveTo('/memory', 't', [0], fixture.client(2))).toEqual([['t', [ErrorCode.REPLICA_NOT_AVAILABLE]]])
})

test('a directory that is offline, and a move that cannot be', async () => {
  jest.spyOn(fixture.store, 'move').mockReturnValue('KAFKA_STORAGE_ERROR')
  expect(await moveTo('/memory')).toEqual([['t', [ErrorCode.KAFKA_STORAGE_ERROR]]])
  jest.spyOn(fixture.store, 'directoryError').mockReturnValue('KAFKA_STORAGE_ERROR')
  expect(await moveTo('/memory')).toEqual([['t', [ErrorCode.KAFKA_STORAGE_ERROR]]])
})

test('a directory that takes no new partitions, whatever is to go there; Kafka 4.4 looks no further', async () => {
  fixture.store.attach({ record: async () => {}, isCordoned: () => true, moveBytesPerSecondMax: () => 1 })
  for (const name of ['t', 'none']) {
    expect(await moveTo('/memory', name)).toEqual([[name, [ErrorCode.INVALID_REPLICA_ASSIGNMENT]]])
  }
  expect(fixture.store.wished('none', 0)).toBeNull()
  expect(await moveTo('/nope')).toEqual([['t', [ErrorCode.LOG_DIR_NOT_FOUND]]])
})

test('without the right each partition has the error', async () => {
  const stranger = fixture.client(1, { authorizer: { authorize: () => false } })
  expect(await moveTo('/memory', 't', [0, 9], stranger)).toEqual([
    ['t', Array(2).fill(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)],
  ])
})

test('of a partition that is named twice the last directory counts; a topic without partitions has no row', async () => {
  const move = jest.spyOn(fixture.store, 'move').mockReturnValue(null)
  jest.spyOn(fixture.store, 'directoryError').mockReturnValue(null)
  const topics = (name: string, partitions: number[]) => [{ name, partitions }]
  const dirs = [
    { path: '/a', topics: [...topics('t', [0, 0]), ...topics('t', [1]), ...topics('empty', [])] },
    { path: '/b', topics: topics('t', [0]) },
  ]
  const answer = await fixture.settle(client.send(AlterReplicaLogDirs, 2, { dirs }))
  expect(answer?.results).toMatchObject([
    {
      topicName: 't',
      partitions: [
        { partitionIndex: 0, errorCode: 0 },
        { partitionIndex: 1, errorCode: 0 },
      ],
    },
  ])
  expect(move.mock.calls.map(([{ partition }, path]) => [partition, path])).toEqual([
    [0, '/b'],
    [1, '/a'],
  ])
})
