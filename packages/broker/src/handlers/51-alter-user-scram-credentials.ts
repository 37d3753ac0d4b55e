import { AlterUserScramCredentials, ErrorCode } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { SCRAM_CHANGES_MAX } from '../security/security-limits.ts'

/** AlterUserScramCredentials 0 (KIP-554). What comes is salted already: the broker never sees the password. */
export const alterUserScramCredentials = handler(
  AlterUserScramCredentials,
  [0, 0],
  async ({ deletions, upsertions }, context) => {
    const users = [...new Set([...deletions, ...upsertions].map(({ name }) => name))]
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE)) {
      const errorMessage = 'The right to alter credentials is missing'
      return {
        results: users.map((user) => ({ user, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage })),
      }
    }
    if (deletions.length + upsertions.length > SCRAM_CHANGES_MAX) {
      const errorMessage = `One request may change ${SCRAM_CHANGES_MAX} credentials at the most: ask for fewer`
      return { results: users.map((user) => ({ user, errorCode: ErrorCode.POLICY_VIOLATION, errorMessage })) }
    }
    const rows = await context.services.controller.alterScramCredentials({ deletions, upsertions })
    return {
      results: rows.map(({ user, error, message }) => ({ user, errorCode: ErrorCode[error], errorMessage: message })),
    }
  },
  {
    onBug: ({ deletions, upsertions }) => ({
      results: [...new Set([...deletions, ...upsertions].map(({ name }) => name))].map((user) => ({
        user,
        errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
        errorMessage: null,
      })),
    }),
  },
)
