import { DescribeCluster, ErrorCode } from '@odradek/protocol'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

const ALL_OF_CLUSTER = 0b1_1111_1010_0000

test('v2 names nodes that are down to those who ask for them', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2, racks: ['a', 'b'] })
  await fixture.stopNode(1)
  const ask = async (includeFencedBrokers: boolean) => {
    const request = { includeClusterAuthorizedOperations: false, includeFencedBrokers }
    const { brokers, controllerId } = await fixture.send(DescribeCluster, 2, request, { node: 2 })
    return [controllerId, ...brokers.map(({ brokerId, rack, isFenced }) => `${brokerId} ${rack} ${isFenced}`)]
  }
  expect(await ask(true)).toEqual([2, '1 a true', '2 b false'])
  expect(await ask(false)).toEqual([2, '2 b false'])
})

test.each([0, 1, 2])(
  'v%i names the nodes by the listener that was asked, and the operations if asked for',
  async (version) => {
    const fixture = await MetadataFixture.start({ nodes: 2 })
    const response = await fixture.send(
      DescribeCluster,
      version,
      { includeClusterAuthorizedOperations: true },
      { listener: 'DOCKER' },
    )
    expect(response).toMatchObject({
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      endpointType: 1,
      clusterId: 'Vx6BgXB8SUSvFYQeQXXtTg',
      controllerId: 1,
      brokers: [
        { brokerId: 1, host: 'node-1', port: 19_092, rack: null, isFenced: false },
        { brokerId: 2, host: 'node-2', port: 19_093, rack: null, isFenced: false },
      ],
      clusterAuthorizedOperations: ALL_OF_CLUSTER,
    })
    const plain = await fixture.send(DescribeCluster, version, { includeClusterAuthorizedOperations: false })
    expect(plain.clusterAuthorizedOperations).toBe(-2_147_483_648)
  },
)

test.each([
  [1, 2, ErrorCode.MISMATCHED_ENDPOINT_TYPE],
  [2, 2, ErrorCode.MISMATCHED_ENDPOINT_TYPE],
  [1, 0, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE],
  [2, 3, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE],
  [2, -1, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE],
])('v%i: endpoint type %i is refused', async (version, endpointType, errorCode) => {
  const fixture = await MetadataFixture.start()
  const response = await fixture.send(DescribeCluster, version, {
    includeClusterAuthorizedOperations: true,
    endpointType,
  })
  expect(response).toMatchObject({
    errorCode,
    endpointType: 1,
    brokers: [],
    controllerId: -1,
    errorMessage: expect.any(String),
  })
})

test('who may not describe the cluster has no operation on it', async () => {
  const fixture = await MetadataFixture.start()
  const options = { authorizer: { authorize: () => false } }
  const response = await fixture.send(DescribeCluster, 2, { includeClusterAuthorizedOperations: true }, options)
  expect(response).toMatchObject({ errorCode: ErrorCode.NONE, clusterAuthorizedOperations: 0 })
  expect(response.brokers).toHaveLength(1)
})
