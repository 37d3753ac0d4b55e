import type { Prng } from '@odradek/core'
import { apiByKey } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import { requestSpecs, requestValue, type SpecField, type ValueSource } from './request-specs.ts'

const TEXTS = [
  '',
  't',
  'fuzz-1',
  'fuzz-2',
  'fuzz-3',
  '__consumer_offsets',
  '__transaction_state',
  'consumer',
  'range',
  '*',
  '1',
  '.',
  '..',
  'é',
  '\u0000',
  'x'.repeat(249),
  'x'.repeat(250),
  'User:a',
  '(a+)+$',
  'cleanup.policy',
  'retention.ms',
  'producer_byte_rate',
  'user',
  'client-id',
  'Empty',
]
const NUMBERS = [-2, -1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 10, 100, 127, 1000, 30_000, 32_767, 2_147_483_647]
const LONGS = [-2n, -1n, 0n, 0n, 1n, 2n, 100n, 1000n, 2n ** 31n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]
/** A wait that is asked for holds up the connection, not the broker: not every input needs that. */
const WAITS: ReadonlySet<string> = new Set(['maxWaitMs', 'rebalanceTimeoutMs'])
/** Behind size, key and version. */
export const CORRELATION_ID_AT = 8
/** To make a frame costs more than to take it: it is spoilt in this many ways but one, and then sent as it is. */
const USES = 4
const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
const COUNT_MAX = 4
const INTERESTING = [
  'ff',
  '00',
  '01',
  '7fffffff',
  '80000000',
  'ffffffff',
  'ffffffff07',
  '8080808080',
  '000f4241',
  '7fff',
].map((hex) => Buffer.from(hex, 'hex'))

/** Makes requests of every API and version that is served, right ones and spoilt ones. */
export class FrameFuzz {
  private readonly prng: Prng
  private readonly versions: readonly (readonly [key: number, version: number])[]
  private readonly specs = requestSpecs()
  private frame: Buffer = Buffer.alloc(0)
  private usesLeft = 0
  /** Batches for the records of Produce. */
  private readonly batches: readonly Uint8Array[]

  constructor(
    prng: Prng,
    served: ReadonlyMap<number, readonly [min: number, max: number]>,
    batches: readonly Uint8Array[],
  ) {
    this.prng = prng
    this.batches = batches
    this.versions = [...served].flatMap(([key, [min, max]]) =>
      Array.from({ length: max - min + 1 }, (_, index) => [key, min + index] as const),
    )
  }

  /** With its size in front. A spoilt one may have lost its correlation id. */
  next(correlationId = 1): Buffer {
    if (this.usesLeft === 0) {
      const [key, version] = this.pick(this.versions)
      this.frame = this.whole(key, version)
      this.usesLeft = USES
    }
    this.frame.writeInt32BE(correlationId, CORRELATION_ID_AT)
    this.usesLeft -= 1
    if (this.usesLeft === 0) return this.frame
    const spoilt = this.spoil(this.frame.subarray(4))
    const size = Buffer.alloc(4)
    size.writeInt32BE(spoilt.length)
    return Buffer.concat([size, spoilt])
  }

  whole(key: number, version: number): Buffer {
    const api = apiByKey(key)
    const spec = this.specs.get(key)
    if (api === undefined || spec === undefined) return Buffer.alloc(0)
    return Buffer.from(frameOf(this.pick(TEXTS), api, version, requestValue(spec, version, this.source())))
  }

  /** One to three changes of a few bytes, anywhere behind the correlation id as well as in front of it. */
  spoil(bytes: Buffer): Buffer {
    let changed = bytes
    for (let count = 1 + this.prng.below(3); count > 0; count--) {
      const at = this.prng.below(changed.length + 1)
      switch (this.prng.below(5)) {
        case 0:
          changed = Buffer.from(changed.subarray(0, Math.max(1, at)))
          break
        case 1:
          changed = Buffer.from(changed)
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ (1 << this.prng.below(8))
          break
        case 2: {
          const value = this.pick(INTERESTING)
          changed = Buffer.concat([changed.subarray(0, at), value, changed.subarray(at + value.length)])
          break
        }
        case 3:
          changed = Buffer.concat([
            changed.subarray(0, at),
            this.prng.bytes(1 + this.prng.below(4)),
            changed.subarray(at),
          ])
          break
        default:
          changed = Buffer.concat([changed.subarray(0, Math.max(1, at)), changed.subarray(at + 1 + this.prng.below(8))])
      }
    }
    return changed
  }

  private pick<T>(values: readonly T[]): T {
    const value = values[this.prng.below(values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }

  private source(): ValueSource {
    return {
      isNull: () => this.prng.below(3) === 0,
      count: () => this.prng.below(COUNT_MAX),
      scalar: (field, type) => this.scalar(field, type),
    }
  }

  private scalar({ name }: SpecField, type: string): unknown {
    switch (type) {
      case 'string':
        return this.pick(TEXTS)
      case 'bool':
        return this.prng.below(2) === 0
      case 'uuid':
        return this.prng.below(2) === 0 ? ZERO_UUID : Buffer.from(this.prng.bytes(16)).toString('base64url')
      case 'bytes':
        return Buffer.from(this.prng.bytes(this.prng.below(40)))
      case 'records':
        return this.records()
      case 'int64':
        return this.pick(LONGS)
      case 'float64':
        return this.pick([0, 1, -1, 1e9, Number.NaN, Number.POSITIVE_INFINITY])
      case 'int8':
        return this.pick([-1, 0, 0, 1, 2, 3, 4, 127, -128])
      case 'int16':
        return Math.min(32_767, this.pick(NUMBERS))
      case 'uint16':
        return Math.max(0, Math.min(65_535, this.pick(NUMBERS)))
      default:
        return WAITS.has(name) ? this.prng.below(20) : this.pick(NUMBERS)
    }
  }

  private records(): Uint8Array {
    const batch = Buffer.from(this.pick(this.batches))
    return this.prng.below(3) === 0 ? batch : this.spoil(batch)
  }
}
