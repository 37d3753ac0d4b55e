import { DeleteGroups } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import type { ClientVerb } from './verb.ts'

export const GROUPS_DELETE: ClientVerb = {
  name: 'delete',
  description: 'Delete groups that have no members, with their offsets.',
  define(command) {
    command.argument('<groups...>', 'their ids')
  },
  task(given) {
    return (session) =>
      session.each(given.words, async (groupId) => {
        const { client } = session
        await client.retrying(async () => {
          const connection = await client.groupCoordinator(groupId)
          const { results } = await connection.call(DeleteGroups, { groupsNames: [groupId] })
          expectOk(`group ${groupId}`, results[0]?.errorCode ?? -1, results[0]?.errorMessage ?? null)
        })
        session.did(`deleted ${groupId}`, { group: groupId, deleted: true })
      })
  },
}
