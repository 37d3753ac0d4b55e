/** Versions from `min` to `max`, both included. */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/** A version beyond any: "3+" is everything from 3 on. */
const unbounded = 32_767

/** Reads "3", "0-2" or "3+". */
export function parseRange(text: string): VersionRange {
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (match === null) throw new Error(`"${text}" is no version range: write 3, 0-2 or 3+`)
  const min = Number(match[1])
  const max = match[2] !== undefined ? unbounded : Number(match[3] ?? min)
  if (max < min) throw new Error(`the version range "${text}" ends before it begins`)
  return { min, max }
}

export function intersect(left: VersionRange, right: VersionRange): VersionRange | null {
  const min = Math.max(left.min, right.min)
  const max = Math.min(left.max, right.max)
  return min <= max ? { min, max } : null
}

/** The condition on `version` that selects `range` where only versions of `within` come by; null when it always holds. */
export function condition(range: VersionRange, within: VersionRange): string | null {
  const fromStart = range.min <= within.min
  const toEnd = range.max >= within.max
  if (fromStart && toEnd) return null
  if (fromStart) return `version <= ${range.max}`
  if (toEnd) return `version >= ${range.min}`
  if (range.min === range.max) return `version === ${range.min}`
  return `version >= ${range.min} && version <= ${range.max}`
}

/** The opposite of `condition`, for a range that is one end of `within`. */
export function negated(test: string): string {
  const match = /^version (>=|<=) (\d+)$/.exec(test)
  if (match === null) return `!(${test})`
  return match[1] === '>=' ? `version < ${match[2]}` : `version > ${match[2]}`
}

/** Whether code asks for the parameter `version`, and not for a field of that name. */
export function usesVersion(lines: readonly string[]): boolean {
  return lines.some((line) => /(?<![.\w])version(?![\w:])/.test(line))
}
