import { ROUNDS_MAX } from './flags.ts'
import type { FigureName, Sample } from './sample.ts'
import { type Spread, spreadOf } from './statistics.ts'
import type { TargetName } from './target.ts'

/** Above this share of stolen machine time a round says nothing. */
export const STEAL_MAX = 0.05
/** Above this share of one processor the generator, not the broker, is what was measured. */
export const GENERATOR_SHARE_MAX = 0.85
/** Fewer say too little, unless fewer were asked for. */
const ACCEPTED_MIN = 3

/** Every target once, one after the other. */
export type Round = ReadonlyMap<TargetName, Sample>

export interface Measured {
  readonly name: string
  readonly accepted: readonly Round[]
  /** Rounds during which others took too much of the machine. */
  readonly thrownAway: number
  /** Whether enough rounds were left alone. */
  readonly isMeasurable: boolean
}

const isAcceptable = (round: Round): boolean => [...round.values()].every(({ stealShare }) => stealShare <= STEAL_MAX)

export interface RoundLimits {
  /** Accepted rounds after which it is enough. */
  readonly wanted: number
  /** Past this time no further round begins. */
  readonly msMax: number
}

/** Runs rounds until enough are accepted, or there have been too many, or time is up. */
export async function repeatRounds(
  name: string,
  { wanted, msMax }: RoundLimits,
  run: (number: number) => Promise<Round>,
  nowMs: () => number = () => performance.now(),
): Promise<Measured> {
  const accepted: Round[] = []
  const endMs = nowMs() + msMax
  let number = 0
  while (accepted.length < wanted && number < ROUNDS_MAX && (number === 0 || nowMs() < endMs)) {
    const round = await run(number++)
    if (isAcceptable(round)) accepted.push(round)
  }
  const isMeasurable = accepted.length >= Math.min(wanted, ACCEPTED_MIN)
  return { name, accepted, thrownAway: number - accepted.length, isMeasurable }
}

/** Of one target over the accepted rounds. */
export function valuesOf({ accepted }: Measured, target: TargetName, figure: FigureName): readonly number[] {
  return accepted.flatMap((round) => round.get(target)?.figures[figure] ?? [])
}

/** This broker against another, round by round: what slows both down in a round counts for neither. */
export function ratiosOf(measured: Measured, figure: FigureName, to: TargetName): readonly number[] {
  return measured.accepted.flatMap((round) => {
    const ours = round.get('odradek')?.figures[figure]
    const theirs = round.get(to)?.figures[figure]
    return ours === undefined || theirs === undefined ? [] : [ours / theirs]
  })
}

export function shareOf(
  { accepted }: Measured,
  target: TargetName,
  share: 'stealShare' | 'foreignShare' | 'generatorShare',
): Spread {
  return spreadOf(accepted.flatMap((round) => round.get(target)?.[share] ?? []))
}
