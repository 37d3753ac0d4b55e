import { listGroups } from './list-groups.ts'
import { type ClientVerb, repeated } from './verb.ts'

export const GROUPS_LIST: ClientVerb = {
  name: 'list',
  description: 'All groups.',
  define(command) {
    command.option('--state <state>', 'only in this state (stable, empty, ...); may be repeated', repeated)
  },
  task(given) {
    const states = given.texts('state').map((state) => state.toLowerCase())
    return async (session) => {
      const groups = await listGroups(session.client)
      session.show(
        groups
          .filter(({ groupState }) => states.length === 0 || states.includes(groupState.toLowerCase()))
          .map(({ groupId, groupType, protocolType, groupState }) => ({
            group: groupId,
            // Older brokers know one type, and do not name it.
            type: groupType === '' ? 'Classic' : groupType,
            protocol: protocolType,
            state: groupState === '' ? null : groupState,
          })),
        'there are no groups',
      )
    }
  },
}
