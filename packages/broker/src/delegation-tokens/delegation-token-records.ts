import { DelegationTokenRecord, encodeMetadataRecord, RemoveDelegationTokenRecord } from '@odradek/protocol/records'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import type { DelegationToken } from './delegation-token.ts'

/** Without its HMAC: that follows from its id and the secret key, which is in no log. */
export function delegationTokenRecord(token: DelegationToken): MetadataRecord {
  return encodeMetadataRecord(DelegationTokenRecord, 0, {
    owner: token.owner,
    requester: token.requester,
    renewers: token.renewers,
    issueTimestamp: token.issueTimestampMs,
    maxTimestamp: token.maxTimestampMs,
    expirationTimestamp: token.expiryTimestampMs,
    tokenId: token.id,
  })
}

export function removeDelegationTokenRecord(tokenId: string): MetadataRecord {
  return encodeMetadataRecord(RemoveDelegationTokenRecord, 0, { tokenId })
}

export function delegationTokenOf(record: DelegationTokenRecord): DelegationToken {
  return {
    id: record.tokenId,
    owner: record.owner,
    requester: record.requester,
    renewers: record.renewers,
    issueTimestampMs: record.issueTimestamp,
    expiryTimestampMs: record.expirationTimestamp,
    maxTimestampMs: record.maxTimestamp,
  }
}
