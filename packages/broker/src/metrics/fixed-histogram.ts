import { assert } from '@odradek/core'

/** Milliseconds from a tenth to ten seconds. */
export const TIME_BOUNDS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
]

/** Bytes from a heartbeat to the largest frame, by a factor of four. */
export const SIZE_BOUNDS_BYTES: readonly number[] = [
  64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
]

/** Counts values by upper bound. Kept in flat arrays: a value costs a short search and an increment. */
export class FixedHistogram {
  /** Upper bounds, inclusive. */
  readonly bounds: readonly number[]
  /** By bound, not summed up; the last is of what is above all bounds. */
  readonly counts: Float64Array
  sum = 0
  private readonly search: Float64Array

  constructor(bounds: readonly number[]) {
    assert(
      bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? bound)),
      'bounds rise',
    )
    this.bounds = bounds
    this.search = Float64Array.of(...bounds, Number.POSITIVE_INFINITY)
    this.counts = new Float64Array(bounds.length + 1)
  }

  get count(): number {
    return this.counts.reduce((total, one) => total + one, 0)
  }

  record(value: number): void {
    const { search, counts } = this
    const last = counts.length - 1
    let index = 0
    while (index < last && value > (search[index] ?? 0)) index++
    counts[index] = (counts[index] ?? 0) + 1
    this.sum += value
  }
}
