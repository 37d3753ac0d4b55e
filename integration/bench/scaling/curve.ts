import type { Drive } from './drive.ts'

/** What one request costs the broker where there are `size` of something. */
export interface Point {
  readonly size: number
  readonly cpuUs: number
}

/** Cost against a number of something. */
export interface Curve {
  readonly name: string
  readonly sizes: readonly number[]
  /** What the cost is of: a request, or one of the items that it names. */
  readonly unit: string
  /** Makes a broker that has `from` of it have `size`; returns what is then sent. */
  grow(port: number, from: number, size: number): Promise<Drive>
}

export interface Verdict {
  readonly holds: boolean
  /** Slope of cost against size, both as logarithms: 0 is constant, 1 would be a cost that is proportional to the size. */
  readonly exponent: number
  /** Cost at the largest size, compared with the smallest. */
  readonly ratio: number
  readonly ratioMax: number
  /** Of any two neighbours, those where the cost grows most in a decade. */
  readonly decadeMax: number
  readonly why: string | null
}

/**
 * From 10 on, log n not even doubles in a decade (1 + log2: 4.3, 7.6, 11, 14.3). A share that is proportional to n, however
 * small beside a constant cost, sooner or later passes this; a step does not, such as that at the thousand files that a
 * broker keeps open, past which each partition's is opened again.
 */
const DECADE_RATIO_MAX = 2.5

/** n log n over all is log n for each: 1 at the smallest size, one more with each doubling. */
const logarithmic = (smallest: number, size: number): number => 1 + Math.log2(size / smallest)

function slope(points: readonly Point[]): number {
  const xs = points.map(({ size }) => Math.log(size))
  const ys = points.map((point) => Math.log(point.cpuUs))
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [xMean, yMean] = [mean(xs), mean(ys)]
  let [above, below] = [0, 0]
  for (const [index, x] of xs.entries()) {
    above += (x - xMean) * ((ys[index] ?? 0) - yMean)
    below += (x - xMean) ** 2
  }
  return below === 0 ? 0 : above / below
}

/** The growth between two points, as that of a decade. */
function decade(before: Point, after: Point): number {
  return (after.cpuUs / before.cpuUs) ** (1 / Math.log10(after.size / before.size))
}

/** Whether the cost of one grows with n by no more than log n. Points come by size. */
export function judge(points: readonly Point[]): Verdict {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) throw new Error('a curve has points')
  const ratio = last.cpuUs / first.cpuUs
  const ratioMax = logarithmic(first.size, last.size)
  const beyondTen = points.filter(({ size }) => size >= 10)
  const decades = beyondTen.slice(1).map((point, index) => decade(beyondTen[index] ?? point, point))
  const decadeMax = Math.max(0, ...decades)
  const why =
    ratio > ratioMax
      ? `${ratio.toFixed(1)} times the cost at ${last.size}; log n allows ${ratioMax.toFixed(1)}`
      : decadeMax > DECADE_RATIO_MAX
        ? `${decadeMax.toFixed(1)} times the cost within ten times the size; log n allows ${DECADE_RATIO_MAX}`
        : null
  return { holds: why === null, exponent: slope(points), ratio, ratioMax, decadeMax, why }
}
