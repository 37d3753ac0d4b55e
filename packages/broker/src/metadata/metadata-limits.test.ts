import type { Acl } from '../acls/acl.ts'
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
