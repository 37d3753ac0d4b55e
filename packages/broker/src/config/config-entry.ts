import type { ConfigType } from './definition.ts'

/** Where a value comes from, by Kafka's names. */
export type ConfigSource =
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'DYNAMIC_BROKER_LOGGER_CONFIG'
  | 'CLIENT_METRICS_CONFIG'
  | 'GROUP_CONFIG'

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

/** One config as DescribeConfigs shows it. */
export interface ConfigEntry {
  readonly name: string
  /** Null also where the value is secret. */
  readonly value: string | null
  readonly source: ConfigSource
  readonly isSensitive: boolean
  readonly isReadOnly: boolean
  /** Null for a custom key. */
  readonly type: ConfigType | null
  /** A sentence for people; null for a custom key. */
  readonly documentation: string | null
  /** By precedence: the first one is in force. */
  readonly synonyms: readonly ConfigSynonym[]
}
