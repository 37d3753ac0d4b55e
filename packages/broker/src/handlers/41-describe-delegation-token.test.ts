import { ManualClock } from '@odradek/core'
import { DescribeDelegationToken, ErrorCode } from '@odradek/protocol'
import { ALICE, BOB, DelegationTokenFixture, loggedIn } from '../delegation-tokens/delegation-token-fixture.ts'
import { DelegationTokenTable } from '../delegation-tokens/delegation-token-table.ts'
import { TokenSecret } from '../delegation-tokens/token-secret.ts'
import { harness } from '../harness.ts'
import { ROWS_PER_TURN } from '../in-turns.ts'
import { describeDelegationToken } from './41-describe-delegation-token.ts'

const mayForBob = loggedIn('User:alice', ['CREATE_TOKENS', 'USER', 'User:bob'])

test.each([0, 1, 2, 3])('v%i: with HMAC, times and renewers', async (version) => {
  const fixture = await DelegationTokenFixture.start()
  const made = await fixture.made({ owner: 'bob', renewers: ['carol', 'dave'] }, mayForBob)
  const { errorCode, tokens } = await fixture.describe(null, BOB, version)
  expect(errorCode).toBe(ErrorCode.NONE)
  expect(tokens).toMatchObject([
    {
      ...{ principalType: 'User', principalName: 'bob', tokenId: made.tokenId, hmac: made.hmac },
      issueTimestamp: made.issueTimestampMs,
      expiryTimestamp: made.expiryTimestampMs,
      maxTimestamp: made.maxTimestampMs,
      renewers: [
        { principalType: 'User', principalName: 'carol' },
        { principalType: 'User', principalName: 'dave' },
      ],
      ...(version === 3 ? { tokenRequesterPrincipalType: 'User', tokenRequesterPrincipalName: 'alice' } : {}),
    },
  ])
})

test('own ones, asked for, renewable, and by right: nobody sees others', async () => {
  const fixture = await DelegationTokenFixture.start()
  const own = await fixture.made()
  const forBob = await fixture.made({ owner: 'bob' }, mayForBob)
  const renewable = await fixture.made({ renewers: ['alice'] }, BOB)
  const { tokenId } = await fixture.made({}, loggedIn('User:carol'))
  const ids = (...tokens: readonly { readonly tokenId: string }[]) => tokens.map((token) => token.tokenId)
  expect(await fixture.described()).toEqual(ids(own, forBob, renewable))
  expect(await fixture.described(null, BOB)).toEqual(ids(forBob, renewable))
  expect(await fixture.described(null, loggedIn('User:x'))).toEqual([])
  for (const right of [
    ['DESCRIBE', 'DELEGATION_TOKEN', tokenId],
    ['DESCRIBE_TOKENS', 'USER', 'User:carol'],
  ] as const) {
    expect(await fixture.described(null, loggedIn('User:x', right))).toEqual([tokenId])
  }
})

test('owners: those alone, their tokens being also the ones that they may renew', async () => {
  const fixture = await DelegationTokenFixture.start()
  const own = await fixture.made()
  const renewable = await fixture.made({ renewers: ['bob'] })
  expect(await fixture.described(['alice'])).toEqual([own.tokenId, renewable.tokenId])
  expect(await fixture.described(['bob'])).toEqual([renewable.tokenId])
  expect(await fixture.described(['nobody', 'bob'])).toEqual([renewable.tokenId])
  expect(await fixture.described([])).toEqual([])
})

test('a restart changes nothing, and brings none back', async () => {
  const fixture = await DelegationTokenFixture.start()
  const { hmac } = await fixture.made()
  const before = await fixture.describe(null, ALICE)
  await fixture.metadata.restart(1)
  expect(await fixture.describe(null, ALICE)).toEqual(before)
  await fixture.expire(hmac)
  await fixture.metadata.restart(1)
  expect(await fixture.described()).toEqual([])
})

test('of very many others are served in between, and none is left out', async () => {
  const table = new DelegationTokenTable(new TokenSecret('s'))
  const tokens = Array.from({ length: 2 * ROWS_PER_TURN + 1 }, (_, index) => ({
    ...{ id: `t${index}`, owner: 'User:alice', requester: 'User:alice', renewers: [] },
    ...{ issueTimestampMs: 1n, expiryTimestampMs: 2n, maxTimestampMs: 3n },
  }))
  table.take(new Map(tokens.map((token) => [token.id, token])))
  const clock = new ManualClock()
  const services = { clock, delegationTokens: table }
  const answer = harness([describeDelegationToken], services, { ...ALICE }).send(DescribeDelegationToken, 3, {
    owners: null,
  })
  let turns = 0
  const counted = answer.finally(() => {
    turns = -turns
  })
  while (turns >= 0) {
    clock.tick()
    turns += 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await counted)?.tokens.map(({ tokenId }) => tokenId)).toEqual(tokens.map(({ id }) => id))
  expect(-turns).toBeGreaterThan(1)
})
