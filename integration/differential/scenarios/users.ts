import {
  AlterClientQuotas,
  AlterUserScramCredentials,
  CreateAcls,
  CreateDelegationToken,
  DeleteAcls,
  DescribeAcls,
  DescribeClientQuotas,
  DescribeDelegationToken,
  DescribeUserScramCredentials,
  ExpireDelegationToken,
  GetTelemetrySubscriptions,
  PushTelemetry,
  RenewDelegationToken,
  SaslAuthenticate,
  SaslHandshake,
} from '@odradek/protocol'
import { eachVersion, type Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const [EXACT, DEFAULT, ANY] = [0, 1, 2] as const
const CLIENT_INSTANCE_ID = 'q83vEjRWeJq83vEjRWeJqw'
const NO_CLIENT_INSTANCE_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

type Entity = readonly (readonly [type: string, name: string | null])[]
type Operation = readonly [key: string, value: number | null]

function setQuotas(
  world: World,
  version: number,
  entity: Entity,
  operations: readonly Operation[],
  validateOnly = false,
) {
  return world.ask(AlterClientQuotas, version, {
    entries: [
      {
        entity: entity.map(([entityType, entityName]) => ({ entityType, entityName })),
        ops: operations.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
      },
    ],
    validateOnly,
  })
}

type Component = readonly [type: string, matchType: number, match: string | null]

function quotasOf(world: World, version: number, components: readonly Component[], strict = false) {
  return world.ask(DescribeClientQuotas, version, {
    components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
    strict,
  })
}

const quotas: readonly Scenario[] = [
  ...eachVersion(AlterClientQuotas, {}, 'that can be, and what describes them', async (world, version) => {
    const [user, client] = [world.name('user'), world.name('client')]
    const both: Entity = [
      ['user', user],
      ['client-id', client],
    ]
    await setQuotas(world, version, both, [['producer_byte_rate', 1000]], true)
    await quotasOf(world, version, [['user', EXACT, user]])
    await setQuotas(world, version, both, [
      ['producer_byte_rate', 1000],
      ['request_percentage', 12.5],
    ])
    await setQuotas(world, version, [['user', user]], [['consumer_byte_rate', 7]])
    await setQuotas(world, version, [['client-id', client]], [['controller_mutation_rate', 0.5]])
    await quotasOf(world, version, [['user', EXACT, user]])
    await quotasOf(world, version, [['user', EXACT, user]], true)
    await quotasOf(world, version, [['client-id', EXACT, client]])
    await quotasOf(
      world,
      version,
      [
        ['user', EXACT, user],
        ['client-id', ANY, null],
      ],
      true,
    )
    await setQuotas(world, version, both, [
      ['producer_byte_rate', null],
      ['consumer_byte_rate', null],
    ])
    await quotasOf(world, version, [['client-id', EXACT, client]])
    await setQuotas(world, version, both, [])
    for (const [entity, key] of [
      [both, 'request_percentage'],
      [[['user', user]], 'consumer_byte_rate'],
      [[['client-id', client]], 'controller_mutation_rate'],
    ] as const)
      await setQuotas(world, version, entity, [[key, null]])
    await quotasOf(world, version, [['client-id', EXACT, client]])
  }),
  ...eachVersion(AlterClientQuotas, {}, 'that cannot be', async (world, version) => {
    const user: Entity = [['user', world.name('user')]]
    const values = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e19]
    for (const value of values) await setQuotas(world, version, user, [['producer_byte_rate', value]], true)
    await setQuotas(world, version, user, [['no_such_key', 1]], true)
    await setQuotas(world, version, user, [['connection_creation_rate', 1]], true)
    await setQuotas(world, version, [['ip', '127.0.0.1']], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, [['ip', '127.0.0.1']], [['connection_creation_rate', 1.5]], true)
    await setQuotas(world, version, [['ip', 'no host name']], [['connection_creation_rate', 1]], true)
    await setQuotas(world, version, [['ip', '127.0.0.1'], ...user], [['connection_creation_rate', 1]], true)
    await setQuotas(world, version, [['nonsense', 'x']], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, [['user', '']], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, [], [['producer_byte_rate', 1]], true)
    const twice: readonly Operation[] = [
      ['producer_byte_rate', 1],
      ['producer_byte_rate', 2],
    ]
    await setQuotas(world, version, user, twice, true)
    const row = (value: number) => ({
      entity: user.map(([entityType, entityName]) => ({ entityType, entityName })),
      ops: [{ key: 'producer_byte_rate', value, remove: false }],
    })
    await world.ask(AlterClientQuotas, version, { entries: [row(1), row(2)], validateOnly: true })
    await setQuotas(world, version, [['user', 'one'], ...user], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, user, [['', 1]], true)
    await setQuotas(world, version, [['', null]], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, [['client-id', '']], [['producer_byte_rate', 1]], true)
    await setQuotas(world, version, [['ip', '']], [['connection_creation_rate', 1]], true)
    await setQuotas(world, version, [['ip', null]], [['connection_creation_rate', 1]], true)
    await setQuotas(world, version, user, [['producer_byte_rate', null]], true)
    await setQuotas(world, version, user, [['no_such_key', null]], true)
    await world.ask(AlterClientQuotas, version, { entries: [], validateOnly: true })
  }),
  ...eachVersion(DescribeClientQuotas, {}, 'asked for in ways that cannot be', async (world, version) => {
    const user = world.name('user')
    const asked: readonly (readonly Component[])[] = [
      [['user', EXACT, user]],
      [['nonsense', EXACT, user]],
      [['', EXACT, user]],
      [['user', 3, null]],
      [['user', EXACT, null]],
      [['user', DEFAULT, user]],
      [['user', ANY, user]],
      [
        ['user', EXACT, user],
        ['user', EXACT, user],
      ],
      [
        ['user', EXACT, user],
        ['ip', EXACT, '127.0.0.1'],
      ],
    ]
    for (const components of asked) await quotasOf(world, version, components)
  }),
]

const SHA_256 = 1
const SHA_512 = 2
const SALT = Buffer.from('salt')
const SALTED_PASSWORD = Buffer.from('password'.repeat(4))

const credentials: readonly Scenario[] = [
  ...eachVersion(AlterUserScramCredentials, {}, 'of users, and what describes them', async (world, version) => {
    const name = world.name('user')
    const upsert = (rest: object = {}) => ({
      name,
      mechanism: SHA_256,
      iterations: 4096,
      salt: SALT,
      saltedPassword: SALTED_PASSWORD,
      ...rest,
    })
    const alter = (upsertions: readonly ReturnType<typeof upsert>[], deletions: readonly object[] = []) =>
      world.ask(AlterUserScramCredentials, version, {
        upsertions,
        deletions: deletions.map((rest) => ({ name, mechanism: SHA_256, ...rest })),
      })
    await alter([upsert()])
    await alter([upsert({ mechanism: 2, iterations: 16_384 })])
    for (const rest of [{ iterations: 4095 }, { iterations: 16_385 }, { name: '' }, { mechanism: 0 }, { mechanism: 3 }])
      await alter([upsert(rest)])
    await alter([upsert(), upsert()])
    await alter([upsert()], [{}])
    await alter([], [{ name: world.name('nobody') }, { mechanism: 7 }, { name: '' }])
    await world.ask(DescribeUserScramCredentials, version, { users: [{ name }] })
    await world.ask(DescribeUserScramCredentials, version, { users: [{ name }, { name }] })
    await world.ask(DescribeUserScramCredentials, version, { users: [{ name: world.name('nobody') }, { name: '' }] })
    await alter([], [{}, { mechanism: 2 }])
    await world.ask(DescribeUserScramCredentials, version, { users: [{ name }] })
  }),
]

const bothMechanisms: readonly Scenario[] = [
  ...eachVersion(AlterUserScramCredentials, {}, 'of both mechanisms of a user at once', async (world, version) => {
    const [one, two] = [world.name('one'), world.name('two')]
    const keys = { iterations: 4096, salt: SALT, saltedPassword: SALTED_PASSWORD }
    const of = (...mechanisms: readonly number[]) => mechanisms.map((mechanism) => ({ name: one, mechanism }))
    const alter = async (upserted: readonly number[], deleted: readonly number[], second = false) => {
      const own = of(...upserted).map((each) => ({ ...each, ...keys }))
      const upsertions = second ? [...own, { name: two, mechanism: SHA_512, ...keys }] : own
      await world.ask(AlterUserScramCredentials, version, { upsertions, deletions: of(...deleted) })
      await world.ask(DescribeUserScramCredentials, version, { users: [{ name: one }, { name: two }] })
    }
    await alter([SHA_256, SHA_512], [])
    await alter([SHA_256, SHA_256], [], true)
    await alter([SHA_256], [])
    await alter([SHA_512], [SHA_256])
    await alter([], [SHA_256, SHA_256])
    await alter([], [SHA_256, SHA_512])
    await alter([SHA_512], [])
    await alter([], [SHA_256, SHA_512])
    await alter([SHA_256, 7], [])
  }),
]

const describedCredentials: readonly Scenario[] = [
  ...eachVersion(DescribeUserScramCredentials, {}, 'who is there, and who is not', async (world, version) => {
    const [one, two] = [world.name('one'), world.name('two')]
    const keys = { iterations: 8192, salt: SALT, saltedPassword: SALTED_PASSWORD }
    const upsertions = [
      { name: one, mechanism: SHA_256, ...keys },
      { name: one, mechanism: SHA_512, ...keys },
      { name: two, mechanism: SHA_512, ...keys },
    ]
    await world.quietly(AlterUserScramCredentials, 0, { deletions: [], upsertions })
    const nobody = world.name('nobody')
    for (const users of [[one], [two, one], [nobody], [''], [one, one], [nobody, nobody], [one, nobody, '', two, one]])
      await world.ask(DescribeUserScramCredentials, version, { users: users.map((name) => ({ name })) })
    for (const users of [null, []]) {
      const { results, ...said } = await world.quietly(DescribeUserScramCredentials, version, { users })
      const own = results.filter(({ user }) => user.startsWith(world.prefix))
      world.keep(`DescribeUserScramCredentials of ${users === null ? 'null' : 'no users'}`, { ...said, results: own })
    }
    await world.quietly(AlterUserScramCredentials, 0, {
      deletions: [{ name: one, mechanism: SHA_256 }],
      upsertions: [],
    })
    await world.ask(DescribeUserScramCredentials, version, { users: [{ name: one }] })
  }),
]

const HMAC = Buffer.from('no such token')

const tokens: readonly Scenario[] = [
  ...eachVersion(CreateDelegationToken, { kept: 1 }, 'by nobody in particular', async (world, version) => {
    const renewers = [{ principalType: 'User', principalName: 'x' }]
    await world.ask(CreateDelegationToken, version, { renewers, maxLifetimeMs: -1n })
    await world.ask(CreateDelegationToken, version, { renewers: [], maxLifetimeMs: 1000n })
  }),
  ...eachVersion(RenewDelegationToken, { kept: 1 }, 'by nobody in particular', async (world, version) => {
    await world.ask(RenewDelegationToken, version, { hmac: HMAC, renewPeriodMs: 1000n })
  }),
  ...eachVersion(ExpireDelegationToken, { kept: 1 }, 'by nobody in particular', async (world, version) => {
    await world.ask(ExpireDelegationToken, version, { hmac: HMAC, expiryTimePeriodMs: 1000n })
  }),
  ...eachVersion(DescribeDelegationToken, { kept: 1 }, 'by nobody in particular', async (world, version) => {
    for (const owners of [null, [], [{ principalType: 'User', principalName: 'x' }]])
      await world.ask(DescribeDelegationToken, version, { owners })
  }),
]

const ANYTHING = { resourceTypeFilter: 1, resourceNameFilter: null, principalFilter: null, hostFilter: null }

const rights: readonly Scenario[] = [
  ...eachVersion(DescribeAcls, { kept: 1 }, 'without an authorizer', async (world, version) => {
    await world.ask(DescribeAcls, version, {
      ...ANYTHING,
      ...(version >= 1 && { patternTypeFilter: 1 }),
      operation: 1,
      permissionType: 1,
    })
  }),
  ...eachVersion(CreateAcls, { kept: 1 }, 'without an authorizer', async (world, version) => {
    const acl = { resourceType: 2, resourceName: 't', resourcePatternType: 3, principal: 'User:x', host: '*' }
    await world.ask(CreateAcls, version, { creations: [{ ...acl, operation: 3, permissionType: 3 }] })
    await world.ask(CreateAcls, version, { creations: [] })
  }),
  ...eachVersion(DeleteAcls, { kept: 1 }, 'without an authorizer', async (world, version) => {
    const filter = { ...ANYTHING, ...(version >= 1 && { patternTypeFilter: 1 }), operation: 1, permissionType: 1 }
    await world.ask(DeleteAcls, version, { filters: [filter] })
    await world.ask(DeleteAcls, version, { filters: [] })
  }),
  ...eachVersion(SaslHandshake, {}, 'where nobody logs in', async (world, version) => {
    for (const mechanism of ['PLAIN', 'nonsense', '']) await world.ask(SaslHandshake, version, { mechanism })
  }),
  ...eachVersion(SaslAuthenticate, {}, 'where nobody logs in', async (world, version) => {
    await world.ask(SaslAuthenticate, version, { authBytes: Buffer.from('\0u\0p') })
  }),
]

const telemetry: readonly Scenario[] = [
  ...eachVersion(GetTelemetrySubscriptions, {}, 'of a new client and of one with an id', async (world, version) => {
    await world.ask(GetTelemetrySubscriptions, version, { clientInstanceId: NO_CLIENT_INSTANCE_ID })
  }),
  ...eachVersion(PushTelemetry, {}, 'that nobody asked for', async (world, version) => {
    const push = { subscriptionId: 7, terminating: false, compressionType: 0, metrics: Buffer.alloc(0) }
    await world.ask(PushTelemetry, version, { ...push, clientInstanceId: NO_CLIENT_INSTANCE_ID })
    await world.ask(PushTelemetry, version, { ...push, clientInstanceId: CLIENT_INSTANCE_ID })
  }),
]

export const users: readonly Scenario[] = [
  ...quotas,
  ...credentials,
  ...bothMechanisms,
  ...describedCredentials,
  ...tokens,
  ...rights,
  ...telemetry,
]
