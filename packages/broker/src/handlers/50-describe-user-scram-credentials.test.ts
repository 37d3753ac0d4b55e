import { DescribeUserScramCredentials, ErrorCode } from '@odradek/protocol'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

const REFUSED = { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage: null }

test.each([
  ['all, by null', null, 0],
  ['all, by no name', [], 0],
  ['three', [{ name: 'alice' }, { name: 'bob' }, { name: 'bob' }], 3],
])('without the right to describe the cluster, who asks for %s hears nothing but errors', async (_, users, rows) => {
  const fixture = await MetadataFixture.start()
  const authorizer = { authorize: () => false }
  const answer = await fixture.send(DescribeUserScramCredentials, 0, { users }, { authorizer })
  const row = { ...REFUSED, user: '', credentialInfos: [] }
  expect(answer).toMatchObject({ ...REFUSED, results: Array(rows).fill(row) })
})
