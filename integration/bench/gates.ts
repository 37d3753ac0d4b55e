import { GENERATOR_SHARE_MAX, type Measured, ratiosOf, shareOf, valuesOf } from './rounds.ts'
import { FIGURES, type FigureName } from './sample.ts'
import { median } from './statistics.ts'
import type { TargetName } from './target.ts'

type Bound = { readonly atLeast: number } | { readonly atMost: number }

/** What this broker has to come up to. */
export interface Gate {
  readonly what: string
  /** The name of what is measured. */
  readonly of: string
  readonly figure: FigureName
  /** Beside whom: the figure is divided by theirs in the same round. Null: the figure counts as it is. */
  readonly to: Exclude<TargetName, 'odradek'> | null
  /** Null: it is reported, and judged by nobody. */
  readonly bound: Bound | null
}

type Verdict = 'reported' | 'pass' | 'fail' | 'not measurable now' | 'left out'

export interface Judgement {
  readonly gate: Gate
  readonly verdict: Verdict
  readonly ours: number
  readonly theirs: number | null
  /** What is compared with the bound: the median of the rounds' ratios, or our figure. */
  readonly value: number
  readonly values: readonly number[]
  /** Of the machine, used by others while our figure was taken. */
  readonly foreignShare: number
  /** Those of the two where the generator had no time left: there it, and not the broker, was measured. */
  readonly generatorBound: readonly TargetName[]
}

const LARGE_PRODUCES = ['produce 16 KB, 1 x 32', 'produce 100 KB, 1 x 8', 'produce 1 MB, 4 x 4, 4 partitions']
const SMALL_PRODUCE = 'produce 200 B, 100 connections'
const FLUSHED = 'produce 1 KB flushed, 16 producers'
const FETCH = 'fetch 1 MB of 16 KB batches, 1 consumer'
const DELIVER = 'deliver 1 KB at 2,000/s'
const START = 'start over nothing, then idle'
const KAFKAJS = 'kafkajs: 100,000 messages of 1 KB there and back'
const CONSUMER = 'ConsumerPerformance: 1 GB of 1 KB records in 16 KB batches'

export const GATES: readonly Gate[] = [
  ...LARGE_PRODUCES.flatMap((of): readonly Gate[] => [
    { what: of, of, figure: 'mbPerSecond', to: 'limit', bound: { atLeast: 0.8 } },
    { what: of, of, figure: 'mbPerSecond', to: 'kafka', bound: { atLeast: 1.5 } },
  ]),
  { what: SMALL_PRODUCE, of: SMALL_PRODUCE, figure: 'requestsPerSecond', to: 'limit', bound: { atLeast: 0.5 } },
  { what: SMALL_PRODUCE, of: SMALL_PRODUCE, figure: 'requestsPerSecond', to: 'kafka', bound: { atLeast: 1.5 } },
  { what: FLUSHED, of: FLUSHED, figure: 'requestsPerSecond', to: 'limit', bound: { atLeast: 0.8 } },
  { what: FLUSHED, of: FLUSHED, figure: 'requestsPerSecond', to: 'kafka', bound: { atLeast: 5 } },
  { what: FETCH, of: FETCH, figure: 'mbPerSecond', to: 'limit', bound: { atLeast: 0.45 } },
  // The client of the gate against Kafka is the one below: this one sees nothing but bytes.
  { what: FETCH, of: FETCH, figure: 'mbPerSecond', to: 'kafka', bound: null },
  {
    what: 'fetch, as ConsumerPerformance measures it',
    of: CONSUMER,
    figure: 'mbPerSecond',
    to: 'kafka',
    bound: { atLeast: 1 },
  },
  { what: DELIVER, of: DELIVER, figure: 'deliveryP50Ms', to: 'kafka', bound: { atMost: 1 } },
  { what: DELIVER, of: DELIVER, figure: 'deliveryP99Ms', to: 'kafka', bound: { atMost: 1 } },
  {
    what: 'processor time at 100 KB',
    of: 'produce 100 KB, 1 x 8',
    figure: 'cpuUsPerMb',
    to: 'limit',
    bound: { atMost: 1.4 },
  },
  {
    what: 'processor time at 100 KB',
    of: 'produce 100 KB, 1 x 8',
    figure: 'cpuUsPerMb',
    to: 'kafka',
    bound: { atMost: 0.5 },
  },
  { what: 'start to first answer', of: START, figure: 'startMs', to: null, bound: { atMost: 120 } },
  { what: 'start to first answer', of: START, figure: 'startMs', to: 'kafka', bound: { atMost: 1 / 15 } },
  { what: 'idle memory', of: START, figure: 'residentMb', to: null, bound: { atMost: 65 } },
  { what: 'idle memory', of: START, figure: 'residentMb', to: 'kafka', bound: { atMost: 1 / 5 } },
  {
    what: '1,000 idle connections',
    of: '1,000 idle connections',
    figure: 'kbPerConnection',
    to: null,
    bound: { atMost: 25 },
  },
  { what: 'kafkajs end to end', of: KAFKAJS, figure: 'cpuShareOfClient', to: null, bound: { atMost: 0.3 } },
]

const holds = (value: number, bound: Bound): boolean =>
  'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost

/** `targets` are those that took part. */
export function judge(gate: Gate, measured: Measured, targets: readonly TargetName[]): Judgement {
  const { figure, to } = gate
  const ours = valuesOf(measured, 'odradek', figure)
  const values = to === null ? ours : ratiosOf(measured, figure, to)
  const value = median(values)
  const verdict = (): Verdict => {
    if (to !== null && !targets.includes(to)) return 'left out'
    if (!measured.isMeasurable) return 'not measurable now'
    if (gate.bound === null) return 'reported'
    return holds(value, gate.bound) ? 'pass' : 'fail'
  }
  const foreignShare = shareOf(measured, 'odradek', 'foreignShare').median
  const theirs = to === null ? null : median(valuesOf(measured, to, figure))
  const compared: readonly TargetName[] = to === null ? ['odradek'] : ['odradek', to]
  const generatorBound = compared.filter(
    (target) => shareOf(measured, target, 'generatorShare').median > GENERATOR_SHARE_MAX,
  )
  return { gate, verdict: verdict(), ours: median(ours), theirs, value, values, foreignShare, generatorBound }
}

/** What could not be measured because something went wrong does not pass. */
export const failed = (gate: Gate): Judgement => ({
  ...{ gate, verdict: 'fail', ours: Number.NaN, theirs: null, value: Number.NaN, values: [], foreignShare: Number.NaN },
  generatorBound: [],
})

/** Not measurable is no failure: nobody knows. */
export const exitCodeOf = (judgements: readonly Judgement[]): number =>
  judgements.some(({ verdict }) => verdict === 'fail') ? 1 : 0

const figureText = (value: number, figure: FigureName): string =>
  Number.isNaN(value) ? '-' : value.toFixed(FIGURES[figure].digits)

function boundText(bound: Bound | null): string {
  if (bound === null) return ''
  const [sign, value] = 'atLeast' in bound ? ['>=', bound.atLeast] : ['<=', bound.atMost]
  return `, wanted ${sign} ${Number(value.toFixed(3))}`
}

/** Above this share of the machine wall times are also other people's: only processor times and memory are to be believed. */
export const FOREIGN_MAX = 0.1

const busyText = (foreignShare: number): string =>
  foreignShare > FOREIGN_MAX ? `; others used ${Math.round(foreignShare * 100)} % of the machine` : ''

/** A line for each gate: both figures, their ratio with its spread over the rounds, and the verdict. */
export function judgementText(judgement: Judgement): string {
  const { gate, verdict, ours, theirs, value, values, foreignShare, generatorBound } = judgement
  const { what, figure, to, bound } = gate
  if (values.length === 0) return `${verdict.toUpperCase().padEnd(5)} ${what}: could not be measured${boundText(bound)}`
  const both = `${FIGURES[figure].title} ${figureText(ours, figure)}`
  const beside = theirs === null ? '' : `, ${to} ${figureText(theirs, figure)}`
  const digits = to === null ? FIGURES[figure].digits : 3
  const spread =
    values.length < 2 ? '' : ` (${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`
  const limited = generatorBound.length === 0 ? '' : `; generator-bound: ${generatorBound.join(', ')}`
  const ratio = `: ${value.toFixed(digits)}${spread}`
  return `${verdict.toUpperCase().padEnd(5)} ${what}: ${both}${beside}${ratio}${boundText(bound)}${busyText(foreignShare)}${limited}`
}
