import { assert } from '@odradek/core'
import type { ConfigDefinition, ConfigType } from './definition.ts'
import { javaTrim } from './java-text.ts'
import type { ConfigValue } from './value-rules.ts'

export type ParsedValue =
  | { readonly ok: true; readonly value: ConfigValue }
  | { readonly ok: false; readonly problem: string }

const INTEGER = /^[+-]?\d+$/
/** In one way only, so that a long text that is none is seen to be none at once. */
const DOUBLE = /^[+-]?(NaN|Infinity|(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[fFdD]?)$/

const RANGES: Readonly<Record<'SHORT' | 'INT' | 'LONG', readonly [min: bigint, max: bigint]>> = {
  SHORT: [-32_768n, 32_767n],
  INT: [-2_147_483_648n, 2_147_483_647n],
  LONG: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
}

/** Reads a value the way Kafka's ConfigDef does: numbers and names are trimmed, booleans are in any case. */
export function parseConfigValue(definition: ConfigDefinition, text: string): ParsedValue {
  const value = read(definition, javaTrim(text))
  if (value === null) return problem(definition, text, `must be ${TYPE_SENTENCES[definition.type]}`)
  if (definition.rule !== null && !definition.rule.accepts(value)) {
    return problem(definition, text, `must be ${definition.rule.allowed}`)
  }
  return { ok: true, value }
}

/** The value of a text that was validated when it was set. */
export function configValueOf(definition: ConfigDefinition, text: string): ConfigValue {
  const value = read(definition, javaTrim(text))
  assert(value !== null, `a stored config value does not parse: ${definition.name}`)
  return value
}

/** A parsed value in the form DescribeConfigs shows. */
export function configText(type: ConfigType, value: ConfigValue): string {
  if (Array.isArray(value)) return value.join(',')
  if (type === 'DOUBLE' && typeof value === 'number') return javaDoubleText(value)
  return String(value)
}

const TYPE_SENTENCES: Readonly<Record<ConfigType, string>> = {
  BOOLEAN: 'true or false',
  STRING: 'a text',
  CLASS: 'a text',
  PASSWORD: 'a text',
  LIST: 'a list',
  SHORT: 'a whole number of 16 bits',
  INT: 'a whole number of 32 bits',
  LONG: 'a whole number of 64 bits',
  DOUBLE: 'a number',
}

function problem(definition: ConfigDefinition, text: string, sentence: string): ParsedValue {
  const shown = definition.type === 'PASSWORD' ? '[hidden]' : text
  return { ok: false, problem: `Invalid value ${shown} for configuration ${definition.name}: ${sentence}` }
}

function read({ type, rule }: ConfigDefinition, text: string): ConfigValue | null {
  switch (type) {
    case 'BOOLEAN': {
      const lower = text.toLowerCase()
      return lower === 'true' ? true : lower === 'false' ? false : null
    }
    case 'SHORT':
    case 'INT': {
      const value = readInteger(type, text)
      return value === null ? null : Number(value)
    }
    case 'LONG':
      return readInteger(type, text)
    case 'DOUBLE':
      return DOUBLE.test(text) ? Number(text.replace(/[fd]$/i, '')) : null
    case 'LIST':
      return readList(text, rule?.keepsRepetitions === true)
    default:
      return text
  }
}

function readList(text: string, keepsRepetitions: boolean): readonly string[] {
  if (text === '') return []
  const elements = text.split(',').map(javaTrim)
  return keepsRepetitions ? elements : [...new Set(elements)]
}

function readInteger(type: 'SHORT' | 'INT' | 'LONG', text: string): bigint | null {
  if (!INTEGER.test(text) || text.length > 64) return null
  const value = BigInt(text.replace(/^\+/, ''))
  const [min, max] = RANGES[type]
  return value >= min && value <= max ? value : null
}

/** Java's Double.toString: always a fraction, and an exponent below 0.001 and from ten million on. */
function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`
}
