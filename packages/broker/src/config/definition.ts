import { present } from '@odradek/core'
import type { ValueRule } from './value-rules.ts'

export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD'

export type Importance = 'HIGH' | 'MEDIUM' | 'LOW'

/** `per-broker`: only under a broker's id; `cluster-wide`: also as the cluster's default; `dynamic-only`: never in a file. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide' | 'dynamic-only'

export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  /** As DescribeConfigs shows it; null: none. */
  readonly defaultText: string | null
  readonly rule: ValueRule | null
  readonly importance: Importance
  /** Kafka has the key, but does not show it unless it is set. */
  readonly isInternal: boolean
  /** One sentence for people. */
  readonly documentation: string
}

export interface BrokerConfigDefinition extends ConfigDefinition {
  readonly update: UpdateMode
}

export interface TopicConfigDefinition extends ConfigDefinition {
  /** The broker's keys that give the default, in the order they are asked. */
  readonly brokerKeys: readonly string[]
}

export interface GroupConfigDefinition extends ConfigDefinition {
  readonly brokerKey: string | null
}

type RowHead = readonly [
  name: string,
  type: ConfigType,
  defaultText: string | null,
  rule: ValueRule | null,
  importance: Importance,
]

export type BrokerConfigRow = readonly [...RowHead, update: UpdateMode, internal?: 'internal']
export type TopicConfigRow = readonly [...RowHead, brokerKeys: readonly string[], internal?: 'internal']
export type GroupConfigRow = readonly [...RowHead, brokerKey: string | null, internal?: 'internal']
export type PlainConfigRow = RowHead

/** A sentence for each key. */
export type Documentation = Readonly<Record<string, string>>

function byName<D extends ConfigDefinition>(definitions: readonly D[]): ReadonlyMap<string, D> {
  return new Map(definitions.map((definition) => [definition.name, definition]))
}

function head(
  [name, type, defaultText, rule, importance]: RowHead | BrokerConfigRow | TopicConfigRow | GroupConfigRow,
  documentation: Documentation,
) {
  const sentence = present(documentation[name], `${name} has no documentation`)
  return { name, type, defaultText, rule, importance, documentation: sentence }
}

export function brokerTable(
  rows: readonly BrokerConfigRow[],
  documentation: Documentation,
): ReadonlyMap<string, BrokerConfigDefinition> {
  return byName(rows.map((row) => ({ ...head(row, documentation), update: row[5], isInternal: row[6] === 'internal' })))
}

export function topicTable(
  rows: readonly TopicConfigRow[],
  documentation: Documentation,
): ReadonlyMap<string, TopicConfigDefinition> {
  return byName(
    rows.map((row) => ({ ...head(row, documentation), brokerKeys: row[5], isInternal: row[6] === 'internal' })),
  )
}

export function groupTable(
  rows: readonly GroupConfigRow[],
  documentation: Documentation,
): ReadonlyMap<string, GroupConfigDefinition> {
  return byName(
    rows.map((row) => ({ ...head(row, documentation), brokerKey: row[5], isInternal: row[6] === 'internal' })),
  )
}

export function plainTable(
  rows: readonly PlainConfigRow[],
  documentation: Documentation,
): ReadonlyMap<string, ConfigDefinition> {
  return byName(rows.map((row) => ({ ...head(row, documentation), isInternal: false })))
}

/** Broker keys say their unit at the end of their name; topic configs are all in milliseconds. */
export function unitMsOf(brokerKey: string): number {
  if (brokerKey.endsWith('.hours')) return 3_600_000
  return brokerKey.endsWith('.minutes') ? 60_000 : 1
}
