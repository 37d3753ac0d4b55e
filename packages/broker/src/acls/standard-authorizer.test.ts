import type { AclOperation, ResourceType } from '../authorizer.ts'
import type { Acl } from './acl.ts'
import { AclTable } from './acl-table.ts'
import { StandardAuthorizer } from './standard-authorizer.ts'

const ALLOW: Acl = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:a',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
}

function authorizer(acls: readonly Partial<Acl>[], { superUsers = [''], everyone = false } = {}) {
  const table = new AclTable()
  table.take(new Map(acls.map((acl, index) => [String(index), { ...ALLOW, ...acl }])))
  const { index } = table
  return new StandardAuthorizer({ index, superUsers: new Set(superUsers), allowEveryoneIfNoAclFound: everyone })
}

function may(by: StandardAuthorizer, operation: AclOperation, name = 'orders', type: ResourceType = 'TOPIC') {
  return by.authorize('User:a', '10.0.0.1', operation, type, name)
}

test('an ALLOW gives its operation on its resource to its principal, from its host', () => {
  const by = authorizer([{ host: '10.0.0.1' }])
  expect(may(by, 'READ')).toBe(true)
  expect(may(by, 'WRITE')).toBe(false)
  expect(may(by, 'READ', 'order')).toBe(false)
  expect(may(by, 'READ', 'orders', 'GROUP')).toBe(false)
  expect(by.authorize('User:b', '10.0.0.1', 'READ', 'TOPIC', 'orders')).toBe(false)
  expect(by.authorize('User:a', '10.0.0.2', 'READ', 'TOPIC', 'orders')).toBe(false)
})

test.each<[Acl['operation'], AclOperation]>([
  ['READ', 'DESCRIBE'],
  ['WRITE', 'DESCRIBE'],
  ['DELETE', 'DESCRIBE'],
  ['ALTER', 'DESCRIBE'],
  ['ALTER_CONFIGS', 'DESCRIBE_CONFIGS'],
])('to be allowed %s is to be allowed %s; to be denied it is not', (given, implied) => {
  expect(may(authorizer([{ operation: given }]), implied)).toBe(true)
  const denied = authorizer([{ operation: implied }, { operation: given, permission: 'DENY' }])
  expect(may(denied, implied)).toBe(true)
})

test('what is denied most generally is denied, however precisely it is allowed', () => {
  const by = authorizer([{}, { resourceName: '*', operation: 'ALL', permission: 'DENY', principal: 'User:*' }])
  expect(may(by, 'READ')).toBe(false)
})

test('a prefix, and the wildcard, are for every name that has it', () => {
  const by = authorizer([
    { resourceName: 'or', patternType: 'PREFIXED' },
    { resourceName: '*', operation: 'WRITE' },
    { resourceName: '*', patternType: 'PREFIXED', operation: 'DELETE' },
  ])
  expect(may(by, 'READ')).toBe(true)
  expect(may(by, 'READ', 'o')).toBe(false)
  expect(may(by, 'WRITE', 'anything')).toBe(true)
  expect(may(by, 'DELETE')).toBe(false)
  expect(may(by, 'DELETE', '*x')).toBe(true)
})

test('super users may do what is denied to everybody', () => {
  const by = authorizer([{ principal: 'User:*', permission: 'DENY', operation: 'ALL' }], { superUsers: ['User:a'] })
  expect(may(by, 'READ')).toBe(true)
  expect(by.authorize('User:b', '10.0.0.1', 'READ', 'TOPIC', 'orders')).toBe(false)
  expect(by.authorizeByResourceType('User:a', '10.0.0.1', 'WRITE', 'TOPIC')).toBe(true)
})

test('everyone is allowed only what no ACL is about', () => {
  const by = authorizer([{ principal: 'User:b' }], { everyone: true })
  expect(may(by, 'READ')).toBe(false)
  expect(may(by, 'READ', 'other')).toBe(true)
  expect(may(by, 'READ', 'orders', 'GROUP')).toBe(true)
})

test('among 100,000 ACLs a check is given those that match, and no others', () => {
  const table = new AclTable()
  const acls = Array.from({ length: 100_000 }, (_, index): [string, Acl] => [
    String(index),
    { ...ALLOW, resourceName: `t-${index}`, patternType: index % 2 === 0 ? 'LITERAL' : 'PREFIXED' },
  ])
  table.take(new Map([...acls, ['mine', ALLOW]]))
  expect([...table.index.applying('User:a', 'TOPIC', 'orders')]).toEqual([ALLOW])
  const names = Array.from(table.index.applying('User:a', 'TOPIC', 't-99999'), ({ resourceName }) => resourceName)
  expect(names.sort()).toEqual(['t-9', 't-99', 't-999', 't-9999', 't-99999'])
  expect([...table.index.applying('User:b', 'TOPIC', 'orders')]).toEqual([])
})

test('CVE-2024-27309: removing one of three ACLs leaves the two others in force', () => {
  const table = new AclTable()
  const names = ['x', 'y', 'z']
  table.take(new Map(names.map((resourceName) => [resourceName, { ...ALLOW, resourceName }])))
  table.take(new Map([['y', null]]))
  const by = new StandardAuthorizer({ index: table.index, superUsers: new Set(), allowEveryoneIfNoAclFound: true })
  expect(names.map((name) => may(by, 'READ', name))).toEqual([true, true, true])
  expect(names.map((name) => may(by, 'WRITE', name))).toEqual([false, true, false])
})
