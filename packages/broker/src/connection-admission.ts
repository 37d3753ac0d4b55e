import type { Cancel, Clock, NodeId } from '@odradek/core'
import type { ConnectionRates } from './quotas/connection-rates.ts'

/** Connections that wait for their turn on one listener; more are closed, and their clients try again. */
export const WAITING_CONNECTIONS_MAX = 1000

/** Connections over their address's quota that are kept to be closed later; more are closed at once. */
export const HELD_CONNECTIONS_MAX = 1000

/** What is looked at of a socket. */
interface AcceptedSocket {
  readonly destroyed: boolean
  readonly remoteAddress?: string | undefined
  on(event: 'error', listener: () => void): unknown
  destroy(): unknown
}

/** A connection that has been accepted by the operating system. */
export interface Arrival {
  readonly socket: AcceptedSocket
  readonly node: NodeId
  readonly listener: string
  /** Lets it in. */
  readonly enter: () => void
}

/**
 * Lets connections in as fast as quotas allow, in Kafka's way: where a listener is too fast, its connections wait, one
 * behind the other; where an address is, the connection is not served, and closed after a while.
 */
export class ConnectionAdmission {
  private readonly clock: Clock
  private readonly ratesOf: (node: NodeId) => ConnectionRates
  /** By node and listener, while one waits; the one at the front is not among them. */
  private readonly lines = new Map<string, Arrival[]>()
  private readonly held = new Map<AcceptedSocket, Cancel>()
  private readonly cancels = new Map<string, Cancel>()

  constructor(clock: Clock, ratesOf: (node: NodeId) => ConnectionRates) {
    this.clock = clock
    this.ratesOf = ratesOf
  }

  admit(arrival: Arrival): void {
    const key = `${arrival.node} ${arrival.listener}`
    const line = this.lines.get(key)
    if (line === undefined) this.takeUp(key, [arrival])
    else if (line.length < WAITING_CONNECTIONS_MAX) line.push(withoutErrors(arrival))
    else arrival.socket.destroy()
  }

  /** Closes all that wait. */
  close(): void {
    for (const cancel of [...this.cancels.values(), ...this.held.values()]) cancel()
    for (const { socket } of [...this.lines.values()].flat()) socket.destroy()
    for (const socket of this.held.keys()) socket.destroy()
    this.lines.clear()
    this.cancels.clear()
    this.held.clear()
  }

  /** Lets in as many as may come at once; the next one waits with all behind it. */
  private takeUp(key: string, line: Arrival[]): void {
    for (let arrival = line.shift(); arrival !== undefined; arrival = line.shift()) {
      const delayMs = this.ratesOf(arrival.node).delayMs(arrival.listener)
      if (delayMs > 0) {
        this.wait(key, withoutErrors(arrival), line, delayMs)
        return
      }
      this.enter(arrival)
    }
    this.lines.delete(key)
  }

  private wait(key: string, first: Arrival, line: Arrival[], delayMs: number): void {
    this.lines.set(key, line)
    const cancel = this.clock.after(delayMs, () => {
      this.cancels.delete(key)
      this.enter(first)
      this.takeUp(key, line)
    })
    this.cancels.set(key, () => {
      cancel()
      first.socket.destroy()
    })
  }

  private enter({ socket, node, enter }: Arrival): void {
    if (socket.destroyed) return
    const refusalMs = this.ratesOf(node).refusalMs(socket.remoteAddress ?? '')
    if (refusalMs === 0) enter()
    else if (this.held.size >= HELD_CONNECTIONS_MAX) socket.destroy()
    else this.hold(socket, refusalMs)
  }

  private hold(socket: AcceptedSocket, refusalMs: number): void {
    socket.on('error', () => {})
    const cancel = this.clock.after(refusalMs, () => {
      this.held.delete(socket)
      socket.destroy()
    })
    this.held.set(socket, cancel)
  }
}

/** A reset while it waits is no event of ours. */
function withoutErrors(arrival: Arrival): Arrival {
  arrival.socket.on('error', () => {})
  return arrival
}
