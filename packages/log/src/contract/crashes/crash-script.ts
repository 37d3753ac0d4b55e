import { SeededPrng } from '@odradek/core'
import type { Durability } from '../../partition-log.ts'

/** What is asked of a log, with the turns of the event loop that follow before the next step. */
export type Step = { readonly partition: number; readonly turns: number } & Action

export type Action =
  | {
      readonly kind: 'append'
      readonly producer: number
      readonly records: number
      readonly valueBytes: number
      readonly durability: Durability
      readonly compressionType: 'none' | 'lz4'
    }
  | { readonly kind: 'repeat'; readonly producer: number; readonly back: number; readonly durability: Durability }
  | { readonly kind: 'end'; readonly producer: number; readonly isAbort: boolean }
  | { readonly kind: 'fence'; readonly producer: number }
  | { readonly kind: 'fill'; readonly appends: number }
  | { readonly kind: 'delete'; readonly percent: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'read'; readonly percent: number }
  | { readonly kind: 'configure'; readonly flush: 'device' | 'os' }
  | { readonly kind: 'flush' | 'epoch' | 'reopen' | 'restart' | 'remove' }

/** One process: what it is asked for, and how it ends. */
export interface Life {
  readonly steps: readonly Step[]
  /** The process dies before the change of the file system that comes after so many; at the end of its steps at the latest. */
  readonly changes: number
  readonly losesPower: boolean
}

export interface CrashScript {
  readonly seed: number
  readonly lives: readonly Life[]
}

/** What the partitions of a run are for; a step names one by its place. */
export const PARTITIONS = ['acknowledged', 'mixed', 'bounded', 'compacted'] as const

const LIVES = 3
const PRODUCERS = 4
const STEPS_MAX = 45
const CHANGES_MAX = 160
/** Kinds of steps, as often as they are drawn. */
const KINDS: readonly (readonly [Action['kind'], number])[] = [
  ...([
    ['append', 60],
    ['repeat', 6],
    ['end', 10],
    ['fence', 2],
    ['fill', 2],
    ['delete', 3],
    ['advance', 6],
  ] as const),
  ...([
    ['read', 5],
    ['configure', 2],
    ['flush', 3],
    ['epoch', 3],
    ['reopen', 2],
    ['restart', 1],
    ['remove', 1],
  ] as const),
]

/** The same script for the same seed. */
export function drawScript(seed: number): CrashScript {
  const prng = new SeededPrng(seed)
  const lives = Array.from({ length: LIVES }, () => ({
    steps: Array.from({ length: 5 + prng.below(STEPS_MAX) }, () => drawStep(prng)),
    changes: prng.below(prng.below(2) === 0 ? CHANGES_MAX : CHANGES_MAX / 4),
    losesPower: prng.below(3) > 0,
  }))
  return { seed, lives }
}

function drawStep(prng: SeededPrng): Step {
  const turns = prng.below(3) === 0 ? prng.below(8) : prng.below(2)
  return { partition: prng.below(PARTITIONS.length), turns, ...drawAction(drawKind(prng), prng) }
}

function drawKind(prng: SeededPrng): Action['kind'] {
  let draw = prng.below(KINDS.reduce((sum, [, weight]) => sum + weight, 0))
  for (const [kind, weight] of KINDS) {
    if (draw < weight) return kind
    draw -= weight
  }
  return 'append'
}

function drawAction(kind: Action['kind'], prng: SeededPrng): Action {
  const producer = prng.below(PRODUCERS)
  const durability: Durability = prng.below(2) === 0 ? 'flushed' : 'written'
  const share = { percent: prng.below(101) }
  switch (kind) {
    case 'append': {
      // Now and then one that is not copied, but written at once.
      const isLarge = prng.below(40) === 0
      const [records, valueBytes] = isLarge ? [1, 16_500] : [1 + prng.below(4), prng.below(300)]
      const compressionType = prng.below(6) === 0 ? 'lz4' : 'none'
      return { kind, producer, records, valueBytes, durability, compressionType }
    }
    case 'repeat':
      return { kind, producer, back: prng.below(5), durability }
    case 'end':
      return { kind, producer: 2 + prng.below(2), isAbort: prng.below(2) === 0 }
    case 'fence':
      return { kind, producer: 1 + prng.below(PRODUCERS - 1) }
    case 'fill':
      return { kind, appends: 1 + prng.below(6) }
    case 'delete':
    case 'read':
      return { kind, ...share }
    case 'advance':
      return { kind, ms: prng.below(3) === 0 ? 61_000 : prng.below(3000) }
    case 'configure':
      return { kind, flush: prng.below(2) === 0 ? 'os' : 'device' }
    default:
      return { kind }
  }
}
