import type { ConfigSource } from './config-entry.ts'
import type { ConfigType } from './definition.ts'

const SOURCE_CODES: Readonly<Record<ConfigSource, number>> = {
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  CLIENT_METRICS_CONFIG: 7,
  GROUP_CONFIG: 8,
}

const TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}

const UNKNOWN_TYPE = 0

/** The wire's number for where a config comes from. */
export function configSourceCode(source: ConfigSource): number {
  return SOURCE_CODES[source]
}

/** The wire's number for a config's type; null is that of a custom key. */
export function configTypeCode(type: ConfigType | null): number {
  return type === null ? UNKNOWN_TYPE : TYPE_CODES[type]
}
