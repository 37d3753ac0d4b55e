import { setImmediate } from 'node:timers/promises'
import { leaderEpoch, ManualClock, type ProducerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildBatch, buildEndTransactionBatch } from '@odradek/records'
import { batchesIn, LogRun, records } from './contract/log-run.ts'
import { type Fault, SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { Durability } from './partition-log.ts'

// One script of appends, with each of its writes in turn failing or coming short, whichever file it is to.

const CONFIG = { segmentBytes: 21_000, indexIntervalBytes: 200 }
const PRODUCER = { producerId: 4n as ProducerId, producerEpoch: 0 }

interface Sent {
  readonly batch: () => Uint8Array
  readonly durability: Durability
  readonly epoch: number
}

/** Small ones that are copied, large ones that are not, of transactions, over segments and epochs. */
const SCRIPT: readonly Sent[] = Array.from({ length: 14 }, (_, index) => {
  const content = { records: records(2, index % 5 === 3 ? 9000 : 60, BigInt(1000 + index)) }
  const isAbort = index % 4 === 2
  return {
    batch: () =>
      isAbort
        ? buildEndTransactionBatch({
            ...{ ...PRODUCER, coordinatorEpoch: 0, outcome: 'abort', timestamp: timestamp(BigInt(1000 + index)) },
          })
        : buildBatch(
            index % 4 === 1
              ? { ...content, ...PRODUCER, baseSequence: (index - 1) / 2, isTransactional: true }
              : content,
          ),
    durability: index % 3 === 0 ? 'flushed' : 'written',
    epoch: Math.floor(index / 5),
  }
})

async function start(): Promise<{ run: LogRun; fs: SimFs }> {
  const clock = new ManualClock()
  const fs = new SimFs({ now: () => clock.wallMs() })
  const settings = { fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
  const store = () => diskLogStore(settings)
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  return { run: await LogRun.open(engine, CONFIG), fs }
}

describe.each<[string, Fault, string]>([
  ['ENOSPC', 'ENOSPC', 'write'],
  ['EFBIG', 'EFBIG', 'write'],
  ['no room for a new name', 'ENOSPC', 'create'],
  ['a write of no byte', 0, 'write'],
  ['a write of a header and no records', 61, 'write'],
  ['a write of most of a batch', 130, 'write'],
])('%s', (_, fault, failing) => {
  it('at each call in turn leaves all that was answered well, no half of a batch, and a log that goes on', async () => {
    let refused = 0
    let n = 0
    for (let isOver = false; !isOver; ) {
      n++
      const { run, fs } = await start()
      let calls = 0
      fs.fault = (operation) => (operation === failing && ++calls === n ? fault : null)
      const kept: { batch: Uint8Array; baseOffset: number }[] = []
      for (const { batch, durability, epoch } of SCRIPT) {
        run.log.setLeaderEpoch(leaderEpoch(epoch))
        for (let tries = 0; tries < 2; tries++) {
          const bytes = batch()
          const result = await run.appendBytes(bytes, durability)
          if (result.ok) kept.push({ batch: bytes, baseOffset: result.baseOffset })
          else expect([n, result.error, tries]).toEqual([n, 'KAFKA_STORAGE_ERROR', 0])
          if (result.ok) break
          refused++
          // Reads go on, and show nothing of it.
          expect([n, batchesIn(await run.readAll(0)).length]).toEqual([n, kept.length])
        }
      }
      isOver = calls < n
      const expected = Buffer.concat(kept.map(({ batch }) => batch))
      const isSame = async (note: string) =>
        expect([n, note, run.log.failure, (await run.readAll(0)).equals(expected)]).toEqual([n, note, null, true])
      expect([n, kept.length]).toEqual([n, SCRIPT.length])
      await isSame('in use')
      fs.fault = () => null
      await run.reopen()
      await isSame('after a kill')
      await run.restart()
      await isSame('after a stop')
      expect([n, run.log.lastStableOffset === run.log.endOffset]).toEqual([n, false])
      await run.end()
    }
    expect(n).toBeGreaterThan(failing === 'create' ? 5 : 15)
    if (failing === 'write') expect(refused).toBeGreaterThan(5)
  })
})
