import { ManualClock } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { type BrokerLayers, NO_CONFIGS } from '../../config/layers.ts'
import { resolveBrokerConfig } from '../../config/resolve-broker-config.ts'
import { ListenerKeys } from '../listener-keys.ts'
import { BearerExchange } from './bearer-exchange.ts'
import { openBearer } from './open-bearer.ts'

const A = '\u0001'
const KEYS = '/keys.json'
const clock = new ManualClock(1_700_000_000_000)
const nowSeconds = clock.wallMs() / 1000
const SETTINGS = {
  'sasl.oauthbearer.jwks.endpoint.url': `file://${KEYS}`,
  'sasl.oauthbearer.expected.issuer': 'us',
  'sasl.oauthbearer.expected.audience': 'odradek,other',
}
const CLAIMS: JWTPayload = { sub: 'alice', iss: 'us', aud: 'odradek', iat: nowSeconds - 10, exp: nowSeconds + 100 }

let fs: MemoryFs
let own: Awaited<ReturnType<typeof generateKeyPair>>

function write(text: string): void {
  const file = fs.openSync(KEYS, 'create')
  file.writeSync([Buffer.from(text)], 0)
  file.closeSync()
}

async function publish(): Promise<void> {
  own = await generateKeyPair('ES256')
  write(JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), kid: 'k' }] }))
}

beforeEach(async () => {
  fs = new MemoryFs()
  await publish()
})

function open(settings: Record<string, string>) {
  const { entries } = resolveBrokerConfig(new Map(Object.entries(settings)), 1e8)
  const layers: BrokerLayers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: entries }
  return openBearer(new ListenerKeys('SASL', () => layers), { fs, clock, secretFiles: { checkTrusted() {} } })
}

const sign = (claims: Record<string, unknown>) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(own.privateKey)

const message = (token: string, header = 'n,,') => Buffer.from(`${header}${A}auth=Bearer ${token}${A}${A}`)

test('a good token lets in whom it names, until it runs out', async () => {
  const exchange = new BearerExchange(open(SETTINGS))
  expect(await exchange.evaluate(message(await sign(CLAIMS)))).toEqual({
    kind: 'done',
    token: new Uint8Array(0),
    who: { name: 'alice', expiresMs: (nowSeconds + 100) * 1000, byToken: false },
  })
  expect(await exchange.evaluate(message(await sign(CLAIMS)))).toMatchObject({ kind: 'failed' })
})

test.each<[string, Record<string, unknown>]>([
  ['run out', { exp: nowSeconds - 31 }],
  ['not valid yet', { nbf: nowSeconds + 31 }],
  ['of another issuer', { iss: 'them' }],
  ['for others', { aud: 'payroll' }],
  ['without an end', { exp: undefined }],
  ['without a beginning', { iat: undefined }],
  ['of nobody', { sub: undefined }],
  ['of an empty name', { sub: ' ' }],
])('a token %s is refused, and the login fails when the client has taken note', async (_what, changes) => {
  const exchange = new BearerExchange(open(SETTINGS))
  const refused = { kind: 'challenge', token: Buffer.from('{"status":"invalid_token"}') }
  expect(await exchange.evaluate(message(await sign({ ...CLAIMS, ...changes })))).toEqual(refused)
  expect(await exchange.evaluate(Buffer.from(A))).toEqual({ kind: 'failed', message: '{"status":"invalid_token"}' })
})

test('a token for longer than numbers reach lets in for ever', async () => {
  for (const exp of [2 ** 60, 1e300]) {
    const step = await new BearerExchange(open(SETTINGS)).evaluate(message(await sign({ ...CLAIMS, exp })))
    expect(step).toMatchObject({ kind: 'done', who: { expiresMs: Number.MAX_SAFE_INTEGER } })
  }
})

test('clocks may be 30 s apart, no more', async () => {
  const verifier = open(SETTINGS)
  expect(await verifier.verify(await sign({ ...CLAIMS, exp: nowSeconds - 29 }))).not.toBeNull()
  expect(await verifier.verify(await sign({ ...CLAIMS, exp: nowSeconds - 30 }))).toBeNull()
})

test('signatures: of a foreign key, by the public key as a secret, or none at all', async () => {
  const verifier = open(SETTINGS)
  const { privateKey } = await generateKeyPair('ES256')
  const foreign = new SignJWT(CLAIMS).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey)
  expect(await verifier.verify(await foreign)).toBeNull()
  const secret = Buffer.from(JSON.stringify(await exportJWK(own.publicKey)))
  const symmetric = new SignJWT(CLAIMS).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(secret)
  expect(await verifier.verify(await symmetric)).toBeNull()
  expect(await verifier.verify(new UnsecuredJWT(CLAIMS).encode())).toBeNull()
  const [head, , signature] = (await sign(CLAIMS)).split('.')
  const forged = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'admin' })).toString('base64url')
  expect(await verifier.verify(`${head}.${forged}.${signature}`)).toBeNull()
})

test('nobody acts for another (CVE-2017-12610)', async () => {
  const verifier = open(SETTINGS)
  const token = await sign(CLAIMS)
  expect(await new BearerExchange(verifier).evaluate(message(token, 'n,a=alice,'))).toMatchObject({ kind: 'done' })
  expect(await new BearerExchange(verifier).evaluate(message(token, 'n,a=admin,'))).toMatchObject({ kind: 'failed' })
})

test('a scope that is asked for, as a text or a list, and a name of another claim', async () => {
  const settings = { 'odradek.oauthbearer.required.scope': 'kafka,write', 'sasl.oauthbearer.sub.claim.name': 'user' }
  const verifier = open({ ...SETTINGS, ...settings })
  const claims = { ...CLAIMS, user: 'bob' }
  expect(await verifier.verify(await sign({ ...claims, scope: 'write kafka x' }))).toMatchObject({ name: 'bob' })
  expect(await verifier.verify(await sign({ ...claims, scope: ['kafka', 'write'] }))).toMatchObject({ name: 'bob' })
  expect(await verifier.verify(await sign({ ...claims, scope: 'kafka writer' }))).toBeNull()
  expect(await verifier.verify(await sign(claims))).toBeNull()
})

test('keys that are replaced count from then on; a file that is gone for a moment keeps the old ones', async () => {
  const verifier = open(SETTINGS)
  const old = await sign(CLAIMS)
  expect(await verifier.verify(old)).not.toBeNull()
  fs.unlinkSync(KEYS)
  expect(await verifier.verify(old)).not.toBeNull()
  await publish()
  write(`${JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), kid: 'k' }] })}\n`)
  expect(await verifier.verify(await sign(CLAIMS))).not.toBeNull()
  expect(await verifier.verify(old)).toBeNull()
})

test('tokens that nobody signed let in where a setting says so, and must still be in time', async () => {
  const verifier = open({ 'odradek.oauthbearer.unsecured': 'true' })
  expect(await verifier.verify(new UnsecuredJWT(CLAIMS).encode())).toMatchObject({ name: 'alice' })
  expect(await verifier.verify(new UnsecuredJWT({ ...CLAIMS, exp: nowSeconds - 31 }).encode())).toBeNull()
})

test.each<[Record<string, string>, RegExp]>([
  [{ 'sasl.oauthbearer.expected.issuer': '' }, /expected\.issuer/],
  [{ 'sasl.oauthbearer.expected.audience': '' }, /expected\.audience/],
  [{ 'sasl.oauthbearer.jwks.endpoint.url': 'http://keys.example/' }, /jwks\.endpoint\.url: write a file: or https:/],
  [{ 'sasl.oauthbearer.jwks.endpoint.url': 'ftp://x/' }, /jwks\.endpoint\.url/],
  [{ 'sasl.oauthbearer.jwks.endpoint.url': 'file:///missing.json' }, /missing\.json is no set of keys/],
])('settings that would let in too many, or nobody, are refused: %p', (changes, problem) => {
  expect(() => open({ ...SETTINGS, ...changes })).toThrow(problem)
})
