import { AddRaftVoter, errorName, RemoveRaftVoter, UnregisterController } from '@odradek/protocol'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

const NO_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAA'
const endpoint = { name: 'CONTROLLER', host: 'localhost', port: 9999 }
const voter = {
  clusterId: 'Vx6BgXB8SUSvFYQeQXXtTg' as string | null,
  voterId: 9,
  voterDirectoryId: 'Zm9vYmFyYmF6cXV4cXV1eA',
}

/** What is wrong with the request comes before what the cluster cannot do. */
const WRONG: [string, Partial<typeof voter>, string][] = [
  ['nothing wrong', {}, 'UNSUPPORTED_VERSION'],
  ['no cluster', { clusterId: null }, 'UNSUPPORTED_VERSION'],
  ['who is a voter', { voterId: 1 }, 'UNSUPPORTED_VERSION'],
  ['another cluster', { clusterId: 'x' }, 'INCONSISTENT_CLUSTER_ID'],
  ['no directory', { voterDirectoryId: NO_DIRECTORY }, 'INVALID_REQUEST'],
  ['no directory and another cluster', { clusterId: 'x', voterDirectoryId: NO_DIRECTORY }, 'INCONSISTENT_CLUSTER_ID'],
  ['no id', { voterId: -1 }, 'INVALID_REQUEST'],
]

describe.each([0, 1])('AddRaftVoter v%i', (version) => {
  test.each(WRONG)('%s', async (_, more, error) => {
    const fixture = await MetadataFixture.start()
    const request = { ...voter, ...more, timeoutMs: 0, listeners: [endpoint] }
    expect(errorName((await fixture.send(AddRaftVoter, version, request)).errorCode)).toBe(error)
  })

  test.each([[[]], [[{ ...endpoint, name: 'OTHER' }]]])('without an endpoint for controllers', async (listeners) => {
    const fixture = await MetadataFixture.start()
    const response = await fixture.send(AddRaftVoter, version, { ...voter, timeoutMs: 1000, listeners })
    expect(errorName(response.errorCode)).toBe('INVALID_REQUEST')
  })
})

test.each(WRONG)('RemoveRaftVoter: %s', async (_, more, error) => {
  const fixture = await MetadataFixture.start()
  expect(errorName((await fixture.send(RemoveRaftVoter, 0, { ...voter, ...more })).errorCode)).toBe(error)
})

test.each([
  [1, 'INVALID_REQUEST'],
  [2, 'CONTROLLER_ID_NOT_REGISTERED'],
  [-1, 'CONTROLLER_ID_NOT_REGISTERED'],
])('UnregisterController: %i', async (controllerId, error) => {
  const fixture = await MetadataFixture.start({ nodes: 2 })
  expect(errorName((await fixture.send(UnregisterController, 0, { controllerId })).errorCode)).toBe(error)
})

test('all need ALTER of the cluster', async () => {
  const fixture = await MetadataFixture.start()
  const denied = { authorizer: { authorize: () => false } }
  const answers = [
    await fixture.send(AddRaftVoter, 1, { ...voter, timeoutMs: 1000, listeners: [endpoint] }, denied),
    await fixture.send(RemoveRaftVoter, 0, voter, denied),
    await fixture.send(UnregisterController, 0, { controllerId: 1 }, denied),
  ]
  for (const { errorCode } of answers) expect(errorName(errorCode)).toBe('CLUSTER_AUTHORIZATION_FAILED')
})
