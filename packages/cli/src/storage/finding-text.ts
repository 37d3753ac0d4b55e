import { type Finding, isDamage } from '@odradek/log'

/** One line for a person. */
export function findingText(finding: Finding): string {
  const { file, position, sizeBytes, fromOffset, toOffset, isBelowRecoveryPoint, what } = finding
  const parts = [file]
  if (position !== undefined && sizeBytes !== undefined) parts.push(`bytes ${position} to ${position + sizeBytes - 1}`)
  if (fromOffset !== undefined) {
    parts.push(
      typeof toOffset === 'number' ? `offsets ${fromOffset} to ${toOffset - 1}` : `offsets from ${fromOffset} on`,
    )
  }
  if (isBelowRecoveryPoint !== undefined) {
    parts.push(isBelowRecoveryPoint ? 'below the recovery point' : 'above the recovery point')
  }
  return `${parts.join(', ')}: ${what}`
}

/** The same for a program. */
export function findingFields(finding: Finding): object {
  return { ...finding, isDamage: isDamage(finding) }
}
