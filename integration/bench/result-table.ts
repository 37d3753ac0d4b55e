import { GENERATOR_SHARE_MAX, type Measured, shareOf, valuesOf } from './rounds.ts'
import { FIGURE_NAMES, FIGURES, type FigureName } from './sample.ts'
import { spreadOf } from './statistics.ts'
import { TARGETS, type TargetName } from './target.ts'

const NOT_MEASURABLE = 'not measurable now'

function figureText(values: readonly number[], digits: number): string {
  const { median: middle, least, most } = spreadOf(values)
  return values.length === 1
    ? middle.toFixed(digits)
    : `${middle.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`
}

function notesOf(measured: Measured, target: TargetName): readonly string[] {
  const notes = [
    `foreign CPU ${Math.round(shareOf(measured, target, 'foreignShare').median * 100)} %`,
    `steal ${(shareOf(measured, target, 'stealShare').median * 100).toFixed(1)} %`,
  ]
  const generator = shareOf(measured, target, 'generatorShare').median
  if (generator > 0) notes.push(`generator ${Math.round(generator * 100)} % of a core`)
  if (generator > GENERATOR_SHARE_MAX) notes.push('generator-bound')
  return notes
}

const ours = (measured: Measured, target: TargetName, figure: FigureName): string => {
  const values = valuesOf(measured, target, figure)
  return values.length === 0 ? '' : figureText(values, FIGURES[figure].digits)
}

/** One workload: a line for each target with the median of each figure, and from the least to the most. */
export function resultText(measured: Measured): string {
  const { name, accepted, thrownAway, isMeasurable } = measured
  const rounds = `${accepted.length} rounds${thrownAway === 0 ? '' : `, ${thrownAway} thrown away`}`
  const lines = [`${name}: ${rounds}${isMeasurable ? '' : `: ${NOT_MEASURABLE}`}`]
  for (const target of TARGETS) {
    const figures = FIGURE_NAMES.flatMap((figure) => {
      const text = ours(measured, target, figure)
      return text === '' ? [] : [`${FIGURES[figure].title} ${text}`]
    })
    if (figures.length === 0) continue
    lines.push(`  ${target.padEnd(8)} ${figures.join('; ')}`)
    lines.push(`  ${''.padEnd(8)} ${notesOf(measured, target).join(', ')}`)
  }
  return lines.join('\n')
}

/** As it stands in a file: medians, spreads and every round. */
export function resultJson(measured: Measured): unknown {
  const targets = TARGETS.flatMap((target) => {
    const figures = FIGURE_NAMES.flatMap((figure) => {
      const values = valuesOf(measured, target, figure)
      return values.length === 0 ? [] : [[figure, { ...spreadOf(values), values }] as const]
    })
    if (figures.length === 0) return []
    const shares = (['stealShare', 'foreignShare', 'generatorShare'] as const).map(
      (share) => [share, shareOf(measured, target, share).median] as const,
    )
    return [[target, { ...Object.fromEntries(figures), ...Object.fromEntries(shares) }] as const]
  })
  const { name, accepted, thrownAway, isMeasurable } = measured
  return { name, rounds: accepted.length, thrownAway, isMeasurable, targets: Object.fromEntries(targets) }
}
