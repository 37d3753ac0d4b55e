/** A config's value after parsing: LONG is a bigint, since its default may be 2^63-1; LIST its trimmed elements. */
export type ConfigValue = boolean | number | bigint | string | readonly string[]

/** What Kafka's own validator of a key asks of a parsed value. */
export interface ValueRule {
  /** Ends the sentence "value must be ...". */
  readonly allowed: string
  /** Of a list: an element may come again, and is shown again. */
  readonly keepsRepetitions?: true
  accepts(value: ConfigValue): boolean
}

function isNumeric(value: ConfigValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** As in Kafka, whose comparison is of doubles, "NaN" passes every range. */
export function atLeast(min: number): ValueRule {
  return { allowed: `at least ${min}`, accepts: (value) => isNumeric(value) && !(value < min) }
}

export function between(min: number, max: number): ValueRule {
  return {
    allowed: `from ${min} to ${max}`,
    accepts: (value) => isNumeric(value) && !(value < min) && !(value > max),
  }
}

/** -1 stands for the level that zlib prefers. */
export const gzipLevel: ValueRule = {
  allowed: 'from 1 to 9, or -1',
  accepts: (value) => value === -1 || (isNumeric(value) && value >= 1 && value <= 9),
}

export function oneOf(...names: readonly string[]): ValueRule {
  return {
    allowed: `one of ${names.join(', ')}`,
    accepts: (value) => typeof value === 'string' && names.includes(value),
  }
}

export function oneOfAnyCase(...names: readonly string[]): ValueRule {
  return {
    allowed: `one of ${names.join(', ')} (in any case)`,
    accepts: (value) => typeof value === 'string' && names.includes(value.toUpperCase()),
  }
}

/** For lists; the empty list passes. */
export function everyOneOf(...names: readonly string[]): ValueRule {
  return {
    allowed: `a list of ${names.join(', ')}`,
    accepts: (value) => Array.isArray(value) && value.every((element) => names.includes(element)),
  }
}

/** For lists; the empty list passes. */
export const noEmptyElements: ValueRule = {
  allowed: 'a list without empty elements',
  accepts: (value) => Array.isArray(value) && !value.includes(''),
}

/** For lists; the empty list passes. */
export const distinctElements: ValueRule = {
  allowed: 'a list that names each element once, and none that is empty',
  keepsRepetitions: true,
  accepts: (value) => Array.isArray(value) && !value.includes('') && new Set(value).size === value.length,
}

export const nonEmpty: ValueRule = {
  allowed: 'not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
}

export const throttledReplicas: ValueRule = {
  allowed: "'*' or a list of PARTITION:BROKER",
  keepsRepetitions: true,
  accepts: (value) =>
    Array.isArray(value) && (value.join('') === '*' || value.every((element) => /^(\d+:\d+)?$/.test(element))),
}

/** An ISO 8601 duration of days, hours, minutes and seconds, as java.time.Duration reads it, and not negative. */
const DURATION = /^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+([.,]\d{0,9})?S)?)?$/i

export const offsetReset: ValueRule = {
  allowed: "'earliest', 'latest' or 'by_duration:' and a duration such as PT1H30M",
  accepts: (value) => {
    if (typeof value !== 'string') return false
    if (value === 'earliest' || value === 'latest') return true
    return value.startsWith('by_duration:') && DURATION.test(value.slice('by_duration:'.length))
  },
}
