import { ErrorCode, errorName } from '@odradek/protocol'

/** A command could not do what it was asked for: one line that names the value, and what to do. Ends the process with code 1. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
  /** Kafka's code, where a broker has answered with one. */
  readonly code: number | null

  constructor(message: string, code: number | null = null) {
    super(message)
    this.code = code
  }
}

/** Asking again may help: a leader or coordinator has moved, a connection was lost. */
export class RetriableFailure extends CommandFailure {
  override readonly name = 'RetriableFailure'
}

/** Errors that go away by themselves. That a topic is unknown is the answer here, though clients that hold old metadata ask again. */
const RETRIABLE: ReadonlySet<number> = new Set([
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.REPLICA_NOT_AVAILABLE,
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.NOT_CONTROLLER,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.OFFSET_NOT_AVAILABLE,
  ErrorCode.UNSTABLE_OFFSET_COMMIT,
  ErrorCode.THROTTLING_QUOTA_EXCEEDED,
  ErrorCode.CONCURRENT_TRANSACTIONS,
])

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'there is none; see odradek topics list'],
  [ErrorCode.TOPIC_ALREADY_EXISTS, 'it is there already; --if-not-exists passes over it'],
  [ErrorCode.GROUP_ID_NOT_FOUND, 'there is none; see odradek groups list'],
  [ErrorCode.NON_EMPTY_GROUP, 'it has members; stop them first'],
  [ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, 'a member reads this topic; stop it first'],
  [ErrorCode.UNKNOWN_MEMBER_ID, 'the group has members; stop them first'],
  [ErrorCode.OFFSET_OUT_OF_RANGE, 'the partition has no such offset; see odradek topics offsets'],
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'this user may not do that to the topic'],
  [ErrorCode.GROUP_AUTHORIZATION_FAILED, 'this user may not do that to the group'],
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'this user may not do that to the cluster'],
])

/**
 * Does nothing for code 0. The line has what it is about, the error's name, and the broker's own words or else ours.
 * @throws RetriableFailure or CommandFailure
 */
export function expectOk(about: string, code: number, message: string | null = null): void {
  if (code === ErrorCode.NONE) return
  const text = failureText(about, code, message)
  throw RETRIABLE.has(code) ? new RetriableFailure(text, code) : new CommandFailure(text, code)
}

function failureText(about: string, code: number, message: string | null): string {
  const words = [REMEDIES.get(code), message].filter((part) => part !== undefined && part !== null && part !== '')
  return `${about}: ${[errorName(code), ...words.slice(0, 1)].join(': ')}${words.length > 1 ? ` (${words[1]})` : ''}`
}

/** An AggregateError of several addresses of one name has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
