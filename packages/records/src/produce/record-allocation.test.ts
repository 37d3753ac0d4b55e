import { timestamp, type WallMs } from '@odradek/core'
import { buildBatch } from '../batch-builder.ts'
import { recordsOf } from '../batch-records.ts'
import type { ProduceRules } from './produce-rules.ts'
import { validateProduced } from './validate-produced.ts'

const NOW = 1_760_000_100_000 as WallMs
const VERSION = 9
const RULES: ProduceRules = {
  maxMessageBytes: 1_048_588,
  compressionType: 'producer',
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: 3_600_000n,
  isCompacted: false,
  maxDecompressedBytes: 1_000_000,
  validation: 'batch',
}
const FEW = 10
const MANY = 10_000
/** Less than the smallest thing that V8 can allocate, which is two words. */
const BYTES_A_RECORD_MAX = 1
/** V8 boxes numbers until it has compiled a function with all its might, which it does beside us and in its own time. */
const WAIT_MS_MAX = 30_000

function batchOf(count: number): Uint8Array {
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp(BigInt(NOW) - BigInt(index % 1000)),
    key: Buffer.from('key'),
    value: Buffer.from('value'),
  }))
  return buildBatch({ records })
}

/** Bytes on the heap that a call leaves behind, used or not; null when a collection came between. */
function allocated(call: () => void): number | null {
  const before = process.memoryUsage().heapUsed
  call()
  const bytes = process.memoryUsage().heapUsed - before
  return bytes < 0 ? null : bytes
}

/** What one more record costs `work`, as the least of what was seen until it was less than `enough`, or time was up. */
async function bytesARecord(work: (batch: Uint8Array) => void, enough: number, waitMs: number): Promise<number> {
  const [few, many] = [batchOf(FEW), batchOf(MANY)]
  const endMs = Date.now() + waitMs
  let least = Number.POSITIVE_INFINITY
  while (least >= enough && Date.now() < endMs) {
    for (let warmUp = 0; warmUp < 20; warmUp++) work(many)
    await new Promise((resolve) => setImmediate(resolve))
    const [ofFew, ofMany] = [allocated(() => work(few)), allocated(() => work(many))]
    if (ofFew !== null && ofMany !== null) least = Math.min(least, Math.max(0, ofMany - ofFew) / (MANY - FEW))
  }
  return least
}

function validate(batch: Uint8Array): void {
  if (!validateProduced(batch, VERSION, RULES, NOW).ok) throw new Error('the batch is good')
}

test('a batch of 10,000 records allocates no more than one of 10 when it is produced', async () => {
  expect(await bytesARecord(validate, BYTES_A_RECORD_MAX, WAIT_MS_MAX)).toBeLessThan(BYTES_A_RECORD_MAX)
}, 60_000)

test('what is allocated for each record is seen', async () => {
  let last: unknown = null
  const readEach = (batch: Uint8Array): void => {
    validate(batch)
    for (const record of recordsOf(batch, RULES)) last = record
  }
  expect(await bytesARecord(readEach, BYTES_A_RECORD_MAX, 1000)).toBeGreaterThan(16)
  expect(last).not.toBeNull()
})
