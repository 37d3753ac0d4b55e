import type { Outcome } from '../metadata/controller.ts'
import { type Decision, DONE, failed } from '../metadata/decision.ts'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import { type DelegationToken, isExpired, mayRenew, USER } from './delegation-token.ts'
import { DELEGATION_TOKEN_NAMES_CHARS_MAX, EXPIRED_TOKENS_PER_COMMAND_MAX } from './delegation-token-limits.ts'
import { delegationTokenRecord, removeDelegationTokenRecord } from './delegation-token-records.ts'
import { type DelegationTokens, nameBytesOf } from './delegation-token-table.ts'

export interface CreateTokenCommand {
  readonly owner: string
  readonly requester: string
  readonly renewers: readonly string[]
  /** Not above 0: as long as the setting allows. */
  readonly maxLifetimeMs: bigint
}

export interface CreatedToken extends Outcome {
  /** Null where there is an error. */
  readonly made: { readonly token: DelegationToken; readonly hmac: Uint8Array } | null
}

/** To renew a token, or to end it. */
export interface TokenExpiryCommand {
  readonly hmac: Uint8Array
  readonly principal: string
  readonly periodMs: bigint
}

export interface TokenExpiry extends Outcome {
  /** 0 where there is an error. */
  readonly expiryTimestampMs: bigint
}

/** What settings say: `delegation.token.max.lifetime.ms`, `delegation.token.expiry.time.ms` and how many there may be. */
export interface TokenTerms {
  readonly maxLifetimeMs: bigint
  readonly expiryTimeMs: bigint
  readonly tokensMax: number
  readonly tokensPerRequesterMax: number
  /** Of the names in all tokens. */
  readonly nameBytesMax: number
}

/** What the decisions rest on. */
export interface TokenContext extends TokenTerms {
  readonly tokens: DelegationTokens
  readonly nowMs: bigint
}

const DISABLED = failed('DELEGATION_TOKEN_AUTH_DISABLED', null)
const NOT_FOUND = failed('DELEGATION_TOKEN_NOT_FOUND', null)
const EXPIRED = failed('DELEGATION_TOKEN_EXPIRED', null)
const NOT_THEIRS = failed('DELEGATION_TOKEN_OWNER_MISMATCH', null)

const INT64_MAX = 2n ** 63n - 1n

export function decideCreateToken(
  command: CreateTokenCommand,
  context: TokenContext & { randomId(): string },
): Decision<CreatedToken> {
  const { tokens, nowMs, maxLifetimeMs, expiryTimeMs } = context
  const { owner, requester, renewers } = command
  if (tokens.secret === null) return refused(notCreated(DISABLED))
  // Kafka would let the bearer in as the user of that name, whatever type the owner is of.
  if (!owner.startsWith(USER)) return refused(notCreated(failed('INVALID_PRINCIPAL_TYPE', null)))
  const problem = limitProblem(command, context)
  if (problem !== null) return refused(notCreated(problem))
  const lifetimeMs = command.maxLifetimeMs > 0n ? least(maxLifetimeMs, command.maxLifetimeMs) : maxLifetimeMs
  const maxTimestampMs = sum(nowMs, lifetimeMs)
  const token: DelegationToken = {
    ...{ id: context.randomId(), owner, requester, renewers, maxTimestampMs },
    issueTimestampMs: nowMs,
    expiryTimestampMs: least(maxTimestampMs, sum(nowMs, expiryTimeMs)),
  }
  const made = { token, hmac: tokens.secret.hmacOf(token.id) }
  return { records: [delegationTokenRecord(token)], result: { ...DONE, made } }
}

function limitProblem(
  { owner, requester, renewers }: CreateTokenCommand,
  { tokens, tokensMax, tokensPerRequesterMax, nameBytesMax }: TokenContext,
): Outcome | null {
  const chars = [owner, requester, ...renewers].reduce((total, name) => total + name.length, 0)
  if (chars > DELEGATION_TOKEN_NAMES_CHARS_MAX)
    return failed('POLICY_VIOLATION', `The names of a token may have ${DELEGATION_TOKEN_NAMES_CHARS_MAX} characters`)
  if (tokens.nameBytes + nameBytesOf({ owner, requester, renewers }) > nameBytesMax)
    return failed('POLICY_VIOLATION', `The names of all tokens have ${nameBytesMax} bytes already`)
  if (tokens.size >= tokensMax) return failed('POLICY_VIOLATION', `There are ${tokensMax} tokens already`)
  if (tokens.requestedBy(requester) >= tokensPerRequesterMax)
    return failed('POLICY_VIOLATION', `${requester} has ${tokensPerRequesterMax} tokens already`)
  return null
}

/** A period that is not above 0 is the setting's; never past the token's longest life. */
export function decideRenewToken(command: TokenExpiryCommand, context: TokenContext): Decision<TokenExpiry> {
  const { tokens, nowMs, expiryTimeMs } = context
  if (tokens.secret === null) return refused(unchanged(DISABLED))
  const token = tokens.findByHmac(command.hmac)
  if (token === null) return refused(unchanged(NOT_FOUND))
  if (isExpired(token, nowMs)) return refused(unchanged(EXPIRED))
  if (!mayRenew(token, command.principal)) return refused(unchanged(NOT_THEIRS))
  const periodMs = command.periodMs > 0n ? least(expiryTimeMs, command.periodMs) : expiryTimeMs
  return expiringAt(token, sum(nowMs, periodMs))
}

/** A negative period ends the token at once, also one that has expired. */
export function decideExpireToken(command: TokenExpiryCommand, context: TokenContext): Decision<TokenExpiry> {
  const { tokens, nowMs } = context
  if (tokens.secret === null) return refused(unchanged(DISABLED))
  const token = tokens.findByHmac(command.hmac)
  if (token === null) return refused(unchanged(NOT_FOUND))
  if (!mayRenew(token, command.principal)) return refused(unchanged(NOT_THEIRS))
  if (command.periodMs < 0n) {
    return { records: [removeDelegationTokenRecord(token.id)], result: { ...DONE, expiryTimestampMs: nowMs } }
  }
  if (isExpired(token, nowMs)) return refused(unchanged(EXPIRED))
  return expiringAt(token, sum(nowMs, command.periodMs))
}

/** As many as one command may take away. */
export function decideRemoveExpiredTokens(tokens: DelegationTokens, nowMs: bigint): readonly MetadataRecord[] {
  const records: MetadataRecord[] = []
  for (const token of tokens.all()) {
    if (!isExpired(token, nowMs)) continue
    records.push(removeDelegationTokenRecord(token.id))
    if (records.length === EXPIRED_TOKENS_PER_COMMAND_MAX) break
  }
  return records
}

/** Of a command that has changed nothing. */
export function notCreated(outcome: Outcome): CreatedToken {
  return { ...outcome, made: null }
}

export function unchanged(outcome: Outcome): TokenExpiry {
  return { ...outcome, expiryTimestampMs: 0n }
}

function refused<Result>(result: Result): Decision<Result> {
  return { records: [], result }
}

function expiringAt(token: DelegationToken, timestampMs: bigint): Decision<TokenExpiry> {
  const expiryTimestampMs = least(token.maxTimestampMs, timestampMs)
  const records = [delegationTokenRecord({ ...token, expiryTimestampMs })]
  return { records, result: { ...DONE, expiryTimestampMs } }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** "For ever" and a day is still for ever. */
function sum(a: bigint, b: bigint): bigint {
  return least(INT64_MAX, a + b)
}
