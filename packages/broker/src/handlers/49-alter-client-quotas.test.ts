import { AlterClientQuotas, DescribeClientQuotas, ErrorCode, errorName } from '@odradek/protocol'
import type { Authorizer } from '../authorizer.ts'
import { HOST_NAMES_MAX } from '../host-names.ts'
import { QUOTA_CHANGES_MAX } from '../metadata/alter-client-quotas-decision.ts'
import { MetadataFixture } from '../metadata/metadata-fixture.ts'

type Entity = readonly (readonly [type: string, name: string | null])[]
type Asked = readonly [entity: Entity, operations: readonly (readonly [key: string, value: number | null])[]]

function request(asked: readonly Asked[], validateOnly = false) {
  const entries = asked.map(([entity, operations]) => ({
    entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
    ops: operations.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
  }))
  return { entries, validateOnly }
}

async function alter(fixture: MetadataFixture, ...asked: Asked[]): Promise<string[]> {
  const { entries } = await fixture.send(AlterClientQuotas, 1, request(asked))
  for (const { errorCode, errorMessage } of entries) expect(errorMessage === null).toBe(errorCode === ErrorCode.NONE)
  return entries.map(({ errorCode }) => errorName(errorCode))
}

async function shown(fixture: MetadataFixture): Promise<unknown> {
  const { entries } = await fixture.send(DescribeClientQuotas, 1, { components: [], strict: false })
  return entries?.map(({ entity, values }) => [
    entity.map(({ entityType, entityName }) => [entityType, entityName]),
    values.map(({ key, value }) => [key, value]),
  ])
}

const USER: Entity = [['user', 'a']]
const IP: Entity = [['ip', '10.0.0.1']]
const RATE = 'producer_byte_rate'
const CONNECTIONS = 'connection_creation_rate'

describe('what is refused', () => {
  let fixture: MetadataFixture
  beforeAll(async () => {
    fixture = await MetadataFixture.start()
  })
  afterAll(async () => {
    expect(await shown(fixture)).toEqual([])
  })

  test.each<[string, Asked]>([
    ['nothing', [USER, [[RATE, 0]]]],
    ['less than nothing', [USER, [['request_percentage', -1]]]],
    ['no number', [USER, [['controller_mutation_rate', Number.NaN]]]],
    ['no finite number', [USER, [['request_percentage', Number.POSITIVE_INFINITY]]]],
    ['part of a byte', [USER, [[RATE, 1.5]]]],
    ['more than a long', [USER, [['consumer_byte_rate', 2 ** 63 + 4096]]]],
    ['part of a connection', [IP, [[CONNECTIONS, 1.5]]]],
    ['more than an int', [IP, [[CONNECTIONS, 2 ** 31]]]],
    ['bytes of an ip', [IP, [[RATE, 5]]]],
    ['connections of a user', [USER, [[CONNECTIONS, 5]]]],
    ['an unknown key', [USER, [['nosuch', 5]]]],
    ['an unknown entity', [[['topic', 'a']], [[RATE, 5]]]],
    ['an entity without a type', [[['', 'a']], [[RATE, 5]]]],
    ['no entity', [[], [[RATE, 5]]]],
    ['a user without a name', [[['user', '']], [[RATE, 5]]]],
    ['a client without a name', [[['client-id', '']], [[RATE, 5]]]],
    ['an ip without a name', [[['ip', '']], [[CONNECTIONS, 5]]]],
    ['a host that is not known', [[['ip', 'no.such.host.invalid']], [[CONNECTIONS, 5]]]],
    ['an ip with a user', [[...IP, ...USER], [[CONNECTIONS, 5]]]],
    ['an ip with a client', [[...IP, ['client-id', 'c']], [[RATE, 5]]]],
    [
      'a key twice',
      [
        USER,
        [
          [RATE, 5],
          [RATE, 6],
        ],
      ],
    ],
    [
      'one bad key of two',
      [
        USER,
        [
          [RATE, 5],
          ['consumer_byte_rate', -6],
        ],
      ],
    ],
  ])('%s', async (_, asked) => {
    expect(await alter(fixture, asked)).toEqual(['INVALID_REQUEST'])
  })
})

describe('what is allowed', () => {
  test.each<[string, Asked]>([
    ['part of a percent', [USER, [['request_percentage', 0.5]]]],
    ['part of a change', [USER, [['controller_mutation_rate', 1.5]]]],
    ['what is as good as whole', [USER, [[RATE, 1.0000001]]]],
    ['the largest long', [USER, [[RATE, 2 ** 63]]]],
    ['the largest int', [IP, [[CONNECTIONS, 2 ** 31 - 1]]]],
    ['a host by its name', [[['ip', 'localhost']], [[CONNECTIONS, 5]]]],
    ['taking away what was never set', [USER, [[RATE, null]]]],
    ['taking away a key that there is not', [USER, [['nosuch', null]]]],
    ['no operations', [USER, []]],
  ])('%s', async (_, asked) => {
    expect(await alter(await MetadataFixture.start(), asked)).toEqual(['NONE'])
  })
})

test('an entity that is there twice has one row and is left alone; others are changed', async () => {
  const fixture = await MetadataFixture.start()
  const asked: Asked[] = [
    [
      [
        ['user', 'a'],
        ['client-id', 'c'],
      ],
      [[RATE, 5]],
    ],
    [[['user', 'b']], [[RATE, 6]]],
    [
      [
        ['client-id', 'c'],
        ['user', 'a'],
      ],
      [[RATE, 7]],
    ],
  ]
  expect(await alter(fixture, ...asked)).toEqual(['INVALID_REQUEST', 'NONE'])
  expect(await shown(fixture)).toEqual([[[['user', 'b']], [[RATE, 6]]]])
})

test('of a type that is named twice the last name counts', async () => {
  const fixture = await MetadataFixture.start()
  expect(
    await alter(fixture, [
      [
        ['user', 'x'],
        ['user', 'y'],
      ],
      [[RATE, 5]],
    ]),
  ).toEqual(['NONE'])
  expect(await shown(fixture)).toEqual([[[['user', 'y']], [[RATE, 5]]]])
})

test('quotas are set, changed and taken away, and are still there after a restart', async () => {
  const fixture = await MetadataFixture.start()
  await alter(
    fixture,
    [
      USER,
      [
        [RATE, 5],
        ['request_percentage', 2.5],
      ],
    ],
    [
      [
        ['user', null],
        ['client-id', null],
      ],
      [['consumer_byte_rate', 6]],
    ],
    [[['ip', null]], [[CONNECTIONS, 7]]],
  )
  await alter(
    fixture,
    [
      USER,
      [
        [RATE, null],
        ['request_percentage', 3.5],
      ],
    ],
    [[['ip', null]], [[CONNECTIONS, null]]],
  )
  const after = [
    [[['user', 'a']], [['request_percentage', 3.5]]],
    [
      [
        ['user', null],
        ['client-id', null],
      ],
      [['consumer_byte_rate', 6]],
    ],
  ]
  expect(await shown(fixture)).toEqual(after)
  await fixture.restart(1)
  expect(await shown(fixture)).toEqual(after)
  expect(fixture.metadata.clientQuotas.has('request_percentage')).toBe(true)
  expect(fixture.metadata.clientQuotas.has(RATE)).toBe(false)
})

test('validating changes nothing, and setting what is set writes nothing', async () => {
  const fixture = await MetadataFixture.start()
  const { entries } = await fixture.send(
    AlterClientQuotas,
    0,
    request(
      [
        [USER, [[RATE, 5]]],
        [USER.slice(1), []],
      ],
      true,
    ),
  )
  expect(entries.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.INVALID_REQUEST])
  expect(await shown(fixture)).toEqual([])
  await alter(fixture, [USER, [[RATE, 5]]])
  const changes = fixture.changes.length
  await alter(fixture, [USER, [[RATE, 5]]])
  expect(fixture.changes).toHaveLength(changes)
})

test('a request may change so many quotas, and not one more', async () => {
  const fixture = await MetadataFixture.start()
  const asked = (count: number): Asked[] =>
    Array.from({ length: count }, (_, index): Asked => [[['client-id', `c-${index}`]], [[RATE, 5]]])
  const refused = await alter(fixture, ...asked(QUOTA_CHANGES_MAX + 1))
  expect(new Set(refused)).toEqual(new Set(['POLICY_VIOLATION']))
  expect(await shown(fixture)).toEqual([])
  expect(new Set(await alter(fixture, ...asked(QUOTA_CHANGES_MAX)))).toEqual(new Set(['NONE']))
})

test('so many hosts are looked up for one request; addresses do not count', async () => {
  const fixture = await MetadataFixture.start()
  const hosts = Array.from(
    { length: HOST_NAMES_MAX + 1 },
    (_, index): Asked => [[['ip', `h${index}`]], [[CONNECTIONS, 5]]],
  )
  const errors = await alter(fixture, [[['ip', '10.0.0.1']], [[CONNECTIONS, 5]]], [[['ip', 'fd00::1']], []], ...hosts)
  expect(errors.filter((error) => error === 'NONE')).toHaveLength(HOST_NAMES_MAX + 2)
  expect(errors.at(-1)).toBe('INVALID_REQUEST')
})

test('the right to alter configs of the cluster is asked for', async () => {
  const fixture = await MetadataFixture.start()
  const authorizer: Authorizer = { authorize: (_principal, _host, operation) => operation !== 'ALTER_CONFIGS' }
  const { entries } = await fixture.send(AlterClientQuotas, 1, request([[USER, [[RATE, 5]]]]), { authorizer })
  expect(entries.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.CLUSTER_AUTHORIZATION_FAILED])
  expect(await shown(fixture)).toEqual([])
})
