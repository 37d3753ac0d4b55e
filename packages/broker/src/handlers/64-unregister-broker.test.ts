import { DescribeCluster, ErrorCode, UnregisterBroker } from '@odradek/protocol'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

async function brokers(fixture: MetadataFixture): Promise<readonly string[]> {
  const request = { includeClusterAuthorizedOperations: false, includeFencedBrokers: true }
  const response = await fixture.send(DescribeCluster, 2, request)
  return response.brokers.map(({ brokerId, isFenced }) => `${brokerId}${isFenced ? ' fenced' : ''}`)
}

test.each([77, -1, 2_147_483_647])('broker %i is not registered', async (brokerId) => {
  const fixture = await MetadataFixture.start()
  expect(await fixture.send(UnregisterBroker, 0, { brokerId })).toMatchObject({
    errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED,
    errorMessage: `Broker ID ${brokerId} is not currently registered`,
  })
})

test('one that is down is forgotten, until it starts again; its partitions remember it', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  await fixture.create(topicCommand('a', { replicationFactor: 2 }))
  await fixture.stopNode(2)
  expect(await brokers(fixture)).toEqual(['1', '2 fenced'])
  expect(await fixture.send(UnregisterBroker, 0, { brokerId: 2 })).toMatchObject({ errorCode: 0, errorMessage: '' })
  expect(await brokers(fixture)).toEqual(['1'])
  expect(await fixture.send(UnregisterBroker, 0, { brokerId: 2 })).toMatchObject({ errorCode: 102 })
  expect(fixture.metadata.cluster.topic('a')?.partitions[0]?.replicas).toContain(2)
  await fixture.startNode(2)
  expect(await brokers(fixture)).toEqual(['1', '2'])
  expect(fixture.metadata.cluster.topic('a')?.partitions[0]?.inSyncReplicas).toEqual([1, 2])
})

test('one that is up stays', async () => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  expect(await fixture.send(UnregisterBroker, 0, { brokerId: 2 })).toMatchObject({ errorCode: 0 })
  expect(await brokers(fixture)).toEqual(['1', '2'])
})

test('needs ALTER of the cluster', async () => {
  const fixture = await MetadataFixture.start()
  const authorizer = { authorize: () => false }
  const denied = await fixture.send(UnregisterBroker, 0, { brokerId: 1 }, { authorizer })
  expect(denied.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
})
