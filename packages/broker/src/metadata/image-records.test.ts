import { offset } from '@odradek/core'
import { recordsOfImage } from './image-records.ts'
import { MetadataFixture, topicCommand } from './metadata-fixture.ts'
import { MetadataImage } from './metadata-image.ts'

/** Of every kind that the metadata has. */
async function filled(): Promise<MetadataFixture> {
  const fixture = await MetadataFixture.start({
    nodes: 3,
    racks: ['a', 'b'],
    entries: { 'delegation.token.secret.key': 'secret' },
  })
  const { controller, producerIds } = fixture.metadata
  await fixture.create(
    topicCommand('one', { partitions: 3, replicationFactor: 3, configs: [{ name: 'retention.ms', value: '1000' }] }),
    topicCommand('two.three', { partitions: 2 }),
    topicCommand('gone'),
  )
  await fixture.settle(controller.deleteTopics([fixture.metadata.cluster.topic('gone')!.id]))
  await fixture.stopNode(3)
  await fixture.stopNode(2)
  const acl = { resourceType: 'TOPIC', resourceName: 'one', patternType: 'LITERAL', host: '*' } as const
  await fixture.settle(
    controller.createAcls([
      { ...acl, principal: 'User:a', operation: 'READ', permission: 'ALLOW' },
      { ...acl, principal: 'User:b', operation: 'ALL', permission: 'DENY' },
    ]),
  )
  const key = { iterations: 4096, salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 1) }
  for (const [name, mechanism] of [
    ['alice', 1],
    ['alice', 2],
    ['bob', 2],
  ] as const) {
    const upsertions = [{ ...key, name, mechanism }]
    await fixture.settle(controller.alterScramCredentials({ deletions: [], upsertions }))
  }
  const token = { owner: 'User:a', requester: 'User:a', renewers: ['User:b'], maxLifetimeMs: -1n }
  await fixture.settle(controller.createDelegationToken(token))
  const entity = [{ type: 'user', name: 'alice' } as const, { type: 'client-id', name: null } as const]
  await fixture.settle(
    controller.alterClientQuotas([{ entity, operations: [{ key: 'producer_byte_rate', value: 1000 }] }], false),
  )
  await fixture.settle(Promise.resolve(producerIds.next(fixture.metadata.cluster.nodes()[0]!.id)))
  return fixture
}

test('an image and what its records make of an empty one are the same', async () => {
  const fixture = await filled()
  const image = fixture.metadata.cluster
  if (!(image instanceof MetadataImage)) throw new Error('the fixture has another view of the cluster')
  const copy = new MetadataImage(image.clusterId, image.delegationTokens.secret)
  copy.apply([...recordsOfImage(image)], offset(image.endOffset))
  expect(Object.fromEntries(Object.entries(copy))).toEqual(Object.fromEntries(Object.entries(image)))
})

test('records that are taken later are those of the moment of the call', async () => {
  const fixture = await filled()
  const image = fixture.metadata.cluster
  if (!(image instanceof MetadataImage)) throw new Error('the fixture has another view of the cluster')
  const before = [...recordsOfImage(image)]
  const records = recordsOfImage(image)
  await fixture.create(topicCommand('later', { partitions: 5 }))
  await fixture.settle(fixture.metadata.controller.deleteTopics([image.topic('one')!.id]))
  await fixture.startNode(3)
  expect([...records]).toEqual(before)
})
