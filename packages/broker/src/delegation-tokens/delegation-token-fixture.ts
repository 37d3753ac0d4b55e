import {
  CreateDelegationToken,
  DescribeDelegationToken,
  ErrorCode,
  ExpireDelegationToken,
  RenewDelegationToken,
} from '@odradek/protocol'
import type { AclOperation, ResourceType } from '../authorizer.ts'
import { MetadataFixture, type SendOptions } from '../metadata/metadata-fixture.ts'

export const DAY_MS = 86_400_000n
export const SECRET = { 'delegation.token.secret.key': 'no-one-knows' }
/** As if a client had logged in. */
export const ALICE: SendOptions = loggedIn('User:alice')
export const BOB: SendOptions = loggedIn('User:bob')

export function loggedIn(principal: string, ...rights: readonly Right[]): SendOptions {
  const authorize = (_who: string, _host: string, operation: AclOperation, type: ResourceType, name: string) =>
    rights.some((right) => right[0] === operation && right[1] === type && right[2] === name)
  return { principal, securityProtocol: 'SASL_PLAINTEXT', authorizer: { authorize } }
}

type Right = readonly [operation: AclOperation, type: ResourceType, name: string]

interface Creation {
  readonly owner?: string
  readonly renewers?: readonly string[]
  readonly maxLifetimeMs?: bigint
}

/** The token APIs over a real metadata log, with a clock that only the test moves. */
export class DelegationTokenFixture {
  readonly metadata: MetadataFixture

  private constructor(metadata: MetadataFixture) {
    this.metadata = metadata
  }

  static async start(entries: Readonly<Record<string, string>> = SECRET): Promise<DelegationTokenFixture> {
    return new DelegationTokenFixture(await MetadataFixture.start({ entries }))
  }

  get nowMs(): bigint {
    return BigInt(Math.trunc(this.metadata.clock.wallMs()))
  }

  create({ owner, renewers = [], maxLifetimeMs = -1n }: Creation = {}, options = ALICE, version = 3) {
    const request = {
      ownerPrincipalType: owner === undefined ? '' : 'User',
      ownerPrincipalName: owner ?? '',
      renewers: renewers.map((principalName) => ({ principalType: 'User', principalName })),
      maxLifetimeMs,
    }
    return this.metadata.send(CreateDelegationToken, version, request, options)
  }

  /** One that must be made. */
  async made(creation: Creation = {}, options = ALICE) {
    const token = await this.create(creation, options)
    if (token.errorCode !== ErrorCode.NONE) throw new Error(`error ${token.errorCode}`)
    return token
  }

  renew(hmac: Uint8Array, renewPeriodMs = -1n, options = ALICE, version = 2) {
    return this.metadata.send(RenewDelegationToken, version, { hmac, renewPeriodMs }, options)
  }

  expire(hmac: Uint8Array, expiryTimePeriodMs = -1n, options = ALICE, version = 2) {
    return this.metadata.send(ExpireDelegationToken, version, { hmac, expiryTimePeriodMs }, options)
  }

  describe(owners: readonly string[] | null = null, options = ALICE, version = 3) {
    const asked = owners?.map((principalName) => ({ principalType: 'User', principalName })) ?? null
    return this.metadata.send(DescribeDelegationToken, version, { owners: asked }, options)
  }

  /** Ids of the tokens that are told of. */
  async described(owners: readonly string[] | null = null, options = ALICE): Promise<readonly string[]> {
    return (await this.describe(owners, options)).tokens.map(({ tokenId }) => tokenId)
  }
}
