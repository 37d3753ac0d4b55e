import { isTooLarge } from '../transactions/whole-text-pattern.ts'
import { type ConfigProblem, invalidConfig, invalidRequest } from './config-problem.ts'
import { clientMetricsConfigs } from './definitions/client-metrics-configs.ts'
import { javaSplit, javaTrim } from './java-text.ts'
import type { ConfigMap } from './layers.ts'
import { isLinearPattern } from './linear-pattern.ts'
import { parseConfigValue } from './parse-value.ts'

const INTERVAL_MS_MIN = 100
const INTERVAL_MS_MAX = 3_600_000

/** What a subscription may select clients by (KIP-714). */
const MATCH_KEYS: ReadonlySet<string> = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
])

/** All configs that a client metrics subscription would have; the engine of patterns is loaded. */
export function checkClientMetricsConfigs(own: ConfigMap): ConfigProblem | null {
  for (const name of own.keys()) {
    if (!clientMetricsConfigs.has(name)) return invalidRequest(`Unknown client metrics configuration: ${name}`)
  }
  for (const [name, text] of own) {
    const problem = checkValue(name, text)
    if (problem !== null) return problem
  }
  return null
}

function checkValue(name: string, text: string): ConfigProblem | null {
  const definition = clientMetricsConfigs.get(name)
  const parsed = definition === undefined ? null : parseConfigValue(definition, text)
  if (parsed === null) return null
  if (!parsed.ok) return invalidConfig(parsed.problem)
  const { value } = parsed
  if (typeof value === 'number' && (value < INTERVAL_MS_MIN || value > INTERVAL_MS_MAX)) {
    return invalidRequest(
      `Invalid value ${text} for configuration ${name}: must be from ${INTERVAL_MS_MIN} to ${INTERVAL_MS_MAX}`,
    )
  }
  if (name !== 'match' || !Array.isArray(value)) return null
  const illegal = value.find((pattern) => !isMatchPattern(pattern))
  if (illegal === undefined) return null
  return invalidConfig(
    `Invalid value ${illegal} for configuration match: must be KEY=REGEX with a key of ${[...MATCH_KEYS].join(', ')}`,
  )
}

function isMatchPattern(pattern: string): boolean {
  const [key = '', text, ...others] = javaSplit(pattern, '=')
  if (text === undefined || others.length > 0 || !MATCH_KEYS.has(javaTrim(key))) return false
  const regex = javaTrim(text)
  return !isTooLarge(regex) && isLinearPattern(regex)
}
