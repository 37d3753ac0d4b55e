import { DescribeConfigs } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import type { KafkaConnection } from '../client/kafka-connection.ts'
import { UsageError } from '../usage-error.ts'
import { integerFrom } from './given.ts'

const INT32_MAX = 2_147_483_647
/** Older versions do not tell where a value comes from. */
const SOURCES_VERSION = 1

const TYPES = { topic: 2, broker: 4, 'broker-logger': 8, 'client-metrics': 16, group: 32 } as const
export type ResourceType = keyof typeof TYPES

/** Something that has configs. A broker's name is its id; without one it stands for all brokers. */
export interface ConfigResource {
  readonly type: ResourceType
  readonly name: string
}

export interface ConfigEntry {
  readonly key: string
  readonly value: string | null
  readonly source: string
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
}

/** By Kafka's number; `file` is what the broker was started with. */
const SOURCES = ['unknown', 'topic', 'broker', 'cluster', 'file', 'default', 'logger', 'client-metrics', 'group']

export const RESOURCE_TYPES = Object.keys(TYPES).join(', ')

const isResourceType = (text: string): text is ResourceType => Object.hasOwn(TYPES, text)

export const resourceTypeCode = (type: ResourceType): number => TYPES[type]

export function resourceTypeOf(code: number): string {
  return Object.entries(TYPES).find(([, each]) => each === code)?.[0] ?? `type ${code}`
}

/** @throws UsageError */
export function resourceTypeFrom(text: string): ResourceType {
  // Kafka's own tool says them in the plural.
  const singular = text.replace(/(topic|broker|logger|group)s$/, '$1')
  if (isResourceType(singular)) return singular
  throw new UsageError(`"${text}" has no configs: write one of ${RESOURCE_TYPES}`)
}

/** @throws UsageError for what is no kind of resource, or is one that needs a name. */
export function resourceFrom(typeText: string, name: string | undefined): ConfigResource {
  const type = resourceTypeFrom(typeText)
  if (name === undefined && type !== 'broker') throw new UsageError(`name the ${type}: odradek configs … ${type} NAME`)
  if (name !== undefined && (type === 'broker' || type === 'broker-logger'))
    integerFrom(name, `${type} id`, 0, INT32_MAX)
  return { type, name: name ?? '' }
}

export const resourceText = ({ type, name }: ConfigResource): string =>
  name === '' ? 'all brokers' : `${type} ${name}`

/** Who answers for a resource: a broker itself for what is its own. */
export function connectionFor(client: KafkaClient, { type, name }: ConfigResource): Promise<KafkaConnection> {
  const isOneBroker = (type === 'broker' || type === 'broker-logger') && name !== ''
  return isOneBroker ? client.node(Number(name)) : client.any()
}

/** @throws CommandFailure */
export function describeConfigs(client: KafkaClient, resource: ConfigResource): Promise<readonly ConfigEntry[]> {
  return client.retrying(async () => {
    const connection = await connectionFor(client, resource)
    const resources = [{ resourceType: TYPES[resource.type], resourceName: resource.name, configurationKeys: null }]
    const { results } = await connection.call(DescribeConfigs, { resources }, { min: SOURCES_VERSION })
    const result = results[0]
    expectOk(resourceText(resource), result?.errorCode ?? -1, result?.errorMessage ?? null)
    const entries = (result?.configs ?? []).map(({ name, value, configSource, readOnly, isSensitive }) => ({
      key: name,
      value,
      source: SOURCES[configSource] ?? `source ${configSource}`,
      isReadOnly: readOnly,
      isSensitive,
    }))
    return entries.sort((a, b) => (a.key < b.key ? -1 : 1))
  })
}
