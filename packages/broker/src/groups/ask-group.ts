import type { GroupCommand, GroupResponse, GroupResponseOf } from '@odradek/coordinators'
import { assert } from '@odradek/core'
import type { RequestContext } from '../request-context.ts'

type CommandOf<Kind extends GroupCommand['kind']> = Extract<GroupCommand, { readonly kind: Kind }>

/** Hands a command to the group's coordinator, in the name of the node that was asked. `handedOver`: when that has looked at it. */
export async function askGroup<Kind extends GroupCommand['kind']>(
  context: RequestContext,
  groupId: string,
  command: CommandOf<Kind> & GroupCommand,
  handedOver?: () => void,
): Promise<GroupResponseOf<Kind>> {
  const response = await context.services.groups.submit(context.node, groupId, command, handedOver)
  assert(answers<Kind>(response, command.kind), `${response.kind} answers ${command.kind}`)
  return response
}

/** Asks every coordinator of the node. */
export async function askAllGroups<Kind extends GroupCommand['kind']>(
  context: RequestContext,
  command: CommandOf<Kind> & GroupCommand,
): Promise<GroupResponseOf<Kind>[]> {
  const responses = await context.services.groups.submitToAll(context.node, command)
  return responses.map((response) => {
    assert(answers<Kind>(response, command.kind), `${response.kind} answers ${command.kind}`)
    return response
  })
}

function answers<Kind extends GroupCommand['kind']>(
  response: GroupResponse,
  kind: string,
): response is GroupResponseOf<Kind> & GroupResponse {
  return response.kind === kind
}
