import { ListenerConfigError } from '../../listener-config.ts'

/** Gives the name of a principal from a certificate's subject; null where no rule fits. */
export type MapPrincipal = (distinguishedName: string) => string | null

const RULE = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,|\n|$)/y

/**
 * Compiles `ssl.principal.mapping.rules` (KIP-371): the first rule whose whole pattern fits decides. Patterns are run by an
 * engine that takes linear time, since what they are run on comes from a peer; it is loaded only where there are patterns.
 * @throws ListenerConfigError
 */
export async function compilePrincipalMapping(rules: string): Promise<MapPrincipal> {
  const steps: MapPrincipal[] = []
  const text = rules.trim()
  RULE.lastIndex = 0
  while (RULE.lastIndex < text.length) {
    const start = RULE.lastIndex
    const match = RULE.exec(text)
    if (match === null || match[0] === '') throw badRule(text.slice(start))
    const [, isDefault, pattern = '', replacement = '', letterCase = ''] = match
    steps.push(isDefault === undefined ? await patternStep(pattern, replacement, letterCase) : (name) => name)
  }
  if (steps.length === 0) steps.push((name) => name)
  return (name) => {
    for (const step of steps) {
      const mapped = step(name)
      if (mapped !== null) return mapped
    }
    return null
  }
}

async function patternStep(pattern: string, replacement: string, letterCase: string): Promise<MapPrincipal> {
  const { RE2JS, RE2JSSyntaxException } = await import('re2js')
  const compile = () => {
    try {
      return RE2JS.compile(pattern)
    } catch (error) {
      if (!(error instanceof RE2JSSyntaxException)) throw error
      throw badRule(`RULE:${pattern}/${replacement}/${letterCase}`)
    }
  }
  const compiled = compile()
  return (name) => {
    const matcher = compiled.matcher(name)
    if (!matcher.matches()) return null
    const mapped = expand(replacement, compiled.groupCount(), (group) => matcher.group(group) ?? '')
    if (letterCase === 'L') return mapped.toLowerCase()
    return letterCase === 'U' ? mapped.toUpperCase() : mapped
  }
}

/** `$1` is a group; a reference to one that the pattern does not have is text, as in Kafka. */
function expand(replacement: string, groups: number, textOf: (group: number) => string): string {
  return replacement.replaceAll(/\\(.)|\$(\d)/g, (whole, literal: string | undefined, digit: string | undefined) => {
    if (literal !== undefined) return literal
    return Number(digit) <= groups ? textOf(Number(digit)) : whole
  })
}

function badRule(text: string): ListenerConfigError {
  return new ListenerConfigError(
    `ssl.principal.mapping.rules: "${text}" is no rule: write RULE:PATTERN/REPLACEMENT/ with L or U behind it or nothing, or DEFAULT`,
  )
}
