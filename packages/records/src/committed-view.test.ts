import { offset, type ProducerId, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch } from './batch-builder.ts'
import { readBatchHeader } from './batch-header.ts'
import { recordsOf } from './batch-records.ts'
import { type AbortedTransaction, CommittedView } from './committed-view.ts'
import { buildEndTransactionBatch, type TransactionOutcome } from './control-batch.ts'

const ZERO = timestamp(0n)
const LIMITS = { maxDecompressedBytes: 1000 }
const A = 1n as ProducerId
const B = 2n as ProducerId

const data = (rest: Partial<BatchToBuild> = {}) =>
  buildBatch({ records: [{ timestamp: ZERO, key: null, value: Buffer.from('v') }], ...rest })
const inTransaction = (producerId: ProducerId) => data({ producerId, isTransactional: true })
const marker = (producerId: ProducerId, outcome: TransactionOutcome) =>
  buildEndTransactionBatch({ producerId, producerEpoch: 0, coordinatorEpoch: 0, outcome, timestamp: ZERO })

/** The offsets that are shown of batches of one record each. */
function shown(batches: readonly Uint8Array[], aborted: readonly AbortedTransaction[]): readonly number[] {
  const view = new CommittedView(aborted)
  return batches.flatMap((bytes, at) => {
    const header = { ...readBatchHeader(bytes), baseOffset: offset(at) }
    return view.shows(header, recordsOf(bytes, LIMITS)) ? [at] : []
  })
}

test('an aborted transaction is left out from its first offset to its marker, the same producer’s next one shown', () => {
  const batches = [
    ...[inTransaction(A), data(), inTransaction(B), inTransaction(A), marker(A, 'abort'), inTransaction(A)],
    ...[marker(A, 'commit'), marker(B, 'commit')],
  ]
  expect(shown(batches, [{ producerId: 1n, firstOffset: 0n }])).toEqual([1, 2, 5])
  expect(shown(batches, [])).toEqual([0, 1, 2, 3, 5])
})

test('several aborted ones in any order; what of such a producer is no transaction is shown', () => {
  const batches = [
    ...[inTransaction(B), data({ producerId: B }), marker(B, 'abort')],
    ...[inTransaction(A), inTransaction(B), marker(A, 'abort'), inTransaction(B), marker(B, 'abort')],
  ]
  const aborted = [
    { producerId: 2n, firstOffset: 4n },
    { producerId: 1n, firstOffset: 3n },
    { producerId: 2n, firstOffset: 0n },
  ]
  expect(shown(batches, aborted)).toEqual([1])
})
