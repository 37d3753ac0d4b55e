import {
  DescribeUserScramCredentials,
  type DescribeUserScramCredentialsRequest,
  ErrorCode,
  type ResponseOf,
} from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { SCRAM_CODES } from '../security/sasl/scram-keys.ts'
import type { ScramCredentials } from '../security/scram-credentials.ts'

type Response = ResponseOf<typeof DescribeUserScramCredentials>
type Row = Response['results'][number]

/**
 * DescribeUserScramCredentials 0 (KIP-554): mechanisms and iterations of users, never a key. Null or no users: all. Kafka
 * answers nothing at all where the right is missing and the list is null; here that is the error alone, as for no users.
 */
export const describeUserScramCredentials = handler(
  DescribeUserScramCredentials,
  [0, 0],
  ({ users }, context) => {
    if (!context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE))
      return failed(users, ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    const { scramCredentials } = context.services
    const asked = users === null || users.length === 0 ? scramCredentials.names() : users.map(({ name }) => name)
    const counts = new Map<string, number>()
    for (const name of asked) counts.set(name, (counts.get(name) ?? 0) + 1)
    const results = Array.from(counts, ([name, count]) => rowOf(name, count, scramCredentials))
    return { errorCode: ErrorCode.NONE, errorMessage: '', results }
  },
  { onBug: ({ users }) => failed(users, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function rowOf(user: string, count: number, credentials: ScramCredentials): Row {
  if (count > 1) {
    const errorMessage = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`
    return { user, errorCode: ErrorCode.DUPLICATE_RESOURCE, errorMessage, credentialInfos: [] }
  }
  const own = credentials.of(user)
  if (own.size === 0) {
    const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`
    return { user, errorCode: ErrorCode.RESOURCE_NOT_FOUND, errorMessage, credentialInfos: [] }
  }
  const credentialInfos = Array.from(own, ([mechanism, { iterations }]) => ({
    mechanism: SCRAM_CODES[mechanism],
    iterations,
  })).sort((a, b) => a.mechanism - b.mechanism)
  return { user, errorCode: ErrorCode.NONE, errorMessage: '', credentialInfos }
}

/** As in Kafka a row for each user that was asked for, without the name. */
function failed(
  users: DescribeUserScramCredentialsRequest['users'],
  errorCode: ErrorCode,
): Omit<Response, 'throttleTimeMs'> {
  const row = { user: '', errorCode, errorMessage: null, credentialInfos: [] }
  return { errorCode, errorMessage: null, results: (users ?? []).map(() => row) }
}
