import { RequestFiles } from '../operator/request-files.ts'

export interface NodeRequest {
  readonly id: string
  readonly node: number
  readonly action: 'stop' | 'start'
}

export type NodeResult = { readonly ok: true } | { readonly ok: false; readonly message: string }

/** `odradek node stop` and `start` to a broker that runs. */
export const nodeRequests = new RequestFiles<NodeRequest, NodeResult>('node', isRequest, isResult)

function isRequest(value: object): value is NodeRequest {
  return (
    'id' in value &&
    typeof value.id === 'string' &&
    'node' in value &&
    typeof value.node === 'number' &&
    'action' in value &&
    (value.action === 'stop' || value.action === 'start')
  )
}

function isResult(value: object): value is NodeResult {
  return 'ok' in value && (value.ok === true || 'message' in value)
}
