import { ErrorCode } from '@odradek/protocol'
import { ACLS_PER_REQUEST_MAX } from '../acls/acl-decision.ts'
import { AclFixture, type Filter, OF_EVERY_KIND, rightTo } from '../acls/acl-fixture.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'

let fixture: AclFixture

beforeEach(async () => {
  fixture = await AclFixture.start()
  await fixture.create(OF_EVERY_KIND)
})

test.each<[Filter, string[]]>([
  [{}, []],
  [{ resourceTypeFilter: 3 }, ['*', '*', 'ab', 'abc', 'abcd']],
  [{ resourceNameFilter: 'abcd', patternTypeFilter: 2 }, ['*', 'g']],
  [{ resourceNameFilter: 'ab' }, ['*', '*', 'abc', 'abcd', 'g']],
  [{ principalFilter: 'User:a' }, ['abc', 'abcd']],
  [{ resourceNameFilter: 'none' }, ['*', '*', 'ab', 'abc', 'abcd', 'g']],
])('%j leaves %j', async (filter, left) => {
  const before = await fixture.names(filter)
  const [result] = await fixture.remove([filter])
  expect(result).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null })
  expect(result?.matchingAcls.map(({ resourceName }) => resourceName).sort()).toEqual(before)
  expect(await fixture.names()).toEqual(left)
})

test('an ACL that two filters match is in the answers to both', async () => {
  const filters = [{ resourceNameFilter: 'ab' }, { principalFilter: 'User:a' }, { resourceNameFilter: 'no' }]
  const results = await fixture.remove(filters)
  expect(results.map(({ matchingAcls }) => matchingAcls.length)).toEqual([1, 4, 0])
  expect(await fixture.names()).toEqual(['abc', 'abcd'])
})

test.each([
  ['resourceTypeFilter', 'Unknown patternFilter.'],
  ['patternTypeFilter', 'Unknown patternFilter.'],
  ['operation', 'Unknown entryFilter.'],
  ['permissionType', 'Unknown entryFilter.'],
])(
  'a %s that nothing has is a bad filter, which does not keep the others; 0 ends the connection',
  async (field, why) => {
    expect(await fixture.remove([{ [field]: 99 }, { resourceNameFilter: 'ab' }])).toMatchObject([
      { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: why, matchingAcls: [] },
      { errorCode: ErrorCode.NONE, matchingAcls: [{ resourceName: 'ab' }] },
    ])
    await expect(fixture.remove([{}, { [field]: 0 }])).rejects.toThrow('a code of 0')
  },
)

test(`one request deletes ${ACLS_PER_REQUEST_MAX} ACLs, and no more`, async () => {
  await fixture.remove([{}])
  await fixture.create(Array.from({ length: ACLS_PER_REQUEST_MAX }, (_, index) => ({ resourceName: `a${index}` })))
  await fixture.create([{ resourceName: 'last' }])
  expect(await fixture.remove([{}, { resourceNameFilter: 'last' }])).toMatchObject([
    { errorCode: ErrorCode.POLICY_VIOLATION, matchingAcls: [] },
    { errorCode: ErrorCode.POLICY_VIOLATION, matchingAcls: [] },
  ])
  await fixture.remove([{ resourceNameFilter: 'last' }])
  const [all] = await fixture.remove([{}])
  expect(all?.matchingAcls).toHaveLength(ACLS_PER_REQUEST_MAX)
  expect(await fixture.names()).toEqual([])
})

test('without the right to alter the cluster nothing is deleted', async () => {
  expect(await fixture.remove([{}, {}], 3, rightTo('DESCRIBE'))).toMatchObject([
    { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, matchingAcls: [] },
    { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, matchingAcls: [] },
  ])
  expect(await fixture.names()).toHaveLength(6)
  expect(await fixture.remove([{}], 3, rightTo('ALTER'))).toMatchObject([{ errorCode: ErrorCode.NONE }])
})

test('without an authorizer there are no ACLs to speak of', async () => {
  fixture = await AclFixture.start(false)
  expect(await fixture.remove([{}])).toMatchObject([
    { errorCode: ErrorCode.SECURITY_DISABLED, errorMessage: 'No Authorizer is configured.', matchingAcls: [] },
  ])
})

test('very many filters are looked at, decided and answered in turns, each in its place', async () => {
  const soon = jest.spyOn(fixture.metadata.clock, 'soon')
  const filters = Array.from({ length: 3 * ROWS_PER_TURN }, (_, at): Filter => {
    return at % 2 === 0 ? { resourceNameFilter: 'ab' } : { resourceTypeFilter: 99 }
  })
  const results = await fixture.remove(filters)
  expect(results.map(({ errorCode, matchingAcls }) => [errorCode, matchingAcls.length])).toEqual(
    filters.map((_, at) => (at % 2 === 0 ? [0, 1] : [42, 0])),
  )
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual(5)
})
