import { SUPPORTED_FEATURES } from '../supported-features.ts'

/** Features that Kafka 4.4 has beside those that work here; level 0 is "not in use". */
const OTHER_FEATURES_OF_KAFKA: ReadonlySet<string> = new Set([
  'group.version',
  'kraft.version',
  'share.version',
  'streams.version',
])

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
  if (feature !== undefined) {
    if (level >= feature.min && level <= feature.max) return null
    return `feature ${name}=${level}: levels ${feature.min} to ${feature.max} work here`
  }
  const known = SUPPORTED_FEATURES.map((supported) => supported.name).join(', ')
  if (!OTHER_FEATURES_OF_KAFKA.has(name)) return `feature ${name}: there is no such feature; known are ${known}`
  return level === 0 ? null : `feature ${name}=${level}: it does not work here yet, so only level 0 can be set`
}
