import type { OffsetCommitTopic } from '@odradek/coordinators'
import { ErrorCode, OffsetCommit, type OffsetCommitRequest } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { commitRows, everyCommitRow } from '../groups/offset-commit-plan.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

const GROUP_ID_NOT_FOUND_VERSION_MIN = 9
const TOPIC_ID_VERSION_MIN = 10

/**
 * OffsetCommit 0-10. A time of commit in version 1, a retention time in 2 to 4, static members from 7, topic ids from
 * 10. Kafka kept version 0 in ZooKeeper; here it commits like the others, for a consumer without a group.
 */
export const offsetCommit = handler(
  OffsetCommit,
  [0, 10],
  async (request, context) => {
    if (!context.authorize('READ', 'GROUP', request.groupId))
      return everyCommitRow(request.topics, ErrorCode.GROUP_AUTHORIZATION_FAILED)
    return commitRows(request.topics, context.version >= TOPIC_ID_VERSION_MIN, context, (topics) =>
      askGroup<'OffsetCommit'>(context, request.groupId, commandOf(request, topics, context)),
    )
  },
  { onBug: (request) => everyCommitRow(request.topics, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function commandOf(request: OffsetCommitRequest, topics: readonly OffsetCommitTopic[], { version }: RequestContext) {
  return {
    kind: 'OffsetCommit',
    groupId: request.groupId,
    generationIdOrMemberEpoch: request.generationIdOrMemberEpoch,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    retentionTimeMs: request.retentionTimeMs,
    knowsGroupIdNotFound: version >= GROUP_ID_NOT_FOUND_VERSION_MIN,
    topics,
  } as const
}
