import { ManualClock } from '@odradek/core'
import { CreatePartitions, CreateTopics, DeleteTopics, errorName, Metadata } from '@odradek/protocol'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'
import { MutationQuotas } from '../quotas/mutation-quotas.ts'
import { quotaTable } from '../quotas/quota-table-fixture.ts'
import { noQuotas, type Quotas } from '../quotas.ts'

/** One partition a second, and ten that may be made at once. */
function limited(): Quotas {
  const { table, set } = quotaTable()
  set({ user: 'ANONYMOUS' }, 'controller_mutation_rate', 1)
  const mutations = new MutationQuotas({
    quotas: table,
    window: { samples: 10, sampleMs: 1000 },
    clock: new ManualClock(),
  })
  return {
    ...noQuotas,
    isActive: true,
    mutationQuota: (principal, clientId, isStrict) => mutations.quotaOf(principal, clientId, isStrict),
  }
}

function topics(...names: string[]) {
  const rows = names.map((name) => ({ name, numPartitions: 6, replicationFactor: 1, assignments: [], configs: [] }))
  return { topics: rows, timeoutMs: 1000, validateOnly: false }
}

test.each([
  [5, ['NONE', 'NONE', 'NONE']],
  [6, ['NONE', 'NONE', 'THROTTLING_QUOTA_EXCEEDED']],
])('CreateTopics %i', async (version, errors) => {
  const fixture = await MetadataFixture.start()
  const quotas = limited()
  const { topics: rows } = await fixture.send(CreateTopics, version, topics('a', 'b', 'c'), { quotas })
  expect(rows.map(({ errorCode }) => errorName(errorCode))).toEqual(errors)
  expect(fixture.metadata.cluster.topic('c') === undefined).toBe(version >= 6)
})

test('what is wrong with a topic does not use the quota up, what is only validated does', async () => {
  const fixture = await MetadataFixture.start()
  const quotas = limited()
  const bad = await fixture.send(CreateTopics, 7, topics('a b', 'a/b', 'a'), { quotas })
  expect(bad.topics.map(({ errorCode }) => errorName(errorCode)).sort()).toEqual([
    'INVALID_TOPIC_EXCEPTION',
    'INVALID_TOPIC_EXCEPTION',
    'NONE',
  ])
  const validated = await fixture.send(CreateTopics, 7, { ...topics('b', 'c'), validateOnly: true }, { quotas })
  expect(validated.topics.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE', 'THROTTLING_QUOTA_EXCEEDED'])
})

test.each([
  [4, 'NONE'],
  [5, 'THROTTLING_QUOTA_EXCEEDED'],
])('DeleteTopics %i', async (version, error) => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a', { partitions: 11 }), topicCommand('b'))
  const request = { topicNames: ['a', 'b'], topics: [], timeoutMs: 1000 }
  const { responses } = await fixture.send(DeleteTopics, version, request, { quotas: limited() })
  expect(responses.map(({ errorCode }) => errorName(errorCode)).sort()).toEqual(['NONE', error].sort())
  expect(fixture.metadata.cluster.topic('b') === undefined).toBe(error === 'NONE')
})

test.each([
  [2, 'NONE'],
  [3, 'THROTTLING_QUOTA_EXCEEDED'],
])('CreatePartitions %i', async (version, error) => {
  const fixture = await MetadataFixture.start()
  await fixture.create(topicCommand('a'), topicCommand('b'))
  const rows = ['a', 'b'].map((name) => ({ name, count: 12, assignments: null }))
  const request = { topics: rows, timeoutMs: 1000, validateOnly: false }
  const { results } = await fixture.send(CreatePartitions, version, request, { quotas: limited() })
  expect(results.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE', error])
})

test('a topic that is over the quota is not made by asking for its metadata', async () => {
  const fixture = await MetadataFixture.start({ entries: { 'num.partitions': '11' } })
  const request = {
    topics: ['a', 'b'].map((name) => ({ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name })),
    allowAutoTopicCreation: true,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  }
  const answer = await fixture.send(Metadata, 9, request, { quotas: limited() })
  expect(answer.topics.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'])
})
