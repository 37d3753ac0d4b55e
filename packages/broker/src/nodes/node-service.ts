import type { Clock, Fs, Logger } from '@odradek/core'
import { RequestService, textOf } from '../operator/request-service.ts'
import { type NodeRequest, type NodeResult, nodeRequests } from './node-request.ts'
import type { NodeSwitch } from './node-switch.ts'

export interface NodeServiceOptions {
  readonly nodes: Pick<NodeSwitch, 'stop' | 'start'>
  readonly fs: Fs
  readonly directories: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** Stops and starts nodes when `odradek node` leaves a request in one of the data directories. */
export function serveNodeRequests(options: NodeServiceOptions): RequestService<NodeRequest, NodeResult> {
  const { nodes, logger } = options
  const perform = async ({ node, action }: NodeRequest): Promise<NodeResult> => {
    try {
      await (action === 'stop' ? nodes.stop(node) : nodes.start(node))
      return { ok: true }
    } catch (error) {
      logger.warn(`a node could not ${action}`, { node, why: textOf(error) })
      return { ok: false, message: textOf(error) }
    }
  }
  return new RequestService({ ...options, what: 'a node', files: nodeRequests, perform })
}
