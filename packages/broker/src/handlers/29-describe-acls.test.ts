import { ErrorCode } from '@odradek/protocol'
import { AclFixture, type Filter, OF_EVERY_KIND, rightTo } from '../acls/acl-fixture.ts'

let fixture: AclFixture

beforeEach(async () => {
  fixture = await AclFixture.start()
  await fixture.create(OF_EVERY_KIND)
})

test.each<[Filter, string[]]>([
  [{}, ['*', '*', 'ab', 'abc', 'abcd', 'g']],
  [{ resourceTypeFilter: 3 }, ['g']],
  [{ resourceNameFilter: 'abcd', patternTypeFilter: 2 }, ['*', 'ab', 'abc', 'abcd']],
  [{ resourceNameFilter: 'g', patternTypeFilter: 2 }, ['*', 'g']],
  [{ resourceNameFilter: '*', patternTypeFilter: 2 }, ['*', '*']],
  [{ patternTypeFilter: 2 }, ['*', '*', 'ab', 'abc', 'abcd', 'g']],
  [{ resourceNameFilter: 'ab' }, ['ab']],
  [{ resourceNameFilter: '*' }, ['*', '*']],
  [{ resourceNameFilter: '*', patternTypeFilter: 3 }, ['*']],
  [{ resourceNameFilter: 'abcd', patternTypeFilter: 4 }, []],
  [{ patternTypeFilter: 4 }, ['*', 'ab', 'abc']],
  [{ principalFilter: 'User:b' }, ['abc']],
  [{ principalFilter: 'User:*' }, []],
  [{ hostFilter: '10.0.0.1' }, ['g']],
  [{ hostFilter: '*', principalFilter: 'User:c' }, ['abcd']],
  [{ operation: 2 }, ['*']],
  [{ permissionType: 2 }, ['g']],
  [{ resourceNameFilter: '' }, []],
  [{ principalFilter: 'nocolon' }, []],
])('%j finds %j', async (filter, found) => {
  expect(await fixture.names(filter)).toEqual(found)
})

test('a code that nothing has finds nothing, 0 ends the connection', async () => {
  for (const field of ['resourceTypeFilter', 'patternTypeFilter', 'operation', 'permissionType']) {
    expect(await fixture.describe({ [field]: 99 })).toMatchObject({ errorCode: 0, errorMessage: '', resources: [] })
    await expect(fixture.describe({ [field]: 0 })).rejects.toThrow('a code of 0')
  }
})

test('without the right to describe the cluster nothing is told', async () => {
  expect(await fixture.describe({}, 3, rightTo('ALTER'))).toMatchObject({
    errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    resources: [],
  })
  expect((await fixture.describe({}, 3, rightTo('DESCRIBE'))).resources).toHaveLength(6)
})

test('without an authorizer there are no ACLs to speak of', async () => {
  fixture = await AclFixture.start(false)
  expect(await fixture.describe()).toMatchObject({
    errorCode: ErrorCode.SECURITY_DISABLED,
    errorMessage: 'No Authorizer is configured.',
    resources: [],
  })
})
