import type { Clock } from '@odradek/core'
import { nextTurn } from '../in-turns.ts'

/**
 * The most that one text may cost: its length times the size of the pattern's program, which is what the engine's time is
 * bounded by. A name of 250 characters may be asked with a program of 2,000 instructions; others need a hundredth of that.
 */
export const PATTERN_STEPS_MAX = 500_000

/** Of the program that a pattern may become. */
export const PROGRAM_SIZE_MAX = 20_000

/** RE2 refuses counts, and counts of counts, above this. */
const REPEATS_MAX = 1000

const COUNT = /(\)?)\{(\d{1,4})(?:,(\d{0,4}))?\}/g

/**
 * What the program of a pattern is at the most, without making it: `(a?){1000}` written a hundred times takes long and much
 * memory. Counts of groups may be counts of counts.
 */
export function programSizeMax(pattern: string): number {
  let ofGroups = 1
  let ofOthers = 1
  for (const [, group, least = '0', most = ''] of pattern.matchAll(COUNT)) {
    const count = Math.max(1, Number(least), Number(most))
    if (group === ')') ofGroups = Math.min(REPEATS_MAX, ofGroups * count)
    else ofOthers = Math.max(ofOthers, count)
  }
  return pattern.length * Math.min(REPEATS_MAX, ofGroups * ofOthers)
}

/** A class by name brings hundreds of ranges into the program: `\pL`. */
const NAMED_CLASS_SIZE = 100
const NAMED_CLASS = /\\[pP]/g

/** Where case does not count, the engine looks at each character of a range: 10 ms for each `[\x80-\x{1e900}]`. */
const FOLDED_RANGE_SIZE = 5000
const FOLDS_CASE = /\(\?[-a-zA-Z]*i/
/** The end of a range that may be long: beyond ASCII, or an escape. Outside of a class it is none, and counts all the same. */
const LONG_RANGE_END = /-(?=\\|[^ -~])/g

/** What classes add to the work of compiling, in the measure of the program. */
function classSizeMax(pattern: string): number {
  const named = pattern.match(NAMED_CLASS)?.length ?? 0
  const ranges = FOLDS_CASE.test(pattern) ? (pattern.match(LONG_RANGE_END)?.length ?? 0) : 0
  return named * NAMED_CLASS_SIZE + ranges * FOLDED_RANGE_SIZE
}

/** Whether to compile it would take long, or much memory. */
export function isTooLarge(pattern: string): boolean {
  return programSizeMax(pattern) + classSizeMax(pattern) > PROGRAM_SIZE_MAX
}

/** From here on others have their turn. */
const STEPS_PER_TURN = 500_000

/** Whether the whole of a text fits; null: it cannot be said within the bound. */
export type WholeTextPattern = (text: string) => { readonly fits: boolean; readonly steps: number } | null

/**
 * Compiles a client's pattern, in the syntax of RE2 as in Kafka: it takes linear time, so nobody can stop the broker with
 * it. The engine is loaded by the first use. Null and "" are no pattern at all.
 */
export async function wholeTextPattern(pattern: string | null): Promise<WholeTextPattern | null | 'bad'> {
  if (pattern === null || pattern === '') return null
  if (isTooLarge(pattern)) return 'bad'
  const { RE2JS, RE2JSSyntaxException } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern)
    const size = compiled.programSize()
    return (text) => {
      const steps = size * (text.length + 1)
      return steps > PATTERN_STEPS_MAX ? null : { fits: compiled.matches(text), steps }
    }
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return 'bad'
    throw error
  }
}

/** Those whose text fits, in as many turns as that needs; null when that cannot be said of one of them. */
export async function fitting<Item>(
  clock: Pick<Clock, 'soon'>,
  items: readonly Item[],
  pattern: WholeTextPattern,
  textOf: (item: Item) => string,
): Promise<Item[] | null> {
  const found: Item[] = []
  let steps = 0
  for (const item of items) {
    const match = pattern(textOf(item))
    if (match === null) return null
    if (match.fits) found.push(item)
    steps += match.steps
    if (steps < STEPS_PER_TURN) continue
    steps = 0
    await nextTurn(clock)
  }
  return found
}
