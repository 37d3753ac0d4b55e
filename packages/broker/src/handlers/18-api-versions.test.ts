import { ApiVersions, ErrorCode } from '@odradek/protocol'
import { harness } from '../harness.ts'
import { saslHandshake } from './17-sasl-handshake.ts'
import { apiVersions } from './18-api-versions.ts'

const cluster = {
  clusterId: 'L2odPFt-T4CRorPE1eb3CA',
  nodes: () => [],
  node: () => undefined,
  registeredNodes: () => [],
  topic: () => undefined,
  topicById: () => undefined,
  topics: () => [],
  features: () => ({ epoch: 5n, levels: new Map([['metadata.version', 33]]) }),
}
const software = { clientSoftwareName: 'kafkajs', clientSoftwareVersion: '2.2.4' }
const broker = harness([apiVersions, saslHandshake], { cluster }, { node: 3 })

const metadataVersion = { name: 'metadata.version', minVersion: 33, maxVersion: 33 }
/** Only from version 4 on: they begin at 0. */
const eligibleReplicasVersion = { name: 'eligible.leader.replicas.version', minVersion: 0, maxVersion: 1 }
const transactionVersion = { name: 'transaction.version', minVersion: 0, maxVersion: 2 }
/** What does not work here is not in use, and cannot be. */
const unused = (name: string) => ({ name, minVersion: 0, maxVersion: 0 })
const ALL = [
  eligibleReplicasVersion,
  unused('group.version'),
  unused('kraft.version'),
  metadataVersion,
  unused('share.version'),
  unused('streams.version'),
  transactionVersion,
]
const FEATURES = [[], [], [], [metadataVersion], ALL, ALL]

test.each([0, 1, 2, 3, 4, 5])('v%i lists exactly what has a handler', async (version) => {
  const response = await broker.send(ApiVersions, version, version < 3 ? {} : software)
  expect(response).toMatchObject({
    errorCode: ErrorCode.NONE,
    apiKeys: [
      { apiKey: 17, minVersion: 0, maxVersion: 1 },
      { apiKey: 18, minVersion: 0, maxVersion: 5 },
    ],
    supportedFeatures: FEATURES[version] ?? [],
    finalizedFeaturesEpoch: version < 3 ? -1n : 5n,
    finalizedFeatures: version < 3 ? [] : [{ name: 'metadata.version', maxVersionLevel: 33, minVersionLevel: 33 }],
  })
})

test('a good request is remembered on the connection', async () => {
  await broker.send(ApiVersions, 3, software)
  expect(broker.connection).toMatchObject(software)
})

test.each([
  ['foo bar', '1'],
  ['', '1'],
  ['x', ''],
  ['-x', '1'],
  ['x.', '1'],
  ['x\n', '1'],
])('software %j version %j is an invalid request with no keys', async (clientSoftwareName, clientSoftwareVersion) => {
  const response = await broker.send(ApiVersions, 4, { clientSoftwareName, clientSoftwareVersion })
  expect(response).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [], supportedFeatures: [] })
})

test.each([
  [cluster.clusterId, 3, ErrorCode.NONE],
  [null, -1, ErrorCode.NONE],
  [cluster.clusterId, -1, ErrorCode.INVALID_REQUEST],
  ['', -1, ErrorCode.INVALID_REQUEST],
  [null, 3, ErrorCode.INVALID_REQUEST],
  [cluster.clusterId, 2, ErrorCode.REBOOTSTRAP_REQUIRED],
  ['another', 3, ErrorCode.REBOOTSTRAP_REQUIRED],
])('v5 asked for cluster %j and node %i answers %i', async (clusterId, nodeId, errorCode) => {
  const response = await broker.send(ApiVersions, 5, { ...software, clusterId, nodeId })
  expect(response?.errorCode).toBe(errorCode)
})
