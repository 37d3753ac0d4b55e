import { CreateAcls, type CreateAclsRequest, ErrorCode } from '@odradek/protocol'
import type { Acl } from '../acls/acl.ts'
import { aclOfCreation, aclRefusal, hasUnknownCode, isVague } from '../acls/acl-wire.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { Outcome } from '../metadata/controller.ts'

/** CreateAcls 0-3. From 1 on with types of patterns (KIP-290). Each row stands for itself, but for what Kafka trips over. */
export const createAcls = handler(
  CreateAcls,
  [0, 3],
  async (request, context) => {
    const { creations } = request
    if (creations.some(hasUnknownCode)) {
      context.close('CreateAcls with a code of 0')
      return null
    }
    const refusal = aclRefusal(context, 'ALTER')
    if (refusal !== null) return everyRow(request, refusal)
    if (creations.some(isVague)) return everyRow(request, { error: 'UNKNOWN_SERVER_ERROR', message: null })
    const { clock, controller } = context.services
    const rows = await mapInTurns(clock, creations, aclOfCreation)
    const outcomes = await controller.createAcls(rows.filter(isAcl))
    let next = 0
    return { results: await mapInTurns(clock, rows, (row) => resultOf(isAcl(row) ? outcomes[next++] : row)) }
  },
  { onBug: (request) => everyRow(request, { error: 'UNKNOWN_SERVER_ERROR', message: null }) },
)

function isAcl(row: Acl | Outcome): row is Acl {
  return 'principal' in row
}

function everyRow({ creations }: CreateAclsRequest, outcome: Outcome) {
  return { results: creations.map(() => resultOf(outcome)) }
}

function resultOf(outcome: Outcome = { error: 'UNKNOWN_SERVER_ERROR', message: null }) {
  const { error, message } = outcome
  return { errorCode: ErrorCode[error], errorMessage: error === 'NONE' ? '' : message }
}
