import { caseCalled } from './cases.ts'
import { exitCodeOf, FOREIGN_MAX, failed, GATES, type Gate, judge, judgementText } from './gates.ts'
import { GENERATOR_SHARE_MAX, type Measured, type Round } from './rounds.ts'
import type { Sample } from './sample.ts'
import { TARGETS } from './target.ts'

const RATIO: Gate = {
  what: 'produce',
  of: 'w',
  figure: 'mbPerSecond',
  to: 'limit',
  bound: { atLeast: 0.8 },
}
const ABSOLUTE: Gate = { what: 'start', of: 'w', figure: 'startMs', to: null, bound: { atMost: 120 } }

const sample = (figures: Sample['figures'], foreignShare = 0, generatorShare = 0): Sample => ({
  ...{ figures, stealShare: 0, foreignShare, generatorShare },
})

function measured(
  rounds: readonly (readonly [ours: number, theirs: number])[],
  isMeasurable = true,
  foreignShare = 0,
): Measured {
  const accepted = rounds.map(
    ([ours, theirs]): Round =>
      new Map([
        ['odradek', sample({ mbPerSecond: ours, startMs: ours }, foreignShare)],
        ['limit', sample({ mbPerSecond: theirs, startMs: theirs })],
      ]),
  )
  return { name: 'w', accepted, thrownAway: 0, isMeasurable }
}

test('a ratio at the bound passes and one below it fails', () => {
  expect(judge(RATIO, measured([[80, 100]]), TARGETS)).toMatchObject({ verdict: 'pass', ours: 80, theirs: 100 })
  expect(judge(RATIO, measured([[79.9, 100]]), TARGETS).verdict).toBe('fail')
})

test('what may be at most so much passes at the bound and fails above it', () => {
  expect(judge(ABSOLUTE, measured([[120, 1]]), TARGETS)).toMatchObject({ verdict: 'pass', theirs: null, value: 120 })
  expect(judge(ABSOLUTE, measured([[120.1, 1]]), TARGETS).verdict).toBe('fail')
})

test('what counts is the median of the ratios of each round, not the ratio of medians', () => {
  const judgement = judge(
    RATIO,
    measured([
      [10, 10],
      [90, 100],
      [50, 200],
    ]),
    TARGETS,
  )
  expect(judgement.value).toBe(0.9)
  expect(judgement.ours / (judgement.theirs ?? 0)).toBe(0.5)
})

test('a restless machine makes neither a pass nor a fail', () => {
  const judgement = judge(RATIO, measured([[1, 100]], false), TARGETS)
  expect(judgement.verdict).toBe('not measurable now')
  expect(exitCodeOf([judgement])).toBe(0)
})

test('what is only reported neither passes nor fails', () => {
  const reported: Gate = { ...RATIO, bound: null }
  const judgement = judge(reported, measured([[1, 100]]), TARGETS)
  expect(judgementText(judgement)).toBe('REPORTED produce: MB/s 1.0, limit 100.0: 0.010')
  expect(exitCodeOf([judgement])).toBe(0)
})

test('a target that was left out leaves its gates out', () => {
  const judgement = judge(RATIO, measured([[1, 100]]), ['odradek', 'kafka'])
  expect(judgement.verdict).toBe('left out')
  expect(exitCodeOf([judgement])).toBe(0)
})

test('one gate that fails makes the run fail', () => {
  const [passed, failed] = [judge(RATIO, measured([[90, 100]]), TARGETS), judge(RATIO, measured([[1, 100]]), TARGETS)]
  expect(exitCodeOf([passed])).toBe(0)
  expect(exitCodeOf([passed, failed])).toBe(1)
})

test('what went wrong while it was measured fails its gate', () => {
  expect(exitCodeOf([failed(RATIO)])).toBe(1)
  expect(judgementText(failed(RATIO))).toBe('FAIL  produce: could not be measured, wanted >= 0.8')
})

test('a line has both figures, the ratio with its spread, and what was wanted', () => {
  const judgement = judge(
    RATIO,
    measured([
      [90, 100],
      [80, 100],
    ]),
    TARGETS,
  )
  expect(judgementText(judgement)).toBe('PASS  produce: MB/s 85.0, limit 100.0: 0.850 (0.800-0.900), wanted >= 0.8')
  expect(judgementText(judge(ABSOLUTE, measured([[130, 1]]), TARGETS))).toBe(
    'FAIL  start: start ms 130: 130, wanted <= 120',
  )
})

test('every gate has something that is measured at those whom it names', () => {
  for (const { of, to } of GATES)
    expect(caseCalled(of).targets).toEqual(expect.arrayContaining(['odradek', ...(to ? [to] : [])]))
})

test('a line says when others used much of the machine', () => {
  const text = (foreignShare: number) => judgementText(judge(RATIO, measured([[90, 100]], true, foreignShare), TARGETS))
  expect(text(FOREIGN_MAX)).not.toContain('others used')
  expect(text(0.42)).toContain('wanted >= 0.8; others used 42 % of the machine')
})

test('a line says of whom the generator was measured instead', () => {
  const text = (generatorShare: number) => {
    const accepted = [
      new Map([
        ['odradek', sample({ mbPerSecond: 90 })],
        ['limit', sample({ mbPerSecond: 100 }, 0, generatorShare)],
      ] as const),
    ]
    return judgementText(judge(RATIO, { ...measured([]), accepted }, TARGETS))
  }
  expect(text(GENERATOR_SHARE_MAX)).not.toContain('generator-bound')
  expect(text(GENERATOR_SHARE_MAX + 0.01)).toContain('wanted >= 0.8; generator-bound: limit')
})
