import { UsageError } from '../usage-error.ts'
import { keyOfVariable } from './kafka-variables.ts'
import { OPTIONS, type OptionName, type Options, type Setting, type Settings } from './options.ts'

const PREFIX = 'ODRADEK_'

/** What the environment says under our own names: options, and keys of ours that no flag has. */
export interface OdradekVariables {
  readonly options: Options
  /** `ODRADEK_RECORD_VALIDATION` is `odradek.record.validation`. */
  readonly settings: Settings
}

export function odradekVariables(environment: Readonly<Record<string, string | undefined>>): OdradekVariables {
  const options = new Map<OptionName, Setting>()
  const settings = new Map<string, Setting>()
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith(PREFIX) || variable === PREFIX) continue
    const definition = OPTIONS.find((option) => option.variable === variable)
    const setting = { value, origin: variable }
    if (definition === undefined) {
      settings.set(`odradek.${keyOfVariable(variable.slice(PREFIX.length))}`, setting)
    } else if (definition.kind === 'switch') {
      options.set(definition.name, { ...setting, value: String(isOn(variable, value)) })
    } else if (value !== '') {
      // An empty variable is how a compose file leaves something unset.
      options.set(definition.name, setting)
    }
  }
  return { options, settings }
}

function isOn(variable: string, value: string): boolean {
  if (/^(true|1|yes|on)$/i.test(value)) return true
  if (/^(false|0|no|off|)$/i.test(value)) return false
  throw new UsageError(`${variable}=${value} is neither true nor false`)
}
