import { AlterClientQuotas, DescribeClientQuotas, ErrorCode, errorName } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

const EXACT = 0
const DEFAULT = 1
const ANY = 2

type Component = readonly [entityType: string, matchType: number, match?: string | null]

/** Each has its place as its value. */
const ENTITIES: readonly Record<string, string | null>[] = [
  { user: 'u' },
  { user: null },
  { 'client-id': 'c' },
  { 'client-id': null },
  { user: 'u', 'client-id': 'c' },
  { user: 'u', 'client-id': null },
  { user: null, 'client-id': 'c' },
  { user: null, 'client-id': null },
  { ip: '10.0.0.1' },
  { ip: null },
]

let fixture: MetadataFixture
beforeAll(async () => {
  fixture = await MetadataFixture.start()
  const entries = ENTITIES.map((entity, index) => ({
    entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
    ops: [{ key: 'ip' in entity ? 'connection_creation_rate' : 'producer_byte_rate', value: index + 1, remove: false }],
  }))
  const response = await fixture.send(AlterClientQuotas, 1, { entries, validateOnly: false })
  expect(response.entries.filter(({ errorCode }) => errorCode !== 0)).toEqual([])
})

function ask(components: readonly Component[], strict: boolean, authorizer?: Authorizer) {
  const asked = components.map(([entityType, matchType, match = null]) => ({ entityType, matchType, match }))
  const request = { components: asked, strict }
  return fixture.send(DescribeClientQuotas, 1, request, authorizer === undefined ? {} : { authorizer })
}

test.each<[string, Component[], boolean, number[]]>([
  ['everything', [], false, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ['nothing at all, and nothing else', [], true, []],
  ['a user', [['user', EXACT, 'u']], false, [1, 5, 6]],
  ['a user alone', [['user', EXACT, 'u']], true, [1]],
  ['the default user', [['user', DEFAULT]], false, [2, 7, 8]],
  ['any user', [['user', ANY]], false, [1, 2, 5, 6, 7, 8]],
  ['any user alone', [['user', ANY]], true, [1, 2]],
  ['a client', [['client-id', EXACT, 'c']], false, [3, 5, 7]],
  ['any client alone', [['client-id', ANY]], true, [3, 4]],
  [
    'a user with the default client',
    [
      ['user', EXACT, 'u'],
      ['client-id', DEFAULT],
    ],
    false,
    [6],
  ],
  [
    'any client of the default user',
    [
      ['client-id', ANY],
      ['user', DEFAULT],
    ],
    true,
    [7, 8],
  ],
  [
    'any user with any client',
    [
      ['user', ANY],
      ['client-id', ANY],
    ],
    true,
    [5, 6, 7, 8],
  ],
  ['an address', [['ip', EXACT, '10.0.0.1']], false, [9]],
  ['the default address', [['ip', DEFAULT]], true, [10]],
  ['any address', [['ip', ANY]], false, [9, 10]],
  ['a user that has none', [['user', EXACT, 'nosuch']], false, []],
  ['an empty name', [['user', EXACT, '']], false, []],
])('%s', async (_, components, strict, values) => {
  const { errorCode, errorMessage, entries } = await ask(components, strict)
  expect([errorCode, errorMessage]).toEqual([ErrorCode.NONE, ''])
  expect(entries?.map((entry) => entry.values[0]?.value)).toEqual(values)
})

test.each<[string, Component[], string]>([
  [
    'a type twice',
    [
      ['user', EXACT, 'a'],
      ['user', DEFAULT],
    ],
    'INVALID_REQUEST',
  ],
  ['an unknown type', [['topic', EXACT, 'a']], 'UNSUPPORTED_VERSION'],
  ['an unknown type with a bad match', [['topic', 9]], 'UNSUPPORTED_VERSION'],
  ['no type', [['', EXACT, 'a']], 'INVALID_REQUEST'],
  ['a match that is none', [['user', 3]], 'INVALID_REQUEST'],
  ['a match below all', [['user', -1]], 'INVALID_REQUEST'],
  ['exactly nothing', [['user', EXACT]], 'INVALID_REQUEST'],
  ['a default with a name', [['user', DEFAULT, 'x']], 'INVALID_REQUEST'],
  ['any with a name', [['user', ANY, 'x']], 'INVALID_REQUEST'],
  [
    'an ip and a user',
    [
      ['ip', ANY],
      ['user', ANY],
    ],
    'INVALID_REQUEST',
  ],
  [
    'a client and an ip',
    [
      ['client-id', ANY],
      ['ip', DEFAULT],
    ],
    'INVALID_REQUEST',
  ],
])('%s is refused', async (_, components, error) => {
  const { errorCode, errorMessage, entries } = await ask(components, false)
  expect([errorName(errorCode), entries]).toEqual([error, null])
  expect(errorMessage).not.toBe('')
})

test('the right to describe configs of the cluster is asked for', async () => {
  const answer = await ask([], false, { authorize: (_principal, _host, operation) => operation !== 'DESCRIBE_CONFIGS' })
  expect([answer.errorCode, answer.entries]).toEqual([ErrorCode.CLUSTER_AUTHORIZATION_FAILED, null])
})
