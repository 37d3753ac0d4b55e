/**
 * A delegation token (KIP-48, KIP-373). Principals are in Kafka's form of text, `User:alice`; times are wall time in 64 bits,
 * since clients and settings may name any.
 */
export interface DelegationToken {
  readonly id: string
  /** Whom it lets in as. */
  readonly owner: string
  /** Who asked for it: the owner, or one who may ask for tokens of his. */
  readonly requester: string
  readonly renewers: readonly string[]
  readonly issueTimestampMs: bigint
  /** Unless it is renewed before. */
  readonly expiryTimestampMs: bigint
  /** Past it, it cannot be renewed. */
  readonly maxTimestampMs: bigint
}

/** The only type of principals that log in. */
export const USER = 'User:'

export function isExpired({ expiryTimestampMs, maxTimestampMs }: DelegationToken, nowMs: bigint): boolean {
  return maxTimestampMs < nowMs || expiryTimestampMs < nowMs
}

/** Also who may end it. As in Kafka, who asked for a token of another's may not. */
export function mayRenew({ owner, renewers }: DelegationToken, principal: string): boolean {
  return owner === principal || renewers.includes(principal)
}

/** Whether one of these is its owner, its requester or a renewer. */
export function concerns({ owner, requester, renewers }: DelegationToken, principals: ReadonlySet<string>): boolean {
  return principals.has(owner) || principals.has(requester) || renewers.some((renewer) => principals.has(renewer))
}

/** Versions of the APIs from this on tell who asked for a token (KIP-373). */
const REQUESTER_VERSION_MIN = 3

export function requesterParts(principal: string, version: number) {
  const isTold = version >= REQUESTER_VERSION_MIN
  const { principalType, principalName } = principalParts(isTold ? principal : ':')
  return { tokenRequesterPrincipalType: principalType, tokenRequesterPrincipalName: principalName }
}

/** `User:a:b` is of type `User` and named `a:b`. */
export function principalParts(principal: string): {
  readonly principalType: string
  readonly principalName: string
} {
  const colon = principal.indexOf(':')
  return { principalType: principal.slice(0, colon), principalName: principal.slice(colon + 1) }
}
