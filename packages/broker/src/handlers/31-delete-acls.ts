import { DeleteAcls, type DeleteAclsRequest, ErrorCode } from '@odradek/protocol'
import type { AclFilter } from '../acls/acl.ts'
import { type DeletedAcls, notDeleted } from '../acls/acl-decision.ts'
import { aclFilterOf, aclRefusal, entryRow, filterProblem, hasUnknownCode, patternRow } from '../acls/acl-wire.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
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
    const { clock, controller } = context.services
    const rows = await mapInTurns(clock, filters, (filter) => filterProblem(filter) ?? aclFilterOf(filter))
    const results = await controller.deleteAcls(rows.filter(isFilter))
    let next = 0
    return {
      filterResults: await mapInTurns(clock, rows, (row) =>
        resultOf(isFilter(row) ? (results[next++] ?? notDeleted(BUG)) : notDeleted(row)),
      ),
    }
  },
  { onBug: (request) => everyFilter(request, BUG) },
)

function isFilter(row: AclFilter | Outcome): row is AclFilter {
  return 'principal' in row
}

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
