import { decodeClusterMetadataRecord } from '@odradek/protocol/records'
import { type ScramChange, ScramCredentialTable } from '../security/scram-credentials.ts'
import { SCRAM_USERS_MAX } from '../security/security-limits.ts'
import { decideAlterScram, type ScramUpsertion } from './alter-scram-decision.ts'

const salt = Buffer.from('salt')
const upsertion = (more: Partial<ScramUpsertion> = {}): ScramUpsertion => ({
  ...{ name: 'alice', mechanism: 1, iterations: 4096, salt, saltedPassword: Buffer.alloc(32, 1) },
  ...more,
})
const known = (...names: readonly string[]) => {
  const table = new ScramCredentialTable()
  const credential = { salt, storedKey: salt, serverKey: salt, iterations: 4096 }
  table.take(names.map((name): ScramChange => ({ name, mechanism: 'SCRAM-SHA-256', credential })))
  return table
}
const errors = (deletions: object[], upsertions: ScramUpsertion[], table = known('alice')) => {
  const full = deletions.map((rest) => ({ name: 'alice', mechanism: 1, ...rest }))
  const { records, result } = decideAlterScram({ deletions: full, upsertions }, table)
  return { errors: result.map(({ user, error }) => `${user} ${error}`), records: records.length }
}

test.each<[string, Partial<ScramUpsertion>, string]>([
  ['4095 iterations', { iterations: 4095 }, 'UNACCEPTABLE_CREDENTIAL'],
  ['4096 iterations', { iterations: 4096 }, 'NONE'],
  ['16384 iterations', { iterations: 16_384 }, 'NONE'],
  ['16385 iterations', { iterations: 16_385 }, 'UNACCEPTABLE_CREDENTIAL'],
  ['no salt', { salt: Buffer.alloc(0) }, 'NONE'],
  ['no password', { saltedPassword: Buffer.alloc(0) }, 'UNKNOWN_SERVER_ERROR'],
  ['a mechanism that nobody knows', { mechanism: 3 }, 'UNSUPPORTED_SASL_MECHANISM'],
])('%s: %s', (_, more, error) => {
  expect(errors([], [upsertion(more)])).toEqual({ errors: [`alice ${error}`], records: error === 'NONE' ? 1 : 0 })
})

test('an empty name, one that is not there, and one named twice', () => {
  expect(errors([{ name: '' }, { name: 'bob' }], []).errors).toEqual([
    ' UNACCEPTABLE_CREDENTIAL',
    'bob RESOURCE_NOT_FOUND',
  ])
  expect(errors([{}], [upsertion()])).toEqual({ errors: ['alice DUPLICATE_RESOURCE'], records: 0 })
  expect(errors([], [upsertion(), upsertion({ mechanism: 2 })]).errors).toEqual(['alice DUPLICATE_RESOURCE'])
})

test('a good row is recorded beside a bad one, with keys from which the password cannot be had', () => {
  const alteration = { deletions: [{ name: 'bob', mechanism: 1 }], upsertions: [upsertion()] }
  const { records } = decideAlterScram(alteration, known())
  const record = decodeClusterMetadataRecord(records[0] ?? salt)
  expect(records).toHaveLength(1)
  expect(record).toMatchObject({
    name: 'UserScramCredentialRecord',
    value: { name: 'alice', mechanism: 1, iterations: 4096 },
  })
})

test('there may be so many users and no more', () => {
  const table = known(...Array.from({ length: SCRAM_USERS_MAX - 1 }, (_, index) => `u${index}`))
  const two = [upsertion({ name: 'last' }), upsertion({ name: 'one-more' })]
  expect(errors([], two, table).errors).toEqual(['last NONE', 'one-more POLICY_VIOLATION'])
  expect(errors([], [upsertion({ name: 'u1' })], table).errors).toEqual(['u1 NONE'])
})
