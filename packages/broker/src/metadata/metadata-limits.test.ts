import type { Acl } from '../acls/acl.ts'
import type { Controller } from './controller.ts'
import { MetadataFixture } from './metadata-fixture.ts'

// What clients can make the metadata keep that has neither topics nor groups behind it.

const acl = (index: number): Acl => ({
  ...{ resourceType: 'TOPIC', resourceName: `t-${index}`, patternType: 'LITERAL' },
  ...{ principal: 'User:a', host: '*', operation: 'READ', permission: 'ALLOW' },
})

const errorsOf = (outcomes: readonly { readonly error: string }[]) => outcomes.map(({ error }) => error)

test('odradek.max.acls: as many as there may be, and none past them', async () => {
  const fixture = await MetadataFixture.start({ entries: { 'odradek.max.acls': '3' } })
  const create = (...indexes: number[]) =>
    fixture.settle(fixture.metadata.controller.createAcls(indexes.map(acl))).then(errorsOf)
  expect(await create(1, 2)).toEqual(['NONE', 'NONE'])
  expect(await create(3, 4)).toEqual(['POLICY_VIOLATION', 'POLICY_VIOLATION'])
  expect(await create(3)).toEqual(['NONE'])
  expect(await create(4)).toEqual(['POLICY_VIOLATION'])
  // Those that are there already make no more of them.
  expect(await create(1, 2, 3)).toEqual(['NONE', 'NONE', 'NONE'])
})

test('odradek.max.client.quotas: entities that have some', async () => {
  const fixture = await MetadataFixture.start({ entries: { 'odradek.max.client.quotas': '2' } })
  const alter = (value: number | null, ...names: string[]) => {
    const alterations = names.map((name) => ({
      entity: [{ type: 'user', name }],
      operations: [{ key: 'producer_byte_rate', value }],
    }))
    return fixture.settle(fixture.metadata.controller.alterClientQuotas(alterations, false)).then(errorsOf)
  }
  expect(await alter(1, 'a', 'b', 'c')).toEqual(['NONE', 'NONE', 'POLICY_VIOLATION'])
  expect(await alter(2, 'a')).toEqual(['NONE'])
  expect(await alter(1, 'c')).toEqual(['POLICY_VIOLATION'])
  expect(await alter(null, 'b', 'd')).toEqual(['NONE', 'NONE'])
  expect(await alter(1, 'c')).toEqual(['NONE'])
})

test.each([
  ['odradek.max.client.metrics.subscriptions', 'CLIENT_METRICS', 'interval.ms', '1000'],
  ['odradek.max.configured.groups', 'GROUP', 'consumer.session.timeout.ms', '50000'],
] as const)('%s: resources with configs of their own', async (key, type, config, value) => {
  const fixture = await MetadataFixture.start({ entries: { [key]: '2' } })
  const [node] = fixture.metadata.cluster.nodes()
  if (node === undefined) throw new Error('there is no node')
  const alter = (operation: 'SET' | 'DELETE', ...names: string[]) => {
    const operations = [{ name: config, operation, value: operation === 'SET' ? value : null }]
    const changes = names.map((name) => ({ type, name, replaceAll: false, operations }))
    return fixture.settle(fixture.metadata.controller.alterConfigs(node.id, changes, false)).then(errorsOf)
  }
  expect(await alter('SET', 'a', 'b', 'c')).toEqual(['NONE', 'NONE', 'POLICY_VIOLATION'])
  expect(await alter('SET', 'b')).toEqual(['NONE'])
  expect(await alter('DELETE', 'a')).toEqual(['NONE'])
  expect(await alter('SET', 'c')).toEqual(['NONE'])
})

test('odradek.max.metadata.text.bytes: all that clients name as they like, whatever it is', async () => {
  // A new cluster has one config from its start.
  const textBytesMax = 1000 + 'min.insync.replicas=1'.length - 1
  const fixture = await MetadataFixture.start({ entries: { 'odradek.max.metadata.text.bytes': String(textBytesMax) } })
  const settled = <Result>(ask: (controller: Controller) => Promise<Result>) =>
    fixture.settle(ask(fixture.metadata.controller))
  const [node] = fixture.metadata.cluster.nodes()
  if (node === undefined) throw new Error('there is no node')
  const configure = async (value: string | null) => {
    const operations = [{ name: 'custom', operation: value === null ? 'DELETE' : 'SET', value } as const]
    const change = { type: 'BROKER', name: '', replaceAll: false, operations } as const
    return errorsOf(await settled((to) => to.alterConfigs(node.id, [change], false)))
  }
  const aclOf = (chars: number) => ({ ...acl(1), resourceName: 'r'.repeat(chars) })
  const protect = async (chars: number) => errorsOf(await settled((to) => to.createAcls([aclOf(chars)])))
  const limit = async (chars: number, value: number | null) => {
    const entity = [{ type: 'user', name: 'u'.repeat(chars) }]
    const alterations = [{ entity, operations: [{ key: 'producer_byte_rate', value }] }]
    return errorsOf(await settled((to) => to.alterClientQuotas(alterations, false)))
  }
  const key = { iterations: 4096, salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 1), mechanism: 1 }
  const credential = async (chars: number) => {
    const upsertions = [{ ...key, name: 's'.repeat(chars) }]
    return errorsOf(await settled((to) => to.alterScramCredentials({ deletions: [], upsertions })))
  }
  const keyBytes = 'custom'.length
  const aclBytes = 'User:a*'.length
  expect(await configure('x'.repeat(1000 - keyBytes + 1))).toEqual(['POLICY_VIOLATION'])
  expect(await configure('x'.repeat(1000 - keyBytes))).toEqual(['NONE'])
  expect(await configure('y'.repeat(1000 - keyBytes))).toEqual(['NONE'])
  expect(await credential(1)).toEqual(['POLICY_VIOLATION'])
  expect(await configure('x'.repeat(500 - keyBytes))).toEqual(['NONE'])
  expect(await protect(200 - aclBytes)).toEqual(['NONE'])
  expect(await limit(200, 1)).toEqual(['NONE'])
  expect(await limit(101, 1)).toEqual(['POLICY_VIOLATION'])
  expect(await credential(101)).toEqual(['POLICY_VIOLATION'])
  expect(await credential(100)).toEqual(['NONE'])
  // What is there may be changed, and go, when nothing may be added.
  expect(await credential(100)).toEqual(['NONE'])
  expect(await limit(200, 2)).toEqual(['NONE'])
  expect(await limit(1, 1)).toEqual(['POLICY_VIOLATION'])
  expect(await limit(200, null)).toEqual(['NONE'])
  expect(await limit(200, 1)).toEqual(['NONE'])
  await settled((to) => to.deleteAcls([{ ...acl(1), resourceName: null }]))
  expect(await protect(200 - aclBytes + 1)).toEqual(['POLICY_VIOLATION'])
  expect(await protect(200 - aclBytes)).toEqual(['NONE'])
  // It counts on after a restart.
  await fixture.restart(1)
  expect(await configure('x'.repeat(500 - keyBytes + 1))).toEqual(['POLICY_VIOLATION'])
  expect(await configure(null)).toEqual(['NONE'])
  expect(await configure('x'.repeat(500 - keyBytes))).toEqual(['NONE'])
})
