import { ErrorCode } from '@odradek/protocol'
import { ALICE, BOB, DAY_MS, DelegationTokenFixture, loggedIn } from '../delegation-tokens/delegation-token-fixture.ts'

test.each([0, 1, 2])('v%i: by its owner or a renewer, nobody else', async (version) => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made({ renewers: ['carol'] })
  fixture.metadata.clock.advance(3_600_000)
  const expiryTimestampMs = fixture.nowMs + DAY_MS
  for (const options of [ALICE, loggedIn('User:carol')]) {
    expect(await fixture.renew(hmac, -1n, options, version)).toMatchObject({ errorCode: 0, expiryTimestampMs })
  }
  expect(await fixture.renew(hmac, -1n, BOB, version)).toMatchObject({
    errorCode: ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH,
    expiryTimestampMs: 0n,
  })
  expect((await fixture.describe()).tokens).toMatchObject([{ expiryTimestamp: expiryTimestampMs }])
})

test.each([
  ['0 is the setting', 0n, DAY_MS],
  ['less than it', 1000n, 1000n],
  ['more than it', 2n * DAY_MS, DAY_MS],
])('a period of %s', async (_, periodMs, leftMs) => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made()
  expect((await fixture.renew(hmac, periodMs)).expiryTimestampMs).toBe(fixture.nowMs + leftMs)
})

test('never past its longest life, and not when it has expired', async () => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac, maxTimestampMs } = await fixture.made({ maxLifetimeMs: DAY_MS + 1000n })
  fixture.metadata.clock.advance(Number(DAY_MS))
  expect((await fixture.renew(hmac)).expiryTimestampMs).toBe(maxTimestampMs)
  fixture.metadata.clock.advance(1000)
  expect((await fixture.renew(hmac)).errorCode).toBe(0)
  fixture.metadata.clock.advance(1)
  expect(await fixture.renew(hmac)).toMatchObject({ errorCode: ErrorCode.DELEGATION_TOKEN_EXPIRED })
  // That it has expired is told first.
  expect(await fixture.renew(hmac, -1n, BOB)).toMatchObject({ errorCode: ErrorCode.DELEGATION_TOKEN_EXPIRED })
})

test('who asked for it may not renew it, unless he is its owner or a renewer', async () => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made({ owner: 'bob' }, loggedIn('User:alice', ['CREATE_TOKENS', 'USER', 'User:bob']))
  expect((await fixture.renew(hmac)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
  expect((await fixture.renew(hmac, -1n, BOB)).errorCode).toBe(0)
})

test.each([Buffer.alloc(0), Buffer.alloc(64)])('a token that nobody has made', async (hmac) => {
  const fixture = await DelegationTokenFixture.start()
  await fixture.made()
  expect(await fixture.renew(hmac)).toMatchObject({ errorCode: ErrorCode.DELEGATION_TOKEN_NOT_FOUND })
})
