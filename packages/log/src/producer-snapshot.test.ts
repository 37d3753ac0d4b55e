import { setImmediate } from 'node:timers/promises'
import { ManualClock, producerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildEndTransactionBatch } from '@odradek/records'
import { BASE_TIMESTAMP, LogRun, records } from './contract/log-run.ts'
import { diskLogStore } from './disk-log-store.ts'
import { MemoryFs } from './fs/memory-fs.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducedBatch, ProducerEntry } from './producer-state.ts'

const DIRECTORY = 'data/666f6f62617262617a71757871757578-3'

function batch(lastSequence: number, offsetDelta: number, lastOffset: number): ProducedBatch {
  const baseSequence = lastSequence - offsetDelta + (lastSequence < offsetDelta ? 2 ** 31 : 0)
  const baseOffset = lastOffset - offsetDelta
  return { baseSequence, lastSequence, baseOffset, lastOffset, maxTimestamp: BASE_TIMESTAMP + BigInt(lastOffset) }
}

const ENTRIES: readonly ProducerEntry[] = [
  {
    producerId: 2n ** 62n,
    producerEpoch: 32_767,
    // The second one passes the largest sequence.
    batches: [batch(2_147_483_646, 4, 20), batch(1, 2, 23), batch(9, 7, 31), batch(10, 0, 32), batch(11, 0, 2 ** 50)],
    lastTimestamp: -1n,
    seenMs: 1_700_000_000_000.25,
    coordinatorEpoch: 5,
    transactionStartOffset: 2 ** 50,
    endedTransactions: 0,
  },
  {
    producerId: 0n,
    producerEpoch: 0,
    batches: [],
    lastTimestamp: 5n,
    seenMs: 0,
    coordinatorEpoch: -1,
    transactionStartOffset: -1,
    endedTransactions: 0,
  },
]

describe('a producer snapshot', () => {
  it('gives back all that was known, in order', () => {
    for (const entries of [ENTRIES, [...ENTRIES].reverse(), []]) {
      expect(decodeProducerSnapshot(encodeProducerSnapshot(entries))).toEqual(entries)
    }
  })

  it('that was changed or cut anywhere is none', () => {
    const bytes = encodeProducerSnapshot(ENTRIES)
    for (let at = 0; at < bytes.byteLength; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << (at % 8)
      expect([at, decodeProducerSnapshot(changed)]).toEqual([at, null])
      expect([at, decodeProducerSnapshot(bytes.subarray(0, at))]).toEqual([at, null])
    }
    expect(decodeProducerSnapshot(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeNull()
  })

  it('of Kafka’s own is none either: it has forgotten too much', () => {
    // Written by Kafka 4.4 for no producer at all.
    expect(decodeProducerSnapshot(Buffer.from('00018c28b28a00000000', 'hex'))).toBeNull()
  })
})

/** What DumpLogSegments of Kafka 4.3.1 has been shown, and what it said; see below. */
async function dumped() {
  const clock = new ManualClock(Number(BASE_TIMESTAMP))
  const fs = new MemoryFs({ now: () => clock.wallMs() })
  const store = () => diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) })
  const run = await LogRun.open({ clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} })
  const end = async (id: bigint) => {
    const time = timestamp(BASE_TIMESTAMP + 500n)
    const fields = { coordinatorEpoch: 3, producerId: producerId(id), producerEpoch: 1, timestamp: time }
    await run.appendBytes(buildEndTransactionBatch({ ...fields, outcome: 'abort' }))
  }
  const send = (id: bigint, baseSequence: number, isTransactional = true) => {
    const producer = { producerId: producerId(id), producerEpoch: 1, baseSequence, isTransactional }
    return run.append({ records: records(2), ...producer })
  }
  await send(4000n, 0)
  await send(4001n, 0)
  await end(4000n)
  await send(7n, 10, false)
  await send(7n, 12, false)
  await end(4001n)
  await send(4000n, 2)
  await run.settle(run.store.close())
  return (name: string) => Buffer.from(fs.readFileSync(`${DIRECTORY}/${name}`) ?? []).toString('hex')
}

describe('files that Kafka’s DumpLogSegments reads', () => {
  it('a snapshot', async () => {
    const fileOf = await dumped()
    const kafkas = [
      '0001f6a80bc600000003',
      // producerId: 7 producerEpoch: 1 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong.empty
      // lastTimestamp: 1700000000001 firstSequence: 12 lastSequence: 13 lastOffset: 8 offsetDelta: 1
      '000000000000000700010000000d0000000000000008000000010000018bcfe56801ffffffffffffffffffffffff',
      // producerId: 4001 producerEpoch: 1 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong.empty
      // lastTimestamp: 1700000000500 firstSequence: 0 lastSequence: 1 lastOffset: 3 offsetDelta: 1
      '0000000000000fa10001000000010000000000000003000000010000018bcfe569f400000003ffffffffffffffff',
      // producerId: 4000 producerEpoch: 1 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong[10]
      // lastTimestamp: 1700000000001 firstSequence: 2 lastSequence: 3 lastOffset: 11 offsetDelta: 1
      '0000000000000fa0000100000003000000000000000b000000010000018bcfe5680100000003000000000000000a',
    ].join('')
    expect(fileOf('00000000000000000012.snapshot').slice(0, kafkas.length)).toBe(kafkas)
    expect(fileOf('00000000000000000012.snapshot')).toHaveLength(2 * 297)
  })

  it('aborted transactions', async () => {
    const fileOf = await dumped()
    expect(fileOf('00000000000000000000.txnindex')).toBe(
      // version: 0 producerId: 4000 firstOffset: 0 lastOffset: 4 lastStableOffset: 2
      '00000000000000000fa0000000000000000000000000000000040000000000000002' +
        // version: 0 producerId: 4001 firstOffset: 2 lastOffset: 9 lastStableOffset: 10
        '00000000000000000fa100000000000000020000000000000009000000000000000a',
    )
  })
})
