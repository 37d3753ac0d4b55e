import { ErrorCode } from '@odradek/protocol'
import { BOB, DAY_MS, DelegationTokenFixture, loggedIn } from '../delegation-tokens/delegation-token-fixture.ts'

test.each([0, 1, 2])('v%i: a negative period ends it at once, by a renewer too', async (version) => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made({ renewers: ['carol'] })
  const { errorCode, expiryTimestampMs } = await fixture.expire(hmac, -1n, loggedIn('User:carol'), version)
  expect([errorCode, expiryTimestampMs]).toEqual([ErrorCode.NONE, fixture.nowMs])
  expect(await fixture.described()).toEqual([])
  expect((await fixture.expire(hmac, -1n)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
})

test.each([
  ['from now on', 1000n, 1000n],
  ['none', 0n, 0n],
  ['longer than it may live', 30n * DAY_MS, 7n * DAY_MS],
  ['for ever', 2n ** 63n - 1n, 7n * DAY_MS],
])('a period: %s', async (_, periodMs, leftMs) => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made()
  expect((await fixture.expire(hmac, periodMs)).expiryTimestampMs).toBe(fixture.nowMs + leftMs)
})

test('one that has expired can still be taken away, but gets no other time', async () => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made()
  fixture.metadata.clock.advance(Number(DAY_MS) + 1)
  expect((await fixture.expire(hmac, 5n)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_EXPIRED)
  // Unlike renewals, that it is another's is told first.
  expect((await fixture.expire(hmac, 5n, BOB)).errorCode).toBe(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
  expect((await fixture.expire(hmac, -1n)).errorCode).toBe(ErrorCode.NONE)
  expect(await fixture.described()).toEqual([])
})
