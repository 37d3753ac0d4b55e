import { CreatePartitions, type CreatePartitionsRequestInput, ErrorCode, errorName } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

type Topic = CreatePartitionsRequestInput['topics'][number]

function topic(name: string, count: number, replicas: readonly number[][] | null = null): Topic {
  return { name, count, assignments: replicas === null ? null : replicas.map((brokerIds) => ({ brokerIds })) }
}

function request(topics: readonly Topic[], more: Partial<CreatePartitionsRequestInput> = {}) {
  return { topics, timeoutMs: 5000, validateOnly: false, ...more }
}

async function start(): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.create(topicCommand('three', { partitions: 3, replicationFactor: 2 }), topicCommand('one'))
  return fixture
}

describe('one topic', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await start()
  })

  test.each<[string, Topic, string]>([
    ['an unknown topic', topic('nosuch', 3), 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an illegal name', topic('a/b', 3), 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['no name', topic('', 3), 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['as many as there are', topic('three', 3), 'INVALID_PARTITIONS'],
    ['fewer', topic('three', 2), 'INVALID_PARTITIONS'],
    ['none', topic('three', 0), 'INVALID_PARTITIONS'],
    ['less than none', topic('three', -1), 'INVALID_PARTITIONS'],
    [
      'too many replicas lists',
      topic('three', 4, [
        [1, 2],
        [1, 2],
      ]),
      'INVALID_REPLICA_ASSIGNMENT',
    ],
    ['no replicas list', topic('three', 4, []), 'INVALID_REPLICA_ASSIGNMENT'],
    ['an unknown node', topic('three', 4, [[1, 9]]), 'INVALID_REPLICA_ASSIGNMENT'],
    ['a node twice', topic('three', 4, [[1, 1]]), 'INVALID_REPLICA_ASSIGNMENT'],
    ['no node', topic('three', 4, [[]]), 'INVALID_REPLICA_ASSIGNMENT'],
    ['another number of replicas', topic('three', 4, [[1]]), 'INVALID_REPLICA_ASSIGNMENT'],
    ['10,001 more', topic('one', 10_002), 'POLICY_VIOLATION'],
    ['one more', topic('three', 4), 'NONE'],
    ['one more by hand', topic('three', 5, [[2, 1]]), 'NONE'],
  ])('%s', async (_, asked, error) => {
    const { results } = await fixture.send(CreatePartitions, 3, request([asked]))
    expect(results).toHaveLength(1)
    expect(errorName(results[0]!.errorCode)).toBe(error)
    // As Kafka: a topic that is not there has no words.
    const isTold = error !== 'NONE' && error !== 'UNKNOWN_TOPIC_OR_PARTITION'
    expect(results[0]!.errorMessage).toEqual(isTold ? expect.any(String) : null)
  })
})

test.each([0, 1, 2, 3])('v%i adds partitions with the next numbers and leaves the old ones alone', async (version) => {
  const fixture = await start()
  const before = fixture.metadata.cluster.topic('three')!.partitions
  const { results } = await fixture.send(
    CreatePartitions,
    version,
    request([topic('three', 6), topic('one', 3, [[2], [1]])]),
  )
  expect(results).toEqual([
    { name: 'three', errorCode: ErrorCode.NONE, errorMessage: null },
    { name: 'one', errorCode: ErrorCode.NONE, errorMessage: null },
  ])
  const after = fixture.metadata.cluster.topic('three')!.partitions
  expect(after.slice(0, 3)).toEqual(before)
  expect(after.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
  expect(after.slice(3)).toMatchObject(
    after.slice(3).map(({ replicas }) => ({ leader: replicas[0], leaderEpoch: 0, inSyncReplicas: replicas })),
  )
  expect(fixture.metadata.cluster.topic('one')!.partitions.slice(1)).toMatchObject([
    { replicas: [2] },
    { replicas: [1] },
  ])
})

test('validating changes nothing', async () => {
  const fixture = await start()
  const { results } = await fixture.send(CreatePartitions, 3, request([topic('one', 4)], { validateOnly: true }))
  expect(results[0]?.errorCode).toBe(ErrorCode.NONE)
  expect(fixture.metadata.cluster.topic('one')?.partitions).toHaveLength(1)
})

test('a topic given twice, there or not, is answered once and not changed', async () => {
  const fixture = await start()
  const asked = [topic('one', 2), topic('one', 3), topic('nosuch', 1), topic('nosuch', 2), topic('three', 4)]
  const { results } = await fixture.send(CreatePartitions, 3, request(asked))
  expect(new Map(results.map(({ name, errorCode }) => [name, errorCode]))).toEqual(
    new Map([
      ['one', ErrorCode.INVALID_REQUEST],
      ['nosuch', ErrorCode.INVALID_REQUEST],
      ['three', ErrorCode.NONE],
    ]),
  )
  expect(results).toHaveLength(3)
  expect(fixture.metadata.cluster.topic('one')?.partitions).toHaveLength(1)
})

test('too many over all topics fail every row', async () => {
  const fixture = await start()
  const { results } = await fixture.send(CreatePartitions, 3, request([topic('one', 6000), topic('three', 6000)]))
  expect(results.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.POLICY_VIOLATION, ErrorCode.POLICY_VIOLATION])
})

test('with a time-out of 0 nothing is begun', async () => {
  const fixture = await start()
  const { results } = await fixture.send(CreatePartitions, 3, request([topic('one', 2)], { timeoutMs: 0 }))
  expect(results[0]?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
  expect(fixture.metadata.cluster.topic('one')?.partitions).toHaveLength(1)
})

test('the right to alter the topic is asked for', async () => {
  const fixture = await start()
  const authorizer: Authorizer = {
    authorize: (_principal, _host, operation, resource, name) =>
      operation === 'ALTER' && resource === 'TOPIC' && name === 'one',
  }
  const asked = request([topic('one', 2), topic('three', 4), topic('nosuch', 1)])
  const { results } = await fixture.send(CreatePartitions, 3, asked, { authorizer })
  expect(new Map(results.map(({ name, errorCode }) => [name, errorCode]))).toEqual(
    new Map([
      ['one', ErrorCode.NONE],
      ['three', ErrorCode.TOPIC_AUTHORIZATION_FAILED],
      ['nosuch', ErrorCode.TOPIC_AUTHORIZATION_FAILED],
    ]),
  )
})
