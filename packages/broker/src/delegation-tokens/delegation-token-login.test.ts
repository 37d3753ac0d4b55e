import { ManualClock } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import {
  type Api,
  CreateDelegationToken,
  DescribeConfigs,
  DescribeDelegationToken,
  ErrorCode,
  ExpireDelegationToken,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { requestFrame } from '../harness.ts'
import type { RawSocketClient } from '../raw-socket-client.ts'
import { ScramClient } from '../security/sasl/scram-client-fixture.ts'
import type { ScramMechanism } from '../security/sasl/scram-keys.ts'
import { driven, plainClient, type SecureBroker, startSecure, stopSecure } from '../security/secure-broker-fixture.ts'

const CANARY = 'canary-Pz51-secret'
const SASL = {
  listeners: 'SASL_PLAINTEXT://localhost:0',
  'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
  'odradek.scram.users': 'alice:alice-pw,bob:bob-pw',
  'connection.failed.authentication.delay.ms': '0',
  'delegation.token.secret.key': CANARY,
}
const TOKEN = { extensions: ',tokenauth=true' }

afterEach(stopSecure)

async function ask<Request, Response, RequestInput, ResponseInput>(
  client: RawSocketClient,
  api: Api<Request, Response, RequestInput, ResponseInput>,
  version: number,
  request: RequestInput,
): Promise<Response> {
  client.send(requestFrame(api, version, request))
  // From 2 on the header of the answer has a byte for tagged fields.
  const isFlexible = version >= (api.flexibleFrom ?? Number.POSITIVE_INFINITY)
  return api.response.read(new Reader(await client.takeOne(), isFlexible ? 5 : 4), version)
}

async function login(
  broker: SecureBroker,
  name: string,
  password: string,
  more: object = {},
  mechanism: ScramMechanism = 'SCRAM-SHA-256',
) {
  const client = await plainClient(broker.ports['SASL_PLAINTEXT'] ?? 0)
  await ask(client, SaslHandshake, 1, { mechanism })
  const scram = new ScramClient(mechanism, name, password, more)
  const send = (text: string) => ask(client, SaslAuthenticate, 1, { authBytes: Buffer.from(text) })
  const first = await send(scram.first)
  const answer = await send(scram.final(Buffer.from(first.authBytes).toString()).message)
  return { client, answer }
}

const create = (client: RawSocketClient) => ask(client, CreateDelegationToken, 1, { renewers: [], maxLifetimeMs: -1n })

async function tokenOf(broker: SecureBroker, name: string) {
  const { client } = await login(broker, name, `${name}-pw`)
  const { tokenId, hmac } = await create(client)
  return { client, tokenId, hmac, password: Buffer.from(hmac).toString('base64') }
}

test.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('by %s its bearer is its owner', async (mechanism) => {
  const broker = await startSecure(SASL)
  const { tokenId, password } = await tokenOf(broker, 'alice')
  const { client, answer } = await login(broker, tokenId, password, TOKEN, mechanism)
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: '' })
  expect(Number(answer.sessionLifetimeMs)).toBeGreaterThan(86_000_000)
  expect((await ask(client, Metadata, 1, { topics: [] })).topics).toEqual([])
  // Nor are there tokens for who has come by one, whatever he may otherwise.
  expect((await create(client)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
  expect((await ask(client, DescribeDelegationToken, 1, { owners: null })).errorCode).toBe(
    ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
  )
})

test('the extension counts however it is spelled, as in Java', async () => {
  const broker = await startSecure(SASL)
  const { tokenId, password } = await tokenOf(broker, 'alice')
  for (const [value, errorCode] of [
    ['TRUE', ErrorCode.NONE],
    ['True', ErrorCode.NONE],
    ['yes', ErrorCode.SASL_AUTHENTICATION_FAILED],
    ['1', ErrorCode.SASL_AUTHENTICATION_FAILED],
  ] as const) {
    const { answer } = await login(broker, tokenId, password, { extensions: `,tokenauth=${value}` })
    expect([value, answer.errorCode]).toEqual([value, errorCode])
  }
})

test('only with the extension, and with its own HMAC', async () => {
  const broker = await startSecure(SASL)
  const [own, other] = [await tokenOf(broker, 'alice'), await tokenOf(broker, 'bob')]
  for (const [name, password, more] of [
    [own.tokenId, own.password, {}],
    [own.tokenId, other.password, TOKEN],
    [own.tokenId, '', TOKEN],
    ['no-such-token', own.password, TOKEN],
    ['alice', 'alice-pw', TOKEN],
    [own.tokenId, own.password, { extensions: ',tokenauth=false' }],
  ] as const) {
    expect((await login(broker, name, password, more)).answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
  }
})

/** A test with a clock of its own, which stands still unless it is moved. */
function withClock(script: (clock: ManualClock) => Promise<void>): () => Promise<void> {
  return () => {
    const clock = new ManualClock()
    return driven(clock, script(clock).finally(stopSecure), 0)
  }
}

test(
  'once it has ended nobody comes in by it, and who is in is out when it would have expired',
  withClock(async (clock) => {
    const broker = await startSecure(SASL, { clock })
    const { client, tokenId, password, hmac } = await tokenOf(broker, 'alice')
    const { client: bearer } = await login(broker, tokenId, password, TOKEN)
    await ask(client, ExpireDelegationToken, 1, { hmac, expiryTimePeriodMs: 5000n })
    clock.advance(5001)
    const { answer } = await login(broker, tokenId, password, TOKEN)
    expect(answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
    expect((await ask(bearer, Metadata, 1, { topics: [] })).topics).toEqual([])
    clock.advance(86_400_000 - 5001)
    bearer.send(requestFrame(Metadata, 1, { topics: [] }))
    expect(await bearer.take(1)).toEqual([])
  }),
)

test('tokens are there after a restart, with the same secret', async () => {
  const fs = new MemoryFs()
  const settings = { ...SASL, 'odradek.ephemeral': 'false', 'log.dirs': 'data' }
  const first = await startSecure(settings, { fs })
  const { tokenId, password } = await tokenOf(first, 'alice')
  await stopSecure()
  const other = await startSecure({ ...settings, 'delegation.token.secret.key': 'another' }, { fs })
  expect((await login(other, tokenId, password, TOKEN)).answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
  await stopSecure()
  const without = await startSecure({ ...settings, 'delegation.token.secret.key': '' }, { fs })
  expect((await login(without, tokenId, password, TOKEN)).answer.errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
  await stopSecure()
  const second = await startSecure(settings, { fs })
  expect((await login(second, tokenId, password, TOKEN)).answer.errorCode).toBe(ErrorCode.NONE)
})

test(
  'the expired are taken out of the metadata in time',
  withClock(async (clock) => {
    const settings = { ...SASL, 'delegation.token.expiry.check.interval.ms': '1000' }
    const broker = await startSecure({ ...settings, 'delegation.token.max.lifetime.ms': '1500' }, { clock })
    const { client } = await tokenOf(broker, 'alice')
    const described = async () => (await ask(client, DescribeDelegationToken, 1, { owners: null })).tokens.length
    clock.advance(1000)
    expect(await described()).toBe(1)
    clock.advance(1000)
    while ((await described()) > 0);
  }),
)

test('the secret and the HMACs are nowhere to be read', async () => {
  const broker = await startSecure(SASL)
  const { client, tokenId, password } = await tokenOf(broker, 'alice')
  await login(broker, tokenId, `${password}x`, TOKEN)
  const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }]
  const { results } = await ask(client, DescribeConfigs, 1, { resources, includeSynonyms: true })
  const configs = results.flatMap((result) => result.configs)
  expect(configs.find(({ name }) => name === 'delegation.token.secret.key')).toMatchObject({
    value: null,
    isSensitive: true,
  })
  const said = JSON.stringify(configs) + broker.log.join('\n')
  expect(said).toContain('delegation.token.secret.key')
  expect(said).not.toContain(CANARY)
  expect(said).not.toContain(password.slice(0, 20))
})
