import { topicId } from '@odradek/core'
import {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  ClientQuotaRecord,
  EndTransactionRecord,
  encodeMetadataRecord,
  RemoveAccessControlEntryRecord,
} from '@odradek/protocol/records'
import { delegationTokenRecord, removeDelegationTokenRecord } from '../delegation-tokens/delegation-token-records.ts'
import { configRecord, removeTopicRecord, topicRecord } from '../metadata/metadata-records.ts'
import { ClusterState } from './cluster-state.ts'

const ID = topicId('mflNKcRKRqyREet14EPjMw')
const BEGIN = encodeMetadataRecord(BeginTransactionRecord, 0, {})
const END = encodeMetadataRecord(EndTransactionRecord, 0, {})
const ABORT = encodeMetadataRecord(AbortTransactionRecord, 0, {})

function stateAfter(...records: readonly Uint8Array[]): ClusterState {
  const state = new ClusterState()
  for (const record of records) state.replay(record)
  return state
}

test('records of a metadata transaction count once it has ended, those of an aborted or open one never', () => {
  const topic = topicRecord('t', ID)
  expect(stateAfter(BEGIN, topic, END).topics.size).toBe(1)
  expect(stateAfter(BEGIN, topic).topics.size).toBe(0)
  expect(stateAfter(BEGIN, topic, ABORT).topics.size).toBe(0)
  expect(stateAfter(BEGIN, ABORT, topic).topics.size).toBe(1)
})

test('configs go with their topic, and not with another resource of its name', () => {
  const state = stateAfter(
    topicRecord('1', ID),
    configRecord('TOPIC', '1', 'retention.ms', '5'),
    configRecord('BROKER', '1', 'max.connections', '6'),
    removeTopicRecord(ID),
  )
  expect([...state.configs.values()].map(({ name }) => name)).toEqual(['max.connections'])
})

test('an ACL that was removed, and a quota that was taken back, are gone', () => {
  const id = 'LBKEeRs_QLWOv1pc6p0j8A'
  const acl = encodeMetadataRecord(AccessControlEntryRecord, 0, {
    id,
    resourceType: 2,
    resourceName: 't',
    patternType: 3,
    principal: 'User:a',
    host: '*',
    operation: 3,
    permissionType: 3,
  })
  const quota = (remove: boolean, order: readonly string[]) =>
    encodeMetadataRecord(ClientQuotaRecord, 0, {
      entity: order.map((entityType) => ({ entityType, entityName: 'x' })),
      key: 'producer_byte_rate',
      value: 1,
      remove,
    })
  expect(stateAfter(acl, quota(false, ['user', 'client-id'])).others.size).toBe(2)
  const removed = encodeMetadataRecord(RemoveAccessControlEntryRecord, 0, { id })
  expect(
    stateAfter(acl, quota(false, ['user', 'client-id']), removed, quota(true, ['client-id', 'user'])).others.size,
  ).toBe(0)
})

test('a delegation token is as it was last renewed, and gone once it has ended', () => {
  const token = { id: 'a', owner: 'User:alice', requester: 'User:alice', renewers: [], issueTimestampMs: 1n }
  const made = delegationTokenRecord({ ...token, expiryTimestampMs: 2n, maxTimestampMs: 9n })
  const renewed = delegationTokenRecord({ ...token, expiryTimestampMs: 3n, maxTimestampMs: 9n })
  const { others } = stateAfter(made, renewed)
  expect([...others.values()].map(({ bytes }) => Buffer.from(bytes))).toEqual([Buffer.from(renewed)])
  expect(stateAfter(made, renewed, removeDelegationTokenRecord('a')).others.size).toBe(0)
})

test('a record type that nobody here knows is counted', () => {
  expect(stateAfter(Uint8Array.of(1, 99, 0), Uint8Array.of(1, 99, 0)).unknown).toEqual(new Map([[99, 2]]))
})
