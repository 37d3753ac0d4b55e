import { ZERO_TOPIC_ID } from '@odradek/core'
import { DeleteTopics, ErrorCode } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { MetadataFixture, topicCommand } from '../metadata/metadata-fixture.ts'

const UNKNOWN_ID = 'abcdefghijklmnopqrstuw'

async function fixtureWith(...names: string[]) {
  const fixture = await MetadataFixture.start()
  await fixture.create(...names.map((name) => topicCommand(name)))
  const idOf = (name: string) => fixture.metadata.cluster.topic(name)?.id ?? ZERO_TOPIC_ID
  const left = () => Array.from(fixture.metadata.cluster.topics(), ({ name }) => name)
  return { fixture, idOf, left }
}

const byName = (name: string) => ({ name, topicId: ZERO_TOPIC_ID })
const byId = (topicId: string) => ({ name: null, topicId })

/** Rows are shuffled: as [name, id, code], sorted. */
function sorted(rows: readonly { name: string | null; topicId: string; errorCode: number }[]) {
  return rows.map(({ name, topicId, errorCode }) => [name, topicId, errorCode]).sort()
}

test.each([0, 1, 2, 3, 4, 5])('v%i deletes by name; what is named twice stays', async (version) => {
  const { fixture, left } = await fixtureWith('a', 'b', 'c')
  const topicNames = ['a', 'nosuch', '', 'x/y', 'b', 'b', 'gone', 'gone']
  const { responses } = await fixture.send(DeleteTopics, version, { topicNames, timeoutMs: 5000 })
  expect(sorted(responses)).toEqual(
    [
      ['a', ZERO_TOPIC_ID, ErrorCode.NONE],
      ['b', ZERO_TOPIC_ID, ErrorCode.INVALID_REQUEST],
      ['gone', ZERO_TOPIC_ID, ErrorCode.INVALID_REQUEST],
      ['nosuch', ZERO_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ['', ZERO_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      ['x/y', ZERO_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ].sort(),
  )
  expect(left()).toEqual(['b', 'c'])
})

test('v6 deletes by name or by id, not by both or neither', async () => {
  const { fixture, idOf, left } = await fixtureWith('a', 'b', 'c', 'd')
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(idOf)
  const topics = [
    byName('a'),
    byId(b!),
    { name: 'c', topicId: c! },
    { name: null, topicId: ZERO_TOPIC_ID },
    byId(UNKNOWN_ID),
    byId(d!),
    byName('d'),
  ]
  const { responses } = await fixture.send(DeleteTopics, 6, { topics, timeoutMs: 5000 })
  expect(sorted(responses)).toEqual(
    [
      ['a', a, ErrorCode.NONE],
      ['b', b, ErrorCode.NONE],
      ['c', c, ErrorCode.INVALID_REQUEST],
      [null, ZERO_TOPIC_ID, ErrorCode.INVALID_REQUEST],
      [null, UNKNOWN_ID, ErrorCode.UNKNOWN_TOPIC_ID],
      ['d', d, ErrorCode.INVALID_REQUEST],
    ].sort(),
  )
  expect(left()).toEqual(['c', 'd'])
})

test('an id given twice is answered once', async () => {
  const { fixture, idOf, left } = await fixtureWith('a')
  const topics = [byId(idOf('a')), byId(idOf('a')), byId(UNKNOWN_ID), byId(UNKNOWN_ID)]
  const { responses } = await fixture.send(DeleteTopics, 6, { topics, timeoutMs: 5000 })
  expect(sorted(responses)).toEqual(
    [
      [null, idOf('a'), ErrorCode.INVALID_REQUEST],
      [null, UNKNOWN_ID, ErrorCode.INVALID_REQUEST],
    ].sort(),
  )
  expect(left()).toEqual(['a'])
})

test('a topic that is made again has another id, and the old one is unknown', async () => {
  const { fixture, idOf } = await fixtureWith('a')
  const before = idOf('a')
  await fixture.send(DeleteTopics, 6, { topics: [byName('a')], timeoutMs: 5000 })
  await fixture.create(topicCommand('a'))
  expect(idOf('a')).not.toBe(before)
  const { responses } = await fixture.send(DeleteTopics, 6, { topics: [byId(before)], timeoutMs: 5000 })
  expect(responses[0]).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_ID, topicId: before })
})

test('configs go with their topic', async () => {
  const { fixture } = await fixtureWith()
  await fixture.create(topicCommand('a', { configs: [{ name: 'retention.ms', value: '5' }] }))
  await fixture.send(DeleteTopics, 6, { topics: [byName('a')], timeoutMs: 5000 })
  await fixture.create(topicCommand('a'))
  const { configs } = fixture.metadata
  const [node] = fixture.metadata.cluster.nodes()
  expect(configs.topicSettings('a', node!.id).log.retentionMs).toBe(604_800_000)
})

test.each([
  [1, ErrorCode.INVALID_REQUEST],
  [2, ErrorCode.INVALID_REQUEST],
  [3, ErrorCode.TOPIC_DELETION_DISABLED],
  [6, ErrorCode.TOPIC_DELETION_DISABLED],
])('v%i: delete.topic.enable=false refuses everything', async (version, errorCode) => {
  const fixture = await MetadataFixture.start({ entries: { 'delete.topic.enable': 'false' } })
  await fixture.create(topicCommand('a'))
  const asked = version < 6 ? { topicNames: ['a', 'nosuch'] } : { topics: [byName('a'), byId(UNKNOWN_ID)] }
  const { responses } = await fixture.send(DeleteTopics, version, { ...asked, timeoutMs: 5000 })
  expect(responses.map((row) => row.errorCode)).toEqual([errorCode, errorCode])
  expect(fixture.metadata.cluster.topic('a')).toBeDefined()
})

test('with a time-out of 0 nothing is begun', async () => {
  const { fixture, left } = await fixtureWith('a')
  const { responses } = await fixture.send(DeleteTopics, 5, { topicNames: ['a', 'a', 'nosuch'], timeoutMs: 0 })
  expect(responses.map(({ errorCode }) => errorCode)).toEqual(Array(3).fill(ErrorCode.REQUEST_TIMED_OUT))
  expect(left()).toEqual(['a'])
})

test('without the right to delete, an id tells its name only to those who may describe the topic', async () => {
  const { fixture, idOf, left } = await fixtureWith('mine', 'seen', 'hidden', 'named')
  const authorizer: Authorizer = {
    authorize: (_principal, _host, operation, resource, name) =>
      resource === 'TOPIC' && (name === 'mine' || (name === 'seen' && operation === 'DESCRIBE')),
  }
  const topics = [
    byId(idOf('mine')),
    byId(idOf('seen')),
    byId(idOf('hidden')),
    byName('named'),
    byName('nosuch'),
    byId(UNKNOWN_ID),
  ]
  const { responses } = await fixture.send(DeleteTopics, 6, { topics, timeoutMs: 5000 }, { authorizer })
  const denied = ErrorCode.TOPIC_AUTHORIZATION_FAILED
  expect(sorted(responses)).toEqual(
    expect.arrayContaining([
      ['mine', expect.any(String), ErrorCode.NONE],
      ['seen', idOf('seen'), denied],
      [null, idOf('hidden'), denied],
      ['named', ZERO_TOPIC_ID, denied],
      ['nosuch', ZERO_TOPIC_ID, denied],
      [null, UNKNOWN_ID, ErrorCode.UNKNOWN_TOPIC_ID],
    ]),
  )
  expect(responses).toHaveLength(6)
  expect(left()).toEqual(['seen', 'hidden', 'named'])
})

test('who may describe a topic, but not delete it, hears by its name whether there is one', async () => {
  const { fixture, left } = await fixtureWith('seen')
  const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation === 'DESCRIBE' }
  const topics = [byName('seen'), byName('nosuch')]
  const { responses } = await fixture.send(DeleteTopics, 6, { topics, timeoutMs: 5000 }, { authorizer })
  expect(sorted(responses)).toEqual(
    expect.arrayContaining([
      ['seen', ZERO_TOPIC_ID, ErrorCode.TOPIC_AUTHORIZATION_FAILED],
      ['nosuch', ZERO_TOPIC_ID, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ]),
  )
  expect(left()).toEqual(['seen'])
})

test('very many names are looked up in turns', async () => {
  const { fixture, left } = await fixtureWith('a', 'b')
  const soon = jest.spyOn(fixture.clock, 'soon')
  const topicNames = [...Array.from({ length: 3 * ROWS_PER_TURN }, (_, at) => `none-${at}`), 'a']
  const { responses } = await fixture.send(DeleteTopics, 5, { topicNames, timeoutMs: 5000 })
  expect(responses.filter(({ errorCode }) => errorCode === ErrorCode.NONE).map(({ name }) => name)).toEqual(['a'])
  expect([responses.length, left()]).toEqual([topicNames.length, ['b']])
  expect(soon.mock.calls.length).toBeGreaterThanOrEqual(3)
})
