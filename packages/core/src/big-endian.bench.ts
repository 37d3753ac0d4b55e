/**
 * What it takes to look at a buffer: by what it inherits, and by its elements. `npx tsx packages/core/src/big-endian.bench.ts`.
 * V8 is given time to compile each beside us, as it does in a broker.
 */
import { int32At } from './big-endian.ts'

const CALLS = 2_000_000
const WARM_UP_CALLS = 30_000
const WARM_UPS = 5
const WARM_UP_PAUSE_MS = 100

type Look = (bytes: Buffer) => number

const LOOKS: readonly (readonly [what: string, look: Look])[] = [
  ['readInt32BE', (bytes) => bytes.readInt32BE(3)],
  ['int32At', (bytes) => int32At(bytes, 3)],
  ['byteLength', (bytes) => bytes.byteLength],
  ['length', (bytes) => bytes.length],
  ['byteOffset', (bytes) => bytes.byteOffset],
]

/** A loop of its own for each, so that none is compiled for all. */
function loopOf(look: Look): (bytes: Buffer, count: number) => number {
  return new Function(
    'look',
    'return (bytes, count) => { let sum = 0; while (count-- > 0) sum += look(bytes); return sum }',
  )(look)
}

for (const [what, look] of LOOKS) {
  const loop = loopOf(look)
  const bytes = Buffer.alloc(64, 1)
  for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
    loop(bytes, WARM_UP_CALLS)
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_PAUSE_MS))
  }
  const startMs = performance.now()
  loop(bytes, CALLS)
  console.log(`${what}: ${(((performance.now() - startMs) * 1e6) / CALLS).toFixed(1)} ns`)
}
