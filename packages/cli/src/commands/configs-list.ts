import { ListConfigResources } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import type { KafkaClient } from '../client/kafka-client.ts'
import {
  RESOURCE_TYPES,
  type ResourceType,
  resourceTypeCode,
  resourceTypeFrom,
  resourceTypeOf,
} from './config-resources.ts'
import type { ClientVerb } from './verb.ts'

/** Version 0 knows client metrics alone. */
const ALL_TYPES_VERSION = 1

interface Listed {
  readonly type: string
  readonly name: string
}

export const CONFIGS_LIST: ClientVerb = {
  name: 'list',
  description: 'What there is that has configs: topics, brokers, groups, client metrics.',
  define(command) {
    command.option('--type <type>', `only these: ${RESOURCE_TYPES}`)
  },
  task(given) {
    const text = given.text('type')
    const type = text === null ? null : resourceTypeFrom(text)
    return async (session) => {
      const listed = await session.client.retrying(() => list(session.client, type))
      const sorted = listed.toSorted((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1))
      session.show(sorted.map(({ type, name }) => ({ type, name })))
    }
  },
}

async function list(client: KafkaClient, type: ResourceType | null): Promise<readonly Listed[]> {
  const connection = await client.any()
  if ((connection.versions.get(ListConfigResources.key)?.max ?? 0) < ALL_TYPES_VERSION) {
    const { topics, brokers } = await client.metadata(null)
    const all = [
      ...topics.map(({ name }) => ({ type: 'topic', name: name ?? '' })),
      ...brokers.map(({ nodeId }) => ({ type: 'broker', name: String(nodeId) })),
    ]
    return all.filter((each) => type === null || each.type === type)
  }
  const resourceTypes = type === null ? [] : [resourceTypeCode(type)]
  const answer = await connection.call(ListConfigResources, { resourceTypes }, { min: ALL_TYPES_VERSION })
  expectOk('configs', answer.errorCode)
  return answer.configResources.map(({ resourceType, resourceName }) => ({
    type: resourceTypeOf(resourceType),
    name: resourceName,
  }))
}
