import type { MetadataResponseTopic } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { describeConfigs } from './config-resources.ts'
import type { Row } from './output.ts'
import type { Session } from './session.ts'
import type { ClientVerb } from './verb.ts'

export const TOPICS_DESCRIBE: ClientVerb = {
  name: 'describe',
  description: 'Partitions of topics, their leaders and replicas, and the configs that differ from the defaults.',
  define(command) {
    command
      .argument('[topics...]', 'all topics when none is named')
      .option('--internal', 'without names: also internal topics')
  },
  task(given) {
    const names = given.words.length === 0 ? null : given.words
    const withInternal = given.has('internal')
    return async (session) => {
      const { topics } = await session.client.retrying(() => session.client.metadata(names))
      const chosen = topics.filter(({ isInternal }) => names !== null || withInternal || !isInternal)
      chosen.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
      await session.each(chosen, (topic) => describe(session, topic))
    }
  },
}

async function describe(session: Session, topic: MetadataResponseTopic): Promise<void> {
  const name = topic.name ?? ''
  expectOk(`topic ${name}`, topic.errorCode)
  const configs = await describeConfigs(session.client, { type: 'topic', name })
  const changed = configs.filter(({ source }) => source === 'topic')
  const partitions = [...topic.partitions]
    .sort((a, b) => a.partitionIndex - b.partitionIndex)
    .map((each) => ({
      partition: each.partitionIndex,
      leader: each.leaderId < 0 ? null : each.leaderId,
      leaderEpoch: each.leaderEpoch,
      replicas: each.replicaNodes,
      isr: each.isrNodes,
      offline: each.offlineReplicas,
    }))
  const configMembers: Row = Object.fromEntries(changed.map(({ key, value }) => [key, value]))
  if (session.isJson) {
    session.show([{ topic: name, id: topic.topicId, internal: topic.isInternal, configs: configMembers, partitions }])
    return
  }
  const text = changed.map(({ key, value }) => `${key}=${value}`).join(', ')
  session.host.stdout(`topic ${name}, id ${topic.topicId}, configs ${text === '' ? 'all at their defaults' : text}\n`)
  session.show(partitions)
}
