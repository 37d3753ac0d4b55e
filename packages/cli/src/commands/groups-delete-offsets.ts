import { OffsetDelete } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import { committedOffsets } from '../client/group-offsets.ts'
import { byTopic } from '../client/partition-offsets.ts'
import { chosenPartitions, chosenTopics } from './topic-choice.ts'
import { type ClientVerb, repeated } from './verb.ts'

export const GROUPS_DELETE_OFFSETS: ClientVerb = {
  name: 'delete-offsets',
  description: 'Delete what a group has committed for topics that none of its members reads.',
  define(command) {
    command
      .argument('<group>', 'its id')
      .option('--topic <name[:0,1,2]>', 'a topic, or partitions of it; may be repeated', repeated)
      .option('--all-topics', 'all that the group has committed')
  },
  task(given) {
    const [groupId = ''] = given.words
    const choices = chosenTopics(given)
    return async (session) => {
      const { client } = session
      const committed = await client.retrying(() => committedOffsets(client, groupId))
      const partitions = await chosenPartitions(client, choices, committed)
      await session.each(byTopic(partitions), async ([name, each]) => {
        const topics = [{ name, partitions: each.map(({ partition }) => ({ partitionIndex: partition })) }]
        const answer = await client.retrying(async () => {
          const result = await (await client.groupCoordinator(groupId)).call(OffsetDelete, { groupId, topics })
          expectOk(`group ${groupId}`, result.errorCode)
          return result
        })
        await session.each(answer.topics[0]?.partitions ?? [], async ({ partitionIndex, errorCode }) => {
          expectOk(`group ${groupId}, ${name}-${partitionIndex}`, errorCode)
          const row = { group: groupId, topic: name, partition: partitionIndex, deleted: true }
          session.did(`deleted the offset of ${name}-${partitionIndex}`, row)
        })
      })
    }
  },
}
