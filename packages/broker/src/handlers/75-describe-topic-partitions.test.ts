import { ZERO_TOPIC_ID } from '@odradek/core'
import { DescribeTopicPartitions, ErrorCode } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

interface Cursor {
  readonly topicName: string
  readonly partitionIndex: number
}

const PARTITIONS: Readonly<Record<string, number>> = { a: 3, b: 1, c: 2, 'c.d': 1 }

let fixture: MetadataFixture
beforeAll(async () => {
  fixture = await MetadataFixture.start({ entries: { 'max.request.partition.size.limit': '5' } })
  // Made in another order than that of their names.
  for (const name of ['c', 'b', 'c.d', 'a']) await fixture.create(topicCommand(name, { partitions: PARTITIONS[name]! }))
})

async function describe_(names: string[], limit = 2000, cursor: Cursor | null = null, authorizer?: Authorizer) {
  const topics = names.map((name) => ({ name }))
  const request = { topics, responsePartitionLimit: limit, cursor }
  const response = await fixture.send(
    DescribeTopicPartitions,
    0,
    request,
    authorizer === undefined ? {} : { authorizer },
  )
  const rows = response.topics.map(({ name, errorCode, partitions }) =>
    errorCode === ErrorCode.NONE
      ? [name, ...partitions.map(({ partitionIndex }) => partitionIndex)]
      : [name, { errorCode }],
  )
  return { response, rows, next: response.nextCursor }
}

test('a topic with everything about it', async () => {
  const { response } = await describe_(['b'])
  const { id, partitions } = fixture.metadata.cluster.topic('b')!
  expect(response.topics).toMatchObject([
    {
      errorCode: ErrorCode.NONE,
      name: 'b',
      topicId: id,
      isInternal: false,
      topicAuthorizedOperations: 0b1101_1111_1000,
    },
  ])
  expect(response.topics[0]!.partitions).toEqual([
    {
      errorCode: ErrorCode.NONE,
      partitionIndex: 0,
      leaderId: partitions[0]!.leader,
      leaderEpoch: 0,
      replicaNodes: [1],
      isrNodes: [1],
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
      offlineReplicas: [],
    },
  ])
})

const at = (topicName: string, partitionIndex: number): Cursor => ({ topicName, partitionIndex })
const gone = (errorCode: ErrorCode) => ({ errorCode })

test.each<[string, string[], number, Cursor | null, unknown[], Cursor | null]>([
  [
    'topics come by name, each once',
    ['c', 'a', 'b', 'a'],
    2000,
    null,
    [
      ['a', 0, 1, 2],
      ['b', 0],
      ['c', 0],
    ],
    at('c', 1),
  ],
  [
    'no names: all, up to the broker’s limit',
    [],
    2000,
    null,
    [
      ['a', 0, 1, 2],
      ['b', 0],
      ['c', 0],
    ],
    at('c', 1),
  ],
  ['the request’s own limit', [], 2, null, [['a', 0, 1]], at('a', 2)],
  ['a limit that ends with a topic', [], 3, null, [['a', 0, 1, 2]], at('b', 0)],
  [
    'a limit that ends with all',
    ['a', 'b'],
    4,
    null,
    [
      ['a', 0, 1, 2],
      ['b', 0],
    ],
    null,
  ],
  ['a limit of 0 is 1', ['a'], 0, null, [['a', 0]], at('a', 1)],
  ['a limit below 0 is 1', ['a'], -5, null, [['a', 0]], at('a', 1)],
  [
    'a cursor within a topic',
    [],
    2,
    at('a', 2),
    [
      ['a', 2],
      ['b', 0],
    ],
    at('c', 0),
  ],
  [
    'a cursor of one of the names',
    ['a', 'b', 'c'],
    2000,
    at('b', 0),
    [
      ['b', 0],
      ['c', 0, 1],
    ],
    null,
  ],
  ['a cursor past a topic’s end', ['a', 'b'], 2000, at('a', 7), [['a'], ['b', 0]], null],
  [
    'all, from a name that is not there',
    [],
    2000,
    at('bb', 4),
    [
      ['c', 0, 1],
      ['c.d', 0],
    ],
    null,
  ],
  ['missing and illegal ones do not count', ['a', 'a/b', 'no'], 3, null, [['a', 0, 1, 2]], at('a/b', 0)],
  [
    'missing and illegal ones',
    ['no', 'b', 'a/b'],
    3,
    null,
    [
      ['a/b', gone(17)],
      ['b', 0],
      ['no', gone(3)],
    ],
    null,
  ],
])('%s', async (_, names, limit, cursor, rows, next) => {
  const page = await describe_(names, limit, cursor)
  expect(page.rows).toEqual(rows)
  expect(page.next).toEqual(next)
})

test.each<[string, string[], Cursor]>([
  ['a cursor that is not among the names', ['a', 'c'], at('b', 0)],
  ['a cursor below the first partition', ['a', 'c'], at('a', -1)],
])('%s fails every topic of the request', async (_, names, cursor) => {
  const { rows, next } = await describe_(names, 2000, cursor)
  expect(rows).toEqual(names.map((name) => [name, gone(ErrorCode.INVALID_REQUEST)]))
  expect(next).toBeNull()
})

test('an empty name fails every topic of the request', async () => {
  const { rows } = await describe_(['a', ''])
  expect(rows).toEqual([
    ['a', gone(ErrorCode.UNKNOWN_SERVER_ERROR)],
    ['', gone(ErrorCode.UNKNOWN_SERVER_ERROR)],
  ])
})

test('an internal topic that is missing is still internal', async () => {
  const { response } = await describe_(['__consumer_offsets'])
  expect(response.topics).toMatchObject([{ errorCode: 3, isInternal: true, topicId: ZERO_TOPIC_ID }])
})

test('hidden topics come last when they were named, and not at all otherwise', async () => {
  const authorizer: Authorizer = { authorize: (_principal, _host, _operation, _resource, name) => name === 'c' }
  const named = await describe_(['a', 'c', 'no'], 2000, null, authorizer)
  const denied = gone(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  expect(named.rows).toEqual([
    ['c', 0, 1],
    ['a', denied],
    ['no', denied],
  ])
  expect(named.response.topics[1]).toMatchObject({ topicId: ZERO_TOPIC_ID, topicAuthorizedOperations: -2_147_483_648 })
  expect((await describe_([], 2000, null, authorizer)).rows).toEqual([['c', 0, 1]])
})

test('very many names are looked at in turns', async () => {
  const soon = jest.spyOn(fixture.clock, 'soon')
  const names = Array.from({ length: 3 * ROWS_PER_TURN }, (_, at) => `none-${String(at).padStart(5, '0')}`)
  const { rows, next } = await describe_(names)
  expect(rows).toEqual(names.map((name) => [name, { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }]))
  expect(next).toBeNull()
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual(4)
  soon.mockRestore()
})
