import type { Logger, NodeId } from '@odradek/core'
import type { Connections } from '../connections.ts'
import type { Listener } from '../listener.ts'
import type { Metadata, NodeRegistration } from '../metadata/metadata.ts'

/** A node of this process. */
export interface HostedNode {
  readonly id: NodeId
  readonly rack: string | null
  /** Closed while the node is stopped. */
  listeners: readonly Listener[]
}

/** What was asked for cannot be; the message is for a person. */
export class NodeSwitchError extends Error {
  override readonly name = 'NodeSwitchError'
}

export interface NodeSwitchOptions {
  readonly nodes: readonly HostedNode[]
  readonly metadata: Pick<Metadata, 'stopNode' | 'startNode'>
  readonly connections: Pick<Connections, 'closeOf'>
  /** Begins to take connections of a listener of the node. */
  serve(node: HostedNode, listener: Listener): void
  readonly logger: Logger
}

/**
 * Takes single nodes out of a running process and brings them back, one after the other, as brokers of a cluster are
 * restarted: others lead in the meantime, and clients find them.
 */
export class NodeSwitch {
  private readonly options: NodeSwitchOptions
  private readonly stopped = new Set<NodeId>()
  private last: Promise<unknown> = Promise.resolve()
  private isClosed = false

  constructor(options: NodeSwitchOptions) {
    this.options = options
  }

  /** Nothing happens when it is stopped already. @throws NodeSwitchError or MetadataLogError */
  stop(id: number): Promise<void> {
    return this.inOrder(id, (node) => this.stopNode(node))
  }

  /** On the same ports. Nothing happens when it runs. @throws NodeSwitchError, ListenError or MetadataLogError */
  start(id: number): Promise<void> {
    return this.inOrder(id, (node) => this.startNode(node))
  }

  /** Resolves when nothing is switched any more. */
  async close(): Promise<void> {
    this.isClosed = true
    await this.last
  }

  private inOrder(id: number, task: (node: HostedNode) => Promise<void>): Promise<void> {
    const done = this.last.then(() => {
      const node = this.options.nodes.find((each) => each.id === id)
      if (this.isClosed) throw new NodeSwitchError('the broker is stopping')
      if (node !== undefined) return task(node)
      const ids = this.options.nodes.map((each) => each.id).join(', ')
      throw new NodeSwitchError(`there is no node ${id}; there are ${ids}`)
    })
    this.last = done.catch(() => {})
    return done
  }

  /** Leaders move first, while clients are still answered: they hear who leads now. */
  private async stopNode(node: HostedNode): Promise<void> {
    if (this.stopped.has(node.id)) return
    const { connections, logger, metadata } = this.options
    await metadata.stopNode(node.id)
    this.stopped.add(node.id)
    for (const listener of node.listeners) listener.close()
    await connections.closeOf(node.id)
    logger.info('node stopped', { node: node.id })
  }

  private async startNode(node: HostedNode): Promise<void> {
    if (!this.stopped.has(node.id)) return
    const { logger, metadata, serve } = this.options
    const opened: Listener[] = []
    try {
      for (const listener of node.listeners) opened.push(await listener.reopened())
      await metadata.startNode(registration({ ...node, listeners: opened }))
    } catch (error) {
      for (const listener of opened) listener.close()
      throw error
    }
    node.listeners = opened
    this.stopped.delete(node.id)
    for (const listener of opened) serve(node, listener)
    logger.info('node started', { node: node.id })
  }
}

/** What a node says of itself when it comes up. */
export function registration({ id, listeners, rack }: HostedNode): NodeRegistration {
  const endpoints = listeners.map(({ open }) => ({
    listener: open.name,
    host: open.advertisedHost,
    port: open.advertisedPort,
    securityProtocol: open.securityProtocol,
  }))
  return { id, rack, endpoints }
}
