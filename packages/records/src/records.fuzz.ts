import { SeededPrng } from '@odradek/core'
import { BatchFuzz, FUZZ_LIMITS, mutated, tolerate } from './batch-fuzz-fixture.ts'
import { codecFor } from './compression/codecs.ts'

/** SEED=… repeats a run, FUZZ_MS=… makes it longer. Whatever the bytes: a value or a RecordsError, soon, and no memory. */
const seed = Number(process.env['SEED'] ?? process.pid)
const fuzzMs = Number(process.env['FUZZ_MS'] ?? 250)
/** However slow the machine is. */
const ROUNDS_MIN = 100

function forAWhile(work: () => void): void {
  const until = Date.now() + fuzzMs
  for (let rounds = 0; rounds < ROUNDS_MIN || Date.now() < until; rounds++) work()
}

test(`batches and messages with bytes changed, true checksums or not (SEED=${seed})`, () => {
  const fuzz = new BatchFuzz(new SeededPrng(seed))
  forAWhile(() => fuzz.changed())
})

test(`records changed before they were compressed (SEED=${seed})`, () => {
  const fuzz = new BatchFuzz(new SeededPrng(seed))
  forAWhile(() => fuzz.changedInside())
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  `%s: junk, and good payloads with bytes changed (SEED=${seed})`,
  (type) => {
    const prng = new SeededPrng(seed)
    const codec = codecFor(type, 2)
    const good = Buffer.from(codec.compress(Buffer.alloc(70_000, 'some bytes that repeat themselves, ')))
    forAWhile(() => {
      const junk =
        prng.below(3) === 0
          ? Buffer.concat([good.subarray(0, prng.below(12)), prng.bytes(prng.below(200))])
          : mutated(prng, good, 0)
      tolerate(() => {
        expect(codec.decompress(junk, FUZZ_LIMITS.maxDecompressedBytes).length).toBeLessThanOrEqual(
          FUZZ_LIMITS.maxDecompressedBytes,
        )
      })
    })
    expect(codec.decompress(good, 70_000)).toHaveLength(70_000)
  },
)
