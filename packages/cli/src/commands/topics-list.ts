import type { ClientVerb } from './verb.ts'

export const TOPICS_LIST: ClientVerb = {
  name: 'list',
  description: 'All topics, with partitions and replication factor.',
  define(command) {
    command.option('--internal', 'also those that brokers keep for themselves')
  },
  task(given) {
    const withInternal = given.has('internal')
    return async (session) => {
      const { topics } = await session.client.retrying(() => session.client.metadata(null))
      const rows = topics
        .filter(({ isInternal }) => withInternal || !isInternal)
        .map(({ name, topicId, partitions, isInternal }) => ({
          topic: name,
          partitions: partitions.length,
          replicas: partitions[0]?.replicaNodes.length ?? 0,
          internal: isInternal,
          id: topicId,
        }))
        .sort((a, b) => ((a.topic ?? '') < (b.topic ?? '') ? -1 : 1))
      session.show(rows, 'there are no topics; odradek topics create NAME makes one')
    }
  },
}
