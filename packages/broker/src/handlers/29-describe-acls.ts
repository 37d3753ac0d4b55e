import { DescribeAcls, ErrorCode } from '@odradek/protocol'
import type { Acl } from '../acls/acl.ts'
import { aclFilterOf, aclRefusal, entryRow, filterProblem, hasUnknownCode, patternRow } from '../acls/acl-wire.ts'
import { handler } from '../handler.ts'

/** DescribeAcls 0-3. From 1 on with types of patterns (KIP-290). A filter with a code that nothing has finds nothing. */
export const describeAcls = handler(
  DescribeAcls,
  [0, 3],
  (request, context) => {
    if (hasUnknownCode(request)) {
      context.close('DescribeAcls with a code of 0')
      return null
    }
    const refusal = aclRefusal(context, 'DESCRIBE')
    if (refusal !== null) return answer(ErrorCode[refusal.error], refusal.message)
    const { acls } = context.services
    if (acls === null || filterProblem(request) !== null) return answer(ErrorCode.NONE, '')
    const found = acls.find(aclFilterOf(request)).map(([, acl]) => acl)
    return { ...answer(ErrorCode.NONE, ''), resources: byPattern(found) }
  },
  { onBug: () => answer(ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function byPattern(acls: readonly Acl[]) {
  const groups = new Map<string, { first: Acl; entries: ReturnType<typeof entryRow>[] }>()
  for (const acl of acls) {
    const key = JSON.stringify([acl.resourceType, acl.patternType, acl.resourceName])
    const group = groups.get(key) ?? { first: acl, entries: [] }
    groups.set(key, group)
    group.entries.push(entryRow(acl))
  }
  return Array.from(groups.values(), ({ first, entries }) => ({ ...patternRow(first), acls: entries }))
}

function answer(errorCode: ErrorCode, errorMessage: string | null) {
  return { errorCode, errorMessage, resources: [] }
}
