import { DeleteTopics, ErrorCode } from '@odradek/protocol'
import { expectOk } from '../client/failure.ts'
import type { ClientVerb } from './verb.ts'

/** From here on topics are named one by one, by name or id. */
const TOPICS_VERSION = 6

export const TOPICS_DELETE: ClientVerb = {
  name: 'delete',
  description: 'Delete topics with all their records.',
  define(command) {
    command.argument('<topics...>', 'their names').option('--if-exists', 'pass over those that are not there')
  },
  task(given) {
    return (session) =>
      session.each(given.words, async (name) => {
        const { client } = session
        const isDeleted = await client.retrying(async () => {
          const controller = await client.controller()
          const version = controller.versionOf(DeleteTopics)
          const which = version >= TOPICS_VERSION ? { topics: [{ name }] } : { topicNames: [name] }
          const { responses } = await controller.callIn(DeleteTopics, version, {
            ...which,
            timeoutMs: client.timeoutMs,
          })
          const { errorCode = ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage = null } = responses[0] ?? {}
          if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && given.has('ifExists')) return false
          expectOk(`topic ${name}`, errorCode, errorMessage)
          return true
        })
        session.did(isDeleted ? `deleted ${name}` : `there is no ${name}`, { topic: name, deleted: isDeleted })
      })
  },
}
