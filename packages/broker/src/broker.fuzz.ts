import { SeededPrng, uuidToBytes } from '@odradek/core'
import { requestHeaderVersion } from '@odradek/protocol'
import { Writer } from '@odradek/protocol/wire'
import { handlers } from './handlers/index.ts'
import { RequestFuzz } from './request-fuzz-fixture.ts'

/** FUZZ_MS=60000 runs longer; SEED=… runs the same again. */
const { SEED, FUZZ_MS } = process.env
const seed = Number(SEED ?? Date.now() % 2 ** 32)
const durationMs = Number(FUZZ_MS ?? 1500)

/** Pieces that messages are made of: strings, counts, nulls, ids and numbers at the edges. */
function piecesWith(topicId: string): Buffer[] {
  const hex = ['00', '01', '02', '03', 'ff', '0000', '0001', 'ffff', '00000000', '00000001', 'ffffffff', '7fffffff']
  const long = ['0000000000000000', 'ffffffffffffffff', '7fffffffffffffff', '00'.repeat(16), '00'.repeat(40)]
  const text = ['000174', '0274', '000167', '0267', '00086d656d6265722d31', '0008636f6e73756d6572', '0005726f756e64']
  return [...[...hex, ...long, ...text].map((piece) => Buffer.from(piece, 'hex')), Buffer.from(uuidToBytes(topicId))]
}

function randomFrame(prng: SeededPrng, pieces: readonly Buffer[]): Buffer {
  const row = handlers[prng.below(handlers.length)]!
  const [min, max] = row.versions
  const version = min + prng.below(max - min + 1)
  const writer = new Writer()
  writer.int16(row.api.key)
  writer.int16(version)
  writer.int32(1)
  writer.string('c', false)
  if (requestHeaderVersion(row.api.key, version) === 2) writer.int8(0)
  for (let count = prng.below(24); count > 0; count--) writer.raw(pieces[prng.below(pieces.length)]!)
  writer.raw(Buffer.alloc(prng.below(4) === 0 ? 0 : 64))
  return Buffer.from(writer.toBytes())
}

test(
  `requests made of odd pieces end in an answer or a clean refusal, never in a bug (SEED=${seed})`,
  async () => {
    const fuzz = await RequestFuzz.open(seed)
    const { services, close } = fuzz.broker
    const prng = new SeededPrng(seed)
    const pieces = piecesWith(services.cluster.topic('t')!.id)
    const endMs = Date.now() + durationMs
    let answered = 0
    let refused = 0
    // On a busy machine it takes longer until enough has happened.
    while (Date.now() < endMs || answered <= 100 || refused <= 100) {
      const frame = randomFrame(prng, pieces)
      const begun = process.cpuUsage()
      if (fuzz.take(frame)) answered += 1
      else refused += 1
      if (answered % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      const [bug] = fuzz.takeLog()
      if (bug !== undefined) throw new Error(`${bug}\n${frame.toString('hex')}`)
      // On a busy machine others take time in between: what counts is what this process has used.
      const { user, system } = process.cpuUsage(begun)
      expect(user + system).toBeLessThan(1_000_000)
    }
    expect(answered).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
    await close()
    expect(fuzz.takeLog()).toEqual([])
  },
  durationMs + 20_000,
)
