import { createHmac } from 'node:crypto'
import {
  CreateDelegationToken,
  DescribeDelegationToken,
  ErrorCode,
  ExpireDelegationToken,
  Metadata,
  RenewDelegationToken,
  SaslAuthenticate,
} from '@odradek/protocol'
import { until } from '../../harness/until.ts'
import { eachVersion, type Scenario } from '../scenario.ts'
import { SECRET_KEY } from '../settings.ts'
import type { World } from '../world.ts'

const LOGINS = { kept: 1, bench: 'logins' } as const
const DAY_MS = 86_400_000n
const FOREVER_MS = 2n ** 63n - 1n
/** Whose owner others may be, and who tell of it. */
const OWNERS_VERSION = 3

interface Wish {
  readonly renewers?: readonly string[]
  readonly maxLifetimeMs?: bigint
  readonly owner?: string
}

function request({ renewers = [], maxLifetimeMs = -1n, owner }: Wish) {
  return {
    renewers: renewers.map((principalName) => ({ principalType: 'User', principalName })),
    maxLifetimeMs,
    ...(owner === undefined ? {} : { ownerPrincipalType: 'User', ownerPrincipalName: owner }),
  }
}

/** A token whose making does not count, but which is there for all who ask. */
async function tokenOf(world: World, user: string, wish: Wish = {}) {
  const made = await world.quietly(CreateDelegationToken, OWNERS_VERSION, request(wish), user)
  if (made.errorCode !== ErrorCode.NONE) throw new Error(`no token: error ${made.errorCode}`)
  await seen(world, user, (tokens) => tokens.some(({ tokenId }) => tokenId === made.tokenId))
  return made
}

type Tokens = Awaited<ReturnType<typeof describeQuietly>>

async function describeQuietly(world: World, user: string) {
  return (await world.quietly(DescribeDelegationToken, 3, { owners: null }, user)).tokens
}

/** Until what a change has made is seen: brokers of Kafka hear of it after its answer. */
async function seen(world: World, user: string, holds: (tokens: Tokens) => boolean): Promise<void> {
  await until('a change of tokens is seen', async () => holds(await describeQuietly(world, user)))
}

const making: readonly Scenario[] = [
  ...eachVersion(CreateDelegationToken, LOGINS, 'of lifetimes of every kind', async (world, version) => {
    const user = await world.user('alice')
    for (const maxLifetimeMs of [-1n, 0n, 1000n, 2n * DAY_MS, 8n * DAY_MS, FOREVER_MS]) {
      const wish = request({ maxLifetimeMs, renewers: [world.name('carol'), world.name('carol')] })
      const made = await world.ask(CreateDelegationToken, version, wish, user)
      if (made === null) continue
      const { issueTimestampMs: issued, expiryTimestampMs, maxTimestampMs, tokenId, hmac } = made
      const right = createHmac('sha512', SECRET_KEY).update(tokenId).digest()
      world.keep('what follows from it', {
        ...{ expiresAfter: Number(expiryTimestampMs - issued), endsAfter: Number(maxTimestampMs - issued) },
        isHmacOfId: right.equals(hmac),
      })
    }
  }),
  ...eachVersion(CreateDelegationToken, { ...LOGINS, first: OWNERS_VERSION }, 'of others', async (world, version) => {
    const user = await world.user('alice')
    const owner = (ownerPrincipalType: string | null, ownerPrincipalName: string | null) =>
      world.ask(
        CreateDelegationToken,
        version,
        { ownerPrincipalType, ownerPrincipalName, renewers: [], maxLifetimeMs: -1n },
        user,
      )
    await owner('User', world.name('bob'))
    await owner('User', user)
    await owner('User', '')
    await owner('', '')
    await owner(null, null)
    await owner('Group', world.name('g'))
    await owner('', world.name('g'))
    await owner(null, world.name('g'))
  }),
  ...eachVersion(CreateDelegationToken, LOGINS, 'with renewers that are no users', async (world, version) => {
    const user = await world.user('alice')
    for (const principalType of ['Group', '', 'user']) {
      const renewers = [{ principalType, principalName: 'r' }]
      await world.ask(CreateDelegationToken, version, { renewers, maxLifetimeMs: -1n }, user)
    }
    await world.ask(CreateDelegationToken, version, request({ renewers: [''] }), user)
  }),
]

/** RenewDelegationToken and ExpireDelegationToken ask the same, but for the name of the period. */
const ending: readonly Scenario[] = [
  ...eachVersion(RenewDelegationToken, LOGINS, 'by all kinds of users, for all kinds of periods', (world, version) =>
    changes(world, (hmac, renewPeriodMs, user) =>
      world.ask(RenewDelegationToken, version, { hmac, renewPeriodMs }, user),
    ),
  ),
  ...eachVersion(ExpireDelegationToken, LOGINS, 'by all kinds of users, for all kinds of periods', (world, version) =>
    changes(world, (hmac, expiryTimePeriodMs, user) =>
      world.ask(ExpireDelegationToken, version, { hmac, expiryTimePeriodMs }, user),
    ),
  ),
]

type Change = (
  hmac: Uint8Array,
  periodMs: bigint,
  user: string,
) => Promise<{ readonly expiryTimestampMs: bigint } | null>

async function changes(world: World, change: Change): Promise<void> {
  const alice = await world.user('alice')
  const [bob, carol] = [await world.user('bob'), await world.user('carol')]
  await change(Buffer.from('no such token'), -1n, alice)
  await change(Buffer.alloc(0), -1n, alice)
  const token = await tokenOf(world, alice, { renewers: [carol] })
  await change(token.hmac, 1000n, bob)
  for (const periodMs of [DAY_MS, 2n * DAY_MS, 8n * DAY_MS, FOREVER_MS, 3_600_000n]) {
    for (const user of [alice, carol]) {
      const answer = await change(token.hmac, periodMs, user)
      world.keep('whether it is the end of its life', answer?.expiryTimestampMs === token.maxTimestampMs)
    }
  }
  const forBob = await tokenOf(world, alice, { owner: bob })
  await change(forBob.hmac, 1000n, alice)
  const { expiryTimestampMs = 0n } = (await change(forBob.hmac, 1n, bob)) ?? {}
  const short = await tokenOf(world, alice, { maxLifetimeMs: 1n })
  await until('both have expired', () =>
    [expiryTimestampMs, short.maxTimestampMs].every((timestampMs) => Date.now() > Number(timestampMs)),
  )
  await change(short.hmac, 1000n, alice)
  await change(short.hmac, 1000n, bob)
  await change(short.hmac, -1n, bob)
  await change(short.hmac, -1n, alice)
  await change(forBob.hmac, -1n, bob)
}

const describing: readonly Scenario[] = [
  ...eachVersion(DescribeDelegationToken, LOGINS, 'of owners, requesters and renewers', async (world, version) => {
    const alice = await world.user('alice')
    const bob = await world.user('bob')
    await tokenOf(world, alice, { renewers: [world.name('carol'), world.name('dave')] })
    await tokenOf(world, alice, { owner: world.name('erin') })
    const last = await tokenOf(world, bob)
    const asked = (names: readonly string[], principalType = 'User') =>
      names.map((name) => ({ principalType, principalName: world.name(name) }))
    const owners = ['alice', 'bob', 'carol', 'dave', 'erin', 'nobody']
    for (const name of owners) await world.ask(DescribeDelegationToken, version, { owners: asked([name]) }, alice)
    await world.ask(DescribeDelegationToken, version, { owners: asked(['carol', 'bob', 'bob']) }, bob)
    await world.ask(DescribeDelegationToken, version, { owners: asked(['alice'], 'Group') }, alice)
    await world.ask(DescribeDelegationToken, version, { owners: [] }, alice)
    await world.ask(DescribeDelegationToken, version, { owners: null }, alice)
    await world.quietly(ExpireDelegationToken, 2, { hmac: last.hmac, expiryTimePeriodMs: -1n }, bob)
    await seen(world, bob, (tokens) => tokens.every(({ tokenId }) => tokenId !== last.tokenId))
    await world.ask(DescribeDelegationToken, version, { owners: asked(['bob']) }, alice)
  }),
]

const loggingIn: readonly Scenario[] = [
  ...eachVersion(SaslAuthenticate, { first: 2, bench: 'logins' }, 'of tokens', async (world) => {
    const alice = await world.user('alice')
    const [token, other] = [await tokenOf(world, alice), await tokenOf(world, alice)]
    const [name, password] = [token.tokenId, Buffer.from(token.hmac).toString('base64')]
    const wrong = Buffer.from(other.hmac).toString('base64')
    const bearer = { name, password, isToken: true }
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      await until('the token lets in', () => world.logIn({ ...bearer, mechanism }, mechanism))
      world.keep('whether it is in', await world.logIn({ ...bearer, mechanism }, mechanism))
      await world.ask(CreateDelegationToken, 2, request({}), mechanism)
      await world.ask(RenewDelegationToken, 2, { hmac: token.hmac, renewPeriodMs: -1n }, mechanism)
      await world.ask(ExpireDelegationToken, 2, { hmac: token.hmac, expiryTimePeriodMs: -1n }, mechanism)
      await world.ask(DescribeDelegationToken, 2, { owners: null }, mechanism)
      await world.ask(Metadata, 9, { topics: [] }, mechanism)
    }
    for (const login of [
      { ...bearer, isToken: false },
      { ...bearer, password: wrong },
      { ...bearer, name: other.tokenId },
      { ...bearer, name: 'nobody' },
      { name: alice, password: alice, isToken: true },
    ])
      world.keep('whether it is in', await world.logIn(login, 'wrong'))
    await world.quietly(ExpireDelegationToken, 2, { hmac: token.hmac, expiryTimePeriodMs: -1n }, alice)
    await seen(world, alice, (tokens) => tokens.every(({ tokenId }) => tokenId !== token.tokenId))
    world.keep('whether it is in', await world.logIn(bearer, 'late'))
    await world.ask(Metadata, 9, { topics: [] }, 'SCRAM-SHA-256')
  }),
  ...eachVersion(SaslAuthenticate, { first: 2, bench: 'logins' }, 'of a token that has expired', async (world) => {
    const alice = await world.user('alice')
    const token = await tokenOf(world, alice, { maxLifetimeMs: 1n })
    await until('it has expired', () => Date.now() > Number(token.maxTimestampMs))
    const bearer = { name: token.tokenId, password: Buffer.from(token.hmac).toString('base64'), isToken: true }
    world.keep('whether it is in', await world.logIn(bearer, 'late'))
    await world.ask(Metadata, 9, { topics: [] }, 'late')
  }),
]

/** Delegation tokens, and logins by them; who has which rights is in `../access`. */
export const tokens: readonly Scenario[] = [...making, ...ending, ...describing, ...loggingIn]
