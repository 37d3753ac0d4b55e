/** All randomness that the broker knows. */
export interface Prng {
  /** `count` random bytes: ids of topics, members, clusters. */
  bytes(count: number): Uint8Array
  /** A whole number from 0 up to, not including, `limit` (at most 2^32). */
  below(limit: number): number
}

/** The same sequence for the same seed (mulberry32): tests, fuzzing and the simulation. */
export class SeededPrng implements Prng {
  readonly seed: number
  private state: number

  constructor(seed: number) {
    this.seed = seed
    this.state = seed >>> 0
  }

  below(limit: number): number {
    return Math.floor((this.next() / 4_294_967_296) * limit)
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.next() & 0xff)
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
