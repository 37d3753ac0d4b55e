import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brokerConfigs } from './broker-configs.ts'
import type { ConfigDefinition } from './definition.ts'
import { clientMetricsConfigs } from './definitions/client-metrics-configs.ts'
import { groupConfigs } from './definitions/group-configs.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import { describeBroker } from './describe-configs.ts'
import { NO_CONFIGS } from './layers.ts'

/** A key as Apache Kafka 4.4.0 has it in its own tables. */
interface KafkaConfig {
  readonly name: string
  readonly type: string
  readonly default?: string | null
  readonly importance: string
  readonly sensitive?: true
  readonly update?: string
  /** The broker's key that gives the default. */
  readonly serverDefault?: string
  readonly internal?: true
}

type Kind = 'broker' | 'topic' | 'group' | 'client-metrics'

const golden: Readonly<Record<Kind, readonly KafkaConfig[]>> = JSON.parse(
  readFileSync(join(__dirname, 'kafka-4.4-configs.golden.json'), 'utf8'),
)

const TABLES: Readonly<Record<Kind, ReadonlyMap<string, ConfigDefinition>>> = {
  broker: brokerConfigs,
  topic: topicConfigs,
  group: groupConfigs,
  'client-metrics': clientMetricsConfigs,
}

/** What README.md says is not Kafka's here. */
const OTHER_DEFAULTS: Readonly<Record<string, string>> = {
  'group.initial.rebalance.delay.ms': '0',
  'group.max.size': '10000',
  'max.connections': '10000',
  'max.connections.per.ip': '2000',
  'queued.max.request.bytes': '268435456',
}
const FIXED_AT_START = ['listener.security.protocol.map', 'listeners']

const kinds = ['broker', 'topic', 'group', 'client-metrics'] as const

test.each(kinds)('%s: every key of Kafka, and no other but our own', (kind) => {
  const ours = [...TABLES[kind].keys()].filter((name) => !name.startsWith('odradek.'))
  expect(ours.sort()).toEqual(golden[kind].map(({ name }) => name).sort())
})

test.each(kinds)('%s: type, default and importance of every key', (kind) => {
  const facts = golden[kind].map(({ name, type, default: text = null, importance }) => ({
    name,
    type,
    importance,
    defaultText: OTHER_DEFAULTS[name] ?? text,
  }))
  const ours = golden[kind].map(({ name }) => TABLES[kind].get(name))
  expect(ours).toMatchObject(facts)
})

test.each(kinds)('%s: a sentence for every key', (kind) => {
  for (const { name, documentation } of TABLES[kind].values()) expect(`${name}: ${documentation}`).toMatch(/: \S.+\.$/)
})

test('which keys of a broker can be changed while it runs, and at which level', () => {
  for (const { name, update } of golden.broker) {
    const expected = FIXED_AT_START.includes(name) ? 'read-only' : update
    expect([name, brokerConfigs.get(name)?.update]).toEqual([name, expected])
  }
})

test('the broker’s keys that give a topic’s and a group’s defaults', () => {
  for (const { name, serverDefault = null } of golden.topic) {
    const [brokerKey = null] = topicConfigs.get(name)?.brokerKeys ?? []
    expect([name, brokerKey]).toEqual([name, serverDefault])
  }
  for (const { name, serverDefault = null } of golden.group) {
    expect([name, groupConfigs.get(name)?.brokerKey]).toEqual([name, serverDefault])
  }
})

test('as DescribeConfigs shows a broker to which nothing was told: secrets hidden, what is fixed read-only', () => {
  const layers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: NO_CONFIGS }
  const shown = new Map(describeBroker(layers, () => true).map((entry) => [entry.name, entry]))
  for (const { name, sensitive = false, update, internal = false } of golden.broker) {
    const entry = shown.get(name)
    expect([name, entry === undefined]).toEqual([name, internal || update === 'dynamic-only'])
    if (entry === undefined) continue
    const isReadOnly = update === 'read-only' || FIXED_AT_START.includes(name)
    expect(entry).toMatchObject({ isSensitive: sensitive, isReadOnly, ...(sensitive ? { value: null } : {}) })
  }
})
