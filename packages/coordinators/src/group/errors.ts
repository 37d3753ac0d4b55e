import { ErrorCode } from '@odradek/protocol'
import { missingGroup } from './admin.ts'
import { joinError, syncError } from './classic/responses.ts'
import type { GroupCommand, GroupResponse } from './commands.ts'
import { everyPartition } from './topic-results.ts'

/** The answer that says only `errorCode`, in the form that fits the command. */
export function groupErrorResponse(command: GroupCommand, errorCode: ErrorCode): GroupResponse {
  const { kind } = command
  switch (kind) {
    case 'JoinGroup':
      return joinError(command.memberId, errorCode)
    case 'SyncGroup':
      return syncError(errorCode)
    case 'Heartbeat':
      // A coordinator that has yet to read its log knows no better than that the member lives.
      return { kind, errorCode: errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : errorCode }
    case 'LeaveGroup':
      return { kind, errorCode, members: [] }
    case 'OffsetCommit':
    case 'TxnOffsetCommit':
      return { kind, topics: everyPartition(command.topics, errorCode) }
    case 'OffsetFetch':
    case 'OffsetDelete':
      return { kind, errorCode, topics: [] }
    case 'DescribeGroup':
      return { ...missingGroup(command.groupId), errorCode, errorMessage: null }
    case 'ListGroups':
      return { kind, errorCode, groups: [] }
    case 'DeleteGroup':
    case 'DropTopic':
    case 'EndTransaction':
      return { kind, errorCode }
  }
}

/** What a client is told when its group's records could not be written: never the log's own code, which is about topics. */
export function groupAppendErrorCode(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
    case ErrorCode.INVALID_FETCH_SIZE:
      return ErrorCode.UNKNOWN_SERVER_ERROR
    default:
      return errorCode
  }
}
