import { SUPPORTED_FEATURES } from '../supported-features.ts'

export interface ResolvedFeatures {
  /** Level by feature, of those that were named. */
  readonly levels: ReadonlyMap<string, number>
  readonly problems: readonly string[]
}

/** Reads `name=level` texts. A level is only ever finalized where it works: clients rely on it. */
export function resolveFeatures(given: readonly string[]): ResolvedFeatures {
  const levels = new Map<string, number>()
  const problems: string[] = []
  for (const text of given) {
    const [, name = '', digits = ''] = /^([^=]*)=(\d{1,5})$/.exec(text.trim()) ?? []
    const problem = featureProblem(text, name, Number(digits))
    if (problem !== null) problems.push(problem)
    else levels.set(name, Number(digits))
  }
  return { levels, problems }
}

function featureProblem(text: string, name: string, level: number): string | null {
  if (name === '') return `feature ${text}: give NAME=LEVEL, for example metadata.version=33`
  const feature = SUPPORTED_FEATURES.find((supported) => supported.name === name)
  if (feature === undefined) {
    const known = SUPPORTED_FEATURES.map((supported) => supported.name).join(', ')
    return `feature ${name}: there is no such feature; known are ${known}`
  }
  if (level >= feature.min && level <= feature.max) return null
  return feature.max === 0
    ? `feature ${name}=${level}: it does not work here, so only level 0 can be set`
    : `feature ${name}=${level}: levels ${feature.min} to ${feature.max} work here`
}
