import { isDeepStrictEqual } from 'node:util'
import { SeededPrng } from '@odradek/core'
import { apis } from './generated/apis.ts'
import { packedLines } from './vectors/packed.ts'
import { VectorLine } from './vectors/vector-line.ts'
import { ProtocolError } from './wire/protocol-error.ts'
import { Reader } from './wire/reader.ts'
import { Writer } from './wire/writer.ts'

/** FUZZ_MS=60000 runs longer; SEED=… runs the same again. */
const { SEED, FUZZ_MS } = process.env
const seed = Number(SEED ?? Date.now() % 2 ** 32)
const durationMs = Number(FUZZ_MS ?? 1000)

const interesting = [
  'ff',
  '00',
  '7fffffff',
  '80000000',
  'ffffffff',
  'ffffffff07',
  'ffffffff0f',
  '8080808080',
  '000f4241',
  '7fff',
].map((hex) => Buffer.from(hex, 'hex'))

function mutate(bytes: Buffer, prng: SeededPrng): Buffer {
  const position = prng.below(bytes.length + 1)
  switch (prng.below(5)) {
    case 0:
      return bytes.subarray(0, position)
    case 1: {
      const flipped = Buffer.from(bytes)
      flipped[position] = (flipped[position] ?? 0) ^ (1 << prng.below(8))
      return flipped
    }
    case 2: {
      const value = interesting[prng.below(interesting.length)]!
      return Buffer.concat([bytes.subarray(0, position), value, bytes.subarray(position + value.length)])
    }
    case 3:
      return Buffer.concat([
        bytes.subarray(0, position),
        Buffer.from(prng.bytes(1 + prng.below(4))),
        bytes.subarray(position),
      ])
    default:
      return Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + 1 + prng.below(8))])
  }
}

test(
  `mutated messages give a value that can be written and read again, or one clean error (SEED=${seed})`,
  () => {
    const prng = new SeededPrng(seed)
    const lines = packedLines('messages').filter((line) => line.length < 4000)
    const deadline = Date.now() + durationMs
    let values = 0
    let errors = 0
    while (Date.now() < deadline) {
      const line = new VectorLine(lines[prng.below(lines.length)]!)
      const version = line.number('version')
      const api = apis.find(({ key }) => key === line.number('key'))!
      const codec = line.text('kind') === 'request' ? api.request : api.response
      let bytes = line.bytes
      for (let round = 0; round < 20; round++) {
        bytes = round % 5 === 0 ? line.bytes : bytes
        bytes = mutate(bytes, prng)
        const value = readOrRefuse(() => codec.read(new Reader(bytes), version))
        if (value === refused) {
          errors++
          continue
        }
        values++
        const writer = new Writer()
        codec.write(writer, version, value as never)
        const again = codec.read(new Reader(writer.toBytes()), version)
        if (!isDeepStrictEqual(again, value))
          throw new Error(`${line.title} SEED=${seed}: ${bytes.toString('hex')} does not come back`)
      }
    }
    console.log(`codec fuzz: SEED=${seed}, ${values} values, ${errors} clean errors`)
    expect(values).toBeGreaterThan(0)
    expect(errors).toBeGreaterThan(0)
  },
  durationMs + 20_000,
)

const refused = Symbol('refused')

function readOrRefuse(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError) return refused
    throw error
  }
}
