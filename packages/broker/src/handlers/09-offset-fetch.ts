import { ErrorCode, OffsetFetch, type OffsetFetchRequest, type OffsetFetchResponseInput } from '@odradek/protocol'
import { fetchGroupOffsets, type GroupOffsets, noOffsets, type OffsetsWanted } from '../groups/offset-fetch.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** Before this version there is no error of a whole group: it stands in every row. */
const GROUP_ERROR_VERSION_MIN = 2
/** Several groups in one request from this version on (KIP-709). */
const GROUPS_VERSION_MIN = 8

/**
 * OffsetFetch 0-10. All topics of a group from version 2, stable offsets only from 7 (KIP-447), several groups from 8, topic ids from 10. Kafka kept version 0 in ZooKeeper; here it is like version 1.
 */
export const offsetFetch = handler(
  OffsetFetch,
  [0, 10],
  async (request, context) => {
    const wanted = wantedBy(request, context.version)
    const groups = await mapInTurns(context.services.clock, wanted, offsetsOf(context))
    return responseOf(context.version, wanted, groups)
  },
  {
    isAnsweredInTurns: true,
    onBug: (request, version) => {
      const wanted = wantedBy(request, version)
      const failed = wanted.map(() => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, topics: [] }))
      return responseOf(version, wanted, failed)
    },
  },
)

/** All that a group has is looked for once, however often it is named. */
function offsetsOf(context: RequestContext): (wanted: OffsetsWanted) => Promise<GroupOffsets> {
  const byMember = new Map<string, Promise<GroupOffsets>>()
  return (wanted) => {
    if (wanted.topics !== null) return fetchGroupOffsets(wanted, context)
    const key = JSON.stringify([wanted.groupId, wanted.memberId, wanted.memberEpoch])
    const known = byMember.get(key) ?? fetchGroupOffsets(wanted, context)
    byMember.set(key, known)
    return known
  }
}

function wantedBy(request: OffsetFetchRequest, version: number): OffsetsWanted[] {
  const { requireStable } = request
  if (version >= GROUPS_VERSION_MIN) return request.groups.map((group) => ({ ...group, requireStable }))
  const topics = request.topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null
  return [{ groupId: request.groupId, memberId: null, memberEpoch: -1, requireStable, topics }]
}

function responseOf(
  version: number,
  wanted: readonly OffsetsWanted[],
  groups: readonly GroupOffsets[],
): OffsetFetchResponseInput {
  if (version >= GROUPS_VERSION_MIN) {
    const rows = groups.map(({ errorCode, topics }, index) => ({
      groupId: wanted[index]?.groupId ?? '',
      topics,
      errorCode,
    }))
    return { topics: [], errorCode: ErrorCode.NONE, groups: rows }
  }
  const errorCode = groups[0]?.errorCode ?? ErrorCode.NONE
  const topics = groups[0]?.topics ?? []
  if (version >= GROUP_ERROR_VERSION_MIN || errorCode === ErrorCode.NONE) return { topics, errorCode, groups: [] }
  const asked = wanted[0]?.topics ?? []
  const failed = asked.map(({ name, partitionIndexes }) => ({
    name,
    partitions: noOffsets(partitionIndexes, errorCode),
  }))
  return { topics: failed, errorCode: ErrorCode.NONE, groups: [] }
}
