import { resolveBrokerConfig } from '../config/resolve-broker-config.ts'
import { AclTable } from './acl-table.ts'
import { authorizerSettings, lockedOut } from './authorizer-config.ts'

const CLASS = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'

function resolve(entries: Record<string, string>) {
  return resolveBrokerConfig(new Map(Object.entries(entries)), 0)
}

test.each([
  [{}, false],
  [{ 'authorizer.class.name': '' }, false],
  [{ 'authorizer.class.name': CLASS }, true],
  [{ 'odradek.acls': 'true' }, true],
  [{ 'odradek.acls': 'false', 'authorizer.class.name': CLASS }, true],
])('%j: on is %s', (entries, isEnabled) => {
  const config = resolve(entries)
  expect(config.problems).toEqual([])
  expect(authorizerSettings(config).isEnabled).toBe(isEnabled)
})

test('super users are parted by semicolons, and need a type', () => {
  const config = resolve({ 'super.users': ' User:a; User:CN=b,O=c ;;Group:d' })
  expect(config.problems).toEqual([])
  expect([...authorizerSettings(config).superUsers]).toEqual(['User:a', 'User:CN=b,O=c', 'Group:d'])
  expect(resolve({ 'super.users': 'User:a;admin' }).problems).toEqual([expect.stringContaining('User:admin')])
})

test.each([
  ['kafka.security.authorizer.AclAuthorizer', /ZooKeeper.*StandardAuthorizer/],
  ['com.example.Mine', /com\.example\.Mine.*cannot be loaded.*StandardAuthorizer/],
])('%s is refused, with the remedy', (name, problem) => {
  expect(resolve({ 'authorizer.class.name': name }).problems).toEqual([expect.stringMatching(problem)])
})

test('allow.everyone.if.no.acl.found is a boolean', () => {
  const key = 'allow.everyone.if.no.acl.found'
  expect(authorizerSettings(resolve({ [key]: 'TRUE' })).allowEveryoneIfNoAclFound).toBe(true)
  expect(authorizerSettings(resolve({})).allowEveryoneIfNoAclFound).toBe(false)
  expect(resolve({ [key]: 'yes' }).problems).toEqual([expect.stringContaining(`${key}=yes`)])
})

test("Kafka's keys for its authorizer are neither unknown nor without effect", () => {
  const config = resolve({
    'authorizer.class.name': CLASS,
    'super.users': 'User:a',
    'allow.everyone.if.no.acl.found': 'true',
  })
  expect(config).toMatchObject({ unknown: [], ignored: [] })
})

test('a broker in which nobody can ever do anything says so', () => {
  const acls = new AclTable()
  const warning = (entries: Record<string, string>) => lockedOut(authorizerSettings(resolve(entries)), acls)
  expect(warning({ 'odradek.acls': 'true' })).toContain('super.users')
  expect(warning({})).toBeNull()
  expect(warning({ 'odradek.acls': 'true', 'super.users': 'User:a' })).toBeNull()
  expect(warning({ 'odradek.acls': 'true', 'allow.everyone.if.no.acl.found': 'true' })).toBeNull()
})
