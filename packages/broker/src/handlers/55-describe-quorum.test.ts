import { DescribeCluster, DescribeQuorum, ErrorCode, UnregisterBroker } from '@odradek/protocol'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const LOG = { topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }

describe.each([0, 1, 2])('v%i', (version) => {
  test('one voter leads, the other nodes follow, and all are as far as the metadata log', async () => {
    const fixture = await MetadataFixture.start({ nodes: 2 })
    await fixture.create(topicCommand('a'))
    const { errorCode, topics, nodes } = await fixture.send(DescribeQuorum, version, { topics: [LOG] })
    const end = fixture.metadata.cluster.features().epoch + 1n
    const nowMs = version === 0 ? -1n : BigInt(fixture.clock.wallMs())
    const times = { lastFetchTimestamp: nowMs, lastCaughtUpTimestamp: nowMs, logEndOffset: end }
    const noDirectory = 'AAAAAAAAAAAAAAAAAAAAAA'
    const directory = version === 2 ? expect.not.stringContaining(noDirectory) : noDirectory
    expect(errorCode).toBe(ErrorCode.NONE)
    expect(topics).toMatchObject([
      {
        topicName: '__cluster_metadata',
        partitions: [
          {
            ...{ partitionIndex: 0, errorCode: ErrorCode.NONE, leaderId: 1, leaderEpoch: 1, highWatermark: end },
            currentVoters: [{ replicaId: 1, replicaDirectoryId: noDirectory, ...times }],
            observers: [{ replicaId: 2, replicaDirectoryId: directory, ...times }],
          },
        ],
      },
    ])
    const listeners = [
      { name: 'PLAINTEXT', host: 'localhost', port: 9092 },
      { name: 'DOCKER', host: 'node-1', port: 19_092 },
    ]
    expect(nodes).toEqual(version === 2 ? [{ nodeId: 1, listeners }] : [])
  })

  test('a node that is down does not lead, and is not there once it is forgotten', async () => {
    const fixture = await MetadataFixture.start({ nodes: 3 })
    const quorum = async () => {
      const { topics, nodes } = await fixture.send(DescribeQuorum, version, { topics: [LOG] })
      const [partition] = topics[0]?.partitions ?? []
      const { controllerId } = await fixture.send(DescribeCluster, 0, { includeClusterAuthorizedOperations: false })
      expect([controllerId, ...(version === 2 ? nodes.map(({ nodeId }) => nodeId) : [])]).toEqual(
        Array(version === 2 ? 2 : 1).fill(partition?.leaderId),
      )
      expect(partition?.highWatermark).toBe(fixture.metadata.cluster.features().epoch + 1n)
      const [voters = [], observers = []] = [partition?.currentVoters, partition?.observers].map((states) =>
        states?.map(({ replicaId }) => replicaId),
      )
      return [partition?.leaderEpoch, voters, observers]
    }
    await fixture.stopNode(2)
    expect(await quorum()).toEqual([1, [1], [3]])
    await fixture.stopNode(1)
    expect(await quorum()).toEqual([2, [3], []])
    await fixture.send(UnregisterBroker, 0, { brokerId: 1 })
    expect(await quorum()).toEqual([2, [3], []])
    await fixture.startNode(2)
    expect(await quorum()).toEqual([3, [2], [3]])
    await fixture.stopNode(2)
    await fixture.stopNode(3)
    expect((await fixture.send(DescribeQuorum, version, { topics: [LOG] })).topics[0]?.partitions[0]?.leaderId).toBe(3)
  })

  test('with every start of the process the epoch rises', async () => {
    const fixture = await MetadataFixture.start()
    await fixture.restart(1)
    const { topics } = await fixture.send(DescribeQuorum, version, { topics: [LOG] })
    expect(topics[0]?.partitions[0]?.leaderEpoch).toBe(2)
  })

  test.each([
    ['another topic', [{ topicName: 'x', partitions: [{ partitionIndex: 0 }] }]],
    ['another partition', [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 1 }] }]],
    ['more than one partition', [{ ...LOG, partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }]],
    ['more than one topic', [LOG, { topicName: 'x', partitions: [{ partitionIndex: 3 }] }]],
    ['no partition', [{ ...LOG, partitions: [] }]],
  ])('%s fails every row', async (_, topics) => {
    const fixture = await MetadataFixture.start()
    const response = await fixture.send(DescribeQuorum, version, { topics })
    expect(response.errorCode).toBe(ErrorCode.NONE)
    expect(response.topics).toMatchObject(
      topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => ({
          ...{ partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, leaderId: 0, highWatermark: 0n },
          ...(version === 2 ? { errorMessage: 'This server does not host this topic-partition.' } : {}),
        })),
      })),
    )
  })

  test('no topics are no error; the right to DESCRIBE the cluster is needed', async () => {
    const fixture = await MetadataFixture.start()
    expect(await fixture.send(DescribeQuorum, version, { topics: [] })).toMatchObject({ errorCode: 0, topics: [] })
    const authorizer = { authorize: () => false }
    const denied = await fixture.send(DescribeQuorum, version, { topics: [LOG] }, { authorizer })
    expect(denied).toMatchObject({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, topics: [] })
  })
})
