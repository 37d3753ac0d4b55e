import type { TransactionCommand, TransactionResponse, TransactionResponseOf } from '@odradek/coordinators'
import { assert, type NodeId } from '@odradek/core'
import type { RequestContext } from '../request-context.ts'
import type { Services } from '../services.ts'

type CommandOf<Kind extends TransactionCommand['kind']> = Extract<TransactionCommand, { readonly kind: Kind }>

/** Hands a command to the id's coordinator, in the name of the node that was asked. */
export async function askTransaction<Kind extends TransactionCommand['kind']>(
  { services, node }: { readonly services: Pick<Services, 'transactions'>; readonly node: NodeId },
  transactionalId: string,
  command: CommandOf<Kind> & TransactionCommand,
): Promise<TransactionResponseOf<Kind>> {
  const response = await services.transactions.submit(node, transactionalId, command)
  assert(answers<Kind>(response, command.kind), `${response.kind} answers ${command.kind}`)
  return response
}

/** Asks every coordinator of the node. */
export async function askAllTransactions<Kind extends TransactionCommand['kind']>(
  { services, node }: RequestContext,
  command: CommandOf<Kind> & TransactionCommand,
): Promise<TransactionResponseOf<Kind>[]> {
  const responses = await services.transactions.submitToAll(node, command)
  return responses.map((response) => {
    assert(answers<Kind>(response, command.kind), `${response.kind} answers ${command.kind}`)
    return response
  })
}

function answers<Kind extends TransactionCommand['kind']>(
  response: TransactionResponse,
  kind: string,
): response is TransactionResponseOf<Kind> & TransactionResponse {
  return response.kind === kind
}
