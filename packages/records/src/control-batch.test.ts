import { leaderEpoch, offset, producerId, timestamp } from '@odradek/core'
import { patchBatch } from './batch-header.ts'
import { recordsOf } from './batch-records.ts'
import { buildEndTransactionBatch, controlTypeOf, readEndTransactionMarker } from './control-batch.ts'

/** Kafka's bytes at offset 12, of producer 4000 in epoch 1, coordinator epoch 3. */
const commit =
  '000000000000000c00000042000000' +
  '0002c39c0c320030000000000000018bcfe568050000018bcfe568050000000000000fa00001ffffffff00000001' +
  '20000000080000000' +
  '10c00000000000300'

test.each([
  ['commit', commit],
  ['abort', commit.replace('c39c0c32', '37a2da7a').replace('0800000001', '0800000000')],
] as const)('a marker of %s is written as Kafka writes it, and read', (outcome, hex) => {
  const batch = buildEndTransactionBatch({
    outcome,
    coordinatorEpoch: 3,
    producerId: producerId(4000n),
    producerEpoch: 1,
    timestamp: timestamp(1_700_000_000_005n),
  })
  patchBatch(batch, 0, offset(12), leaderEpoch(0))
  expect(Buffer.from(batch).toString('hex')).toBe(hex)
  const [record] = [...recordsOf(batch, { maxDecompressedBytes: 100 })]
  expect(readEndTransactionMarker(record!.key, record!.value)).toEqual({ outcome, coordinatorEpoch: 3 })
})

test.each([
  ['no key', null, '000000000003'],
  ['a key cut short', '000000', '000000000003'],
  ['a type that is no end of a transaction', '00000002', '000000000003'],
  ['no value', '00000001', null],
  ['a value cut short', '00000001', '0000000000'],
])('%s: no marker', (_, key, value) => {
  const bytes = (hex: string | null) => (hex === null ? null : Buffer.from(hex, 'hex'))
  expect(readEndTransactionMarker(bytes(key), bytes(value))).toBeNull()
})

test('newer markers may be longer', () => {
  const key = Buffer.from('0001000199', 'hex')
  expect(controlTypeOf(key)).toBe(1)
  expect(readEndTransactionMarker(key, Buffer.from('0001000000580000', 'hex'))).toEqual({
    outcome: 'commit',
    coordinatorEpoch: 88,
  })
})
