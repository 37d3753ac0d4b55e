import { DeleteAcls, type DeleteAclsRequest, ErrorCode } from '@odradek/protocol'
import { type DeletedAcls, notDeleted } from '../acls/acl-decision.ts'
import { aclFilterOf, aclRefusal, entryRow, filterProblem, hasUnknownCode, patternRow } from '../acls/acl-wire.ts'
import { handler } from '../handler.ts'
import type { Outcome } from '../metadata/controller.ts'

const BUG: Outcome = { error: 'UNKNOWN_SERVER_ERROR', message: null }

/** DeleteAcls 0-3. From 1 on with types of patterns (KIP-290). All filters are applied to the same ACLs, and at once. */
export const deleteAcls = handler(
  DeleteAcls,
  [0, 3],
  async (request, context) => {
    const { filters } = request
    if (filters.some(hasUnknownCode)) {
      context.close('DeleteAcls with a code of 0')
      return null
    }
    const refusal = aclRefusal(context, 'ALTER')
    if (refusal !== null) return everyFilter(request, refusal)
    const problems = filters.map(filterProblem)
    const asked = filters.filter((_, index) => problems[index] === null).map(aclFilterOf)
    const results = [...(await context.services.controller.deleteAcls(asked))]
    return {
      filterResults: problems.map((problem) =>
        resultOf(problem === null ? (results.shift() ?? notDeleted(BUG)) : notDeleted(problem)),
      ),
    }
  },
  { onBug: (request) => everyFilter(request, BUG) },
)

function everyFilter({ filters }: DeleteAclsRequest, outcome: Outcome) {
  return { filterResults: filters.map(() => resultOf(notDeleted(outcome))) }
}

function resultOf({ error, message, acls }: DeletedAcls) {
  return {
    errorCode: ErrorCode[error],
    errorMessage: message,
    matchingAcls: acls.map((acl) => ({
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      ...patternRow(acl),
      ...entryRow(acl),
    })),
  }
}
