import { ErrorCode, Heartbeat } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'

/** Heartbeat 0-4, of members of classic groups; static members from version 3. */
export const heartbeat = handler(
  Heartbeat,
  [0, 4],
  async ({ groupId, generationId, memberId, groupInstanceId }, context) => {
    if (!context.authorize('READ', 'GROUP', groupId)) return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
    const command = { kind: 'Heartbeat', groupId, generationId, memberId, groupInstanceId } as const
    const { errorCode } = await askGroup<'Heartbeat'>(context, groupId, command)
    return { errorCode }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }) },
)
