import { createHmac } from 'node:crypto'
import { CreateDelegationToken, ErrorCode } from '@odradek/protocol'
import {
  ALICE,
  DAY_MS,
  DelegationTokenFixture,
  loggedIn,
  SECRET,
} from '../delegation-tokens/delegation-token-fixture.ts'

const WEEK_MS = 7n * DAY_MS
const NOT_ALLOWED = ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED

test.each([0, 1, 2, 3])('v%i: a token of one who has logged in', async (version) => {
  const fixture = await DelegationTokenFixture.start()
  const answer = await fixture.create({ renewers: ['carol'] }, ALICE, version)
  const { nowMs } = fixture
  expect(answer).toMatchObject({
    ...{ errorCode: ErrorCode.NONE, principalType: 'User', principalName: 'alice' },
    ...{ issueTimestampMs: nowMs, expiryTimestampMs: nowMs + DAY_MS, maxTimestampMs: nowMs + WEEK_MS },
    ...(version === 3 ? { tokenRequesterPrincipalType: 'User', tokenRequesterPrincipalName: 'alice' } : {}),
  })
  const hmac = createHmac('sha512', SECRET['delegation.token.secret.key']).update(answer.tokenId).digest()
  expect(Buffer.from(answer.hmac)).toEqual(hmac)
})

test.each([
  ['0 and below: the longest', 0n, WEEK_MS, DAY_MS],
  ['more than the longest', 8n * DAY_MS, WEEK_MS, DAY_MS],
  ['less than the first expiry', 1000n, 1000n, 1000n],
  ['for ever', 2n ** 63n - 1n, WEEK_MS, DAY_MS],
])('a lifetime of %s', async (_, maxLifetimeMs, lifetimeMs, expiryMs) => {
  const fixture = await DelegationTokenFixture.start()
  const { issueTimestampMs, maxTimestampMs, expiryTimestampMs } = await fixture.made({ maxLifetimeMs })
  expect([maxTimestampMs - issueTimestampMs, expiryTimestampMs - issueTimestampMs]).toEqual([lifetimeMs, expiryMs])
})

test('what the settings allow may be for ever', async () => {
  const max = String(2n ** 63n - 1n)
  const entries = { ...SECRET, 'delegation.token.max.lifetime.ms': max, 'delegation.token.expiry.time.ms': max }
  const { maxTimestampMs, expiryTimestampMs } = await (await DelegationTokenFixture.start(entries)).made()
  expect([maxTimestampMs, expiryTimestampMs]).toEqual([2n ** 63n - 1n, 2n ** 63n - 1n])
})

test('for another by who may create tokens of his, and for oneself by an empty name', async () => {
  const fixture = await DelegationTokenFixture.start()
  const mayForBob = loggedIn('User:alice', ['CREATE_TOKENS', 'USER', 'User:bob'])
  expect(await fixture.made({ owner: 'bob' }, mayForBob)).toMatchObject({
    principalName: 'bob',
    tokenRequesterPrincipalName: 'alice',
  })
  expect(await fixture.made({ owner: '' })).toMatchObject({ principalName: 'alice' })
  expect(await fixture.create({ owner: 'bob' })).toMatchObject({
    errorCode: ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
    ...{ principalName: 'bob', tokenRequesterPrincipalName: 'alice', issueTimestampMs: -1n, tokenId: '' },
  })
})

test.each([
  ['in clear text without a login', { principal: 'User:ANONYMOUS', securityProtocol: 'PLAINTEXT' }],
  ['over TLS without a certificate', { principal: 'User:ANONYMOUS', securityProtocol: 'SSL' }],
] as const)('%s there are none, whatever is asked', async (_, options) => {
  const fixture = await DelegationTokenFixture.start({})
  expect(await fixture.create({}, options)).toMatchObject({
    ...{ errorCode: NOT_ALLOWED, principalName: 'ANONYMOUS', tokenRequesterPrincipalName: 'ANONYMOUS' },
    ...{ issueTimestampMs: -1n, expiryTimestampMs: -1n, maxTimestampMs: -1n },
  })
  expect(await fixture.renew(Buffer.alloc(0), -1n, options)).toMatchObject({
    errorCode: NOT_ALLOWED,
    expiryTimestampMs: -1n,
  })
  expect(await fixture.expire(Buffer.alloc(0), -1n, options)).toMatchObject({
    errorCode: NOT_ALLOWED,
    expiryTimestampMs: -1n,
  })
  expect(await fixture.describe(null, options)).toMatchObject({ errorCode: NOT_ALLOWED, tokens: [] })
})

test('a certificate is as good as a login', async () => {
  const fixture = await DelegationTokenFixture.start()
  const answer = await fixture.made({}, { principal: 'User:CN=a:b', securityProtocol: 'SSL' })
  expect(answer).toMatchObject({ principalType: 'User', principalName: 'CN=a:b' })
})

test('types of principals: renewers are users, and so are owners', async () => {
  const { metadata } = await DelegationTokenFixture.start()
  const ask = (ownerPrincipalType: string | null, renewerType: string) => {
    const renewers = [{ principalType: renewerType, principalName: 'r' }]
    const owner = { ownerPrincipalType, ownerPrincipalName: 'o' }
    const options = loggedIn('User:alice', ['CREATE_TOKENS', 'USER', `${ownerPrincipalType}:o`])
    return metadata.send(CreateDelegationToken, 3, { ...owner, renewers, maxLifetimeMs: 1n }, options)
  }
  expect(await ask('User', 'Group')).toMatchObject({ errorCode: ErrorCode.INVALID_PRINCIPAL_TYPE })
  expect(await ask('Group', 'User')).toMatchObject({ errorCode: ErrorCode.INVALID_PRINCIPAL_TYPE })
  // A name without a type.
  expect(await ask(null, 'User')).toMatchObject({
    errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
    principalName: 'ANONYMOUS',
  })
})

test.each([{}, { 'delegation.token.secret.key': '' }])('%j: tokens are not enabled', async (entries) => {
  const fixture = await DelegationTokenFixture.start(entries)
  const errorCode = ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED
  expect(await fixture.create()).toMatchObject({ errorCode, issueTimestampMs: 0n, principalName: 'alice' })
  expect(await fixture.renew(Buffer.alloc(1))).toMatchObject({ errorCode, expiryTimestampMs: 0n })
  expect(await fixture.expire(Buffer.alloc(1))).toMatchObject({ errorCode, expiryTimestampMs: 0n })
  expect(await fixture.describe()).toMatchObject({ errorCode, tokens: [] })
})
