import { type CreateTokenCommand, decideCreateToken, decideRemoveExpiredTokens } from './delegation-token-decision.ts'
import { DELEGATION_TOKEN_NAMES_CHARS_MAX, EXPIRED_TOKENS_PER_COMMAND_MAX } from './delegation-token-limits.ts'
import { DelegationTokenTable } from './delegation-token-table.ts'
import { TokenSecret } from './token-secret.ts'

const TERMS = {
  maxLifetimeMs: 1000n,
  expiryTimeMs: 100n,
  tokensMax: 20,
  tokensPerRequesterMax: 5,
  nameBytesMax: 1_000_000,
}
const BY_ALICE = { owner: 'User:alice', requester: 'User:alice', renewers: [], maxLifetimeMs: -1n }

function tableOf(count: number, requester: (index: number) => string, expiryTimestampMs = 100n): DelegationTokenTable {
  const table = new DelegationTokenTable(null)
  const tokens = Array.from({ length: count }, (_, index) => ({
    ...{ id: `t${index}`, owner: 'User:o', requester: requester(index), renewers: [] },
    ...{ issueTimestampMs: 0n, expiryTimestampMs, maxTimestampMs: 1000n },
  }))
  table.take(new Map(tokens.map((token) => [token.id, token])))
  return table
}

function errorOf(command: CreateTokenCommand, table = tableOf(0, () => ''), nameBytesMax = TERMS.nameBytesMax): string {
  const secret = new TokenSecret('s')
  const tokens = {
    ...{ secret, size: table.size, nameBytes: table.nameBytes, requestedBy: (who: string) => table.requestedBy(who) },
    ...{ all: () => [], find: () => null, findByHmac: () => null },
  }
  return decideCreateToken(command, { ...TERMS, nameBytesMax, tokens, nowMs: 5n, randomId: () => 'new' }).result.error
}

test('odradek.max.delegation.tokens: as many as there may be, and none past them', () => {
  const requester = (index: number) => `User:${index}`
  expect(errorOf(BY_ALICE, tableOf(TERMS.tokensMax - 1, requester))).toBe('NONE')
  expect(errorOf(BY_ALICE, tableOf(TERMS.tokensMax, requester))).toBe('POLICY_VIOLATION')
})

test('odradek.max.delegation.tokens.per.requester: one leaves some for the others', () => {
  const table = tableOf(TERMS.tokensPerRequesterMax - 1, () => 'User:alice')
  expect(errorOf(BY_ALICE, table)).toBe('NONE')
  const full = tableOf(TERMS.tokensPerRequesterMax, () => 'User:alice')
  expect(errorOf(BY_ALICE, full)).toBe('POLICY_VIOLATION')
  expect(errorOf({ ...BY_ALICE, requester: 'User:bob' }, full)).toBe('NONE')
  full.take(new Map([['t0', null]]))
  expect(errorOf(BY_ALICE, full)).toBe('NONE')
})

test('odradek.max.delegation.token.bytes: the names of all tokens have a bound, so that an answer about all has one', () => {
  const table = tableOf(3, () => 'User:alice')
  const bytes = 3 * 'User:oUser:alice'.length
  expect(table.nameBytes).toBe(bytes)
  const added = 2 * BY_ALICE.owner.length
  expect(errorOf(BY_ALICE, table, bytes + added)).toBe('NONE')
  expect(errorOf(BY_ALICE, table, bytes + added - 1)).toBe('POLICY_VIOLATION')
  table.take(new Map([['t0', null]]))
  expect(errorOf(BY_ALICE, table, bytes + added - 'User:oUser:alice'.length)).toBe('NONE')
})

test('names have a limit in all', () => {
  const left = DELEGATION_TOKEN_NAMES_CHARS_MAX - 2 * BY_ALICE.owner.length
  expect(errorOf({ ...BY_ALICE, renewers: ['x'.repeat(left)] })).toBe('NONE')
  expect(errorOf({ ...BY_ALICE, renewers: ['x'.repeat(left), 'y'] })).toBe('POLICY_VIOLATION')
})

test('expired ones go, at most so many at a time; a token counts to the end of its last millisecond', () => {
  const table = tableOf(EXPIRED_TOKENS_PER_COMMAND_MAX + 1, () => 'User:alice', 100n)
  expect(decideRemoveExpiredTokens(table, 100n)).toHaveLength(0)
  expect(decideRemoveExpiredTokens(table, 101n)).toHaveLength(EXPIRED_TOKENS_PER_COMMAND_MAX)
  const renewedTooLong = tableOf(1, () => 'User:alice', 5000n)
  expect(decideRemoveExpiredTokens(renewedTooLong, 1000n)).toHaveLength(0)
  expect(decideRemoveExpiredTokens(renewedTooLong, 1001n)).toHaveLength(1)
})
