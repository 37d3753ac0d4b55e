import { ErrorCode } from '@odradek/protocol'
import type { Acl } from '../acls/acl.ts'
import { ACLS_PER_REQUEST_MAX } from '../acls/acl-decision.ts'
import { AclFixture, CREATED, type Creation, rightTo } from '../acls/acl-fixture.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'

let fixture: AclFixture

beforeEach(async () => {
  fixture = await AclFixture.start()
})

test.each([0, 1, 2, 3])('v%i: what was created is described, and deleted', async (version) => {
  expect(await fixture.create([{}, { principal: 'User:b', operation: 4 }, { resourceName: 'u' }], version)).toEqual([
    CREATED,
    CREATED,
    CREATED,
  ])
  const { errorCode, resources } = await fixture.describe({ patternTypeFilter: 3 }, version)
  expect(errorCode).toBe(ErrorCode.NONE)
  expect(resources).toEqual([
    {
      resourceType: 2,
      resourceName: 't',
      patternType: 3,
      acls: [
        { principal: 'User:a', host: '*', operation: 3, permissionType: 3 },
        { principal: 'User:b', host: '*', operation: 4, permissionType: 3 },
      ],
    },
    {
      resourceType: 2,
      resourceName: 'u',
      patternType: 3,
      acls: [{ principal: 'User:a', host: '*', operation: 3, permissionType: 3 }],
    },
  ])
  const [result] = await fixture.remove([{ resourceNameFilter: 't', patternTypeFilter: 3 }], version)
  expect(result?.matchingAcls.map(({ principal }) => principal)).toEqual(['User:a', 'User:b'])
  expect(await fixture.names()).toEqual(['u'])
})

test('an ACL that is there is created again without a trace, also twice in a request', async () => {
  await fixture.create([{}, {}])
  await fixture.create([{}])
  expect((await fixture.describe()).resources).toMatchObject([{ acls: [{ principal: 'User:a' }] }])
})

test.each<[Creation, number, string | null]>([
  [{ resourceType: 4 }, 42, 'The only valid name for the CLUSTER resource is kafka-cluster'],
  [{ resourceType: 4, resourceName: '' }, 42, 'The only valid name for the CLUSTER resource is kafka-cluster'],
  [{ resourceName: '' }, 42, 'Invalid empty resource name'],
  [{ resourceType: 99 }, 42, 'Invalid resourceType UNKNOWN'],
  [{ resourcePatternType: 99, operation: 99 }, 42, 'Invalid patternType UNKNOWN'],
  [{ operation: 99, permissionType: 99 }, 42, 'Invalid operation UNKNOWN'],
  [{ permissionType: 99, principal: 'x' }, 42, 'Invalid permissionType UNKNOWN'],
  [{ host: '' }, 42, 'Host pattern cannot be null or empty'],
  [{ resourceType: 1 }, -1, null],
  [{ resourcePatternType: 1 }, -1, null],
  [{ resourcePatternType: 2 }, -1, null],
  [{ operation: 1 }, -1, null],
  [{ permissionType: 1 }, -1, null],
])('%j is refused with %i', async (row, errorCode, message) => {
  expect(await fixture.create([row])).toEqual([[errorCode, message]])
  expect(await fixture.names()).toEqual([])
})

test('a principal without a type is refused', async () => {
  const [row] = await fixture.create([{ principal: 'nocolon', host: '' }])
  expect(row).toEqual([ErrorCode.INVALID_REQUEST, expect.stringContaining('`nocolon`')])
})

test.each<Creation>([
  { principal: ':' },
  { principal: 'User:' },
  { principal: 'Group:g' },
  { principal: 'User:a:b' },
  { host: 'not a host' },
  { resourceName: 'a b/\0' },
  { resourceName: 'x'.repeat(300) },
  { operation: 13 },
  { operation: 15 },
  { resourceName: '*', resourcePatternType: 4 },
  { resourceType: 4, resourceName: 'kafka-cluster', resourcePatternType: 4 },
])('%j is accepted, as in Kafka', async (row) => {
  expect(await fixture.create([row])).toEqual([CREATED])
})

test('a bad row does not keep the others; one that says "any" does', async () => {
  const rows = await fixture.create([{ resourceName: 'm1' }, { resourceName: '' }, { resourceName: 'm2' }])
  expect(rows.map(([errorCode]) => errorCode)).toEqual([0, 42, 0])
  expect(await fixture.names()).toEqual(['m1', 'm2'])
  const vague = await fixture.create([{ resourceName: 'm3' }, { operation: 1 }])
  expect(vague.map(([errorCode]) => errorCode)).toEqual(Array(2).fill(ErrorCode.UNKNOWN_SERVER_ERROR))
  expect(await fixture.names()).toEqual(['m1', 'm2'])
})

test('ACLs are there after a restart, in a version without an authorizer too', async () => {
  await fixture.create([{}, { resourceName: 'u' }])
  await fixture.remove([{ resourceNameFilter: 'u' }])
  await fixture.metadata.restart(1)
  expect(await fixture.names()).toEqual(['t'])
  const allow: Acl = {
    resourceType: 'TOPIC',
    resourceName: 't',
    patternType: 'LITERAL',
    principal: 'User:a',
    host: '*',
    operation: 'READ',
    permission: 'ALLOW',
  }
  expect([...fixture.metadata.metadata.acls.index.applying('User:a', 'TOPIC', 't')]).toEqual([allow])
})

test('a code of 0 ends the connection', async () => {
  for (const field of ['resourceType', 'resourcePatternType', 'operation', 'permissionType'])
    await expect(fixture.create([{}, { [field]: 0 }])).rejects.toThrow('a code of 0')
})

test(`one request creates ${ACLS_PER_REQUEST_MAX} ACLs, and no more`, async () => {
  const rows = Array.from({ length: ACLS_PER_REQUEST_MAX + 1 }, (_, index) => ({ resourceName: String(index) }))
  const tooMany = await fixture.create(rows)
  expect(new Set(tooMany.map(([errorCode]) => errorCode))).toEqual(new Set([ErrorCode.POLICY_VIOLATION]))
  expect(await fixture.names()).toEqual([])
  const all = await fixture.create(rows.slice(1))
  expect(new Set(all.map(([errorCode]) => errorCode))).toEqual(new Set([ErrorCode.NONE]))
  expect(await fixture.names()).toHaveLength(ACLS_PER_REQUEST_MAX)
})

test('without the right to alter the cluster no row is obeyed', async () => {
  expect(await fixture.create([{}, { resourceName: 'u' }], 3, rightTo('DESCRIBE'))).toEqual([
    [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, expect.stringContaining('ALTER')],
    [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, expect.stringContaining('ALTER')],
  ])
  expect(await fixture.names()).toEqual([])
  expect(await fixture.create([{}], 3, rightTo('ALTER'))).toEqual([CREATED])
})

test('without an authorizer there are no ACLs to speak of', async () => {
  fixture = await AclFixture.start(false)
  const row = [ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.']
  expect(await fixture.create([{}, { operation: 1 }])).toEqual([row, row])
})

test('very many rows are looked at, decided and answered in turns, each in its place', async () => {
  const soon = jest.spyOn(fixture.metadata.clock, 'soon')
  const rows = Array.from({ length: 3 * ROWS_PER_TURN }, (_, at) => ({ resourceName: at % 2 === 0 ? `t${at}` : '' }))
  const results = await fixture.create(rows)
  expect(results.map(([errorCode]) => errorCode)).toEqual(rows.map((_, at) => (at % 2 === 0 ? 0 : 42)))
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual(5)
})
