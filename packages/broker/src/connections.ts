import type { Socket } from 'node:net'
import type { Cancel, Clock, Logger, NodeId } from '@odradek/core'
import { Complaints } from './complaints.ts'
import type { LimitSettings } from './config/limit-settings.ts'
import { Connection, type ConnectionEnvironment, type ConnectionOrigin } from './connection.ts'
import { ConnectionCounts } from './connection-counts.ts'
import type { DispatchTable } from './dispatch.ts'
import { javaHostAddress } from './java-host-address.ts'
import { DRAIN_DEADLINE_MS, SWEEP_INTERVAL_MS } from './limits.ts'
import { noQuotas, type Quotas } from './quotas.ts'
import { ReceiveBudget } from './receive-budget.ts'
import { receiveMemory } from './receive-memory.ts'
import type { Peer } from './request-context.ts'
import { RequestRoom } from './request-room.ts'
import { type ListenerSecurity, OPEN_LISTENER } from './security/listener-security.ts'
import { Logins } from './security/logins.ts'
import { ANONYMOUS } from './security/principal.ts'
import { SaslSession } from './security/sasl/sasl-session.ts'
import type { TlsListener } from './security/tls/tls-listener.ts'
import { slowReaders } from './slow-readers.ts'
import { TurnEnd } from './turn-end.ts'
import { UnsentAnswers } from './unsent-answers.ts'

export interface ConnectionsOptions {
  readonly table: DispatchTable
  readonly settings: LimitSettings
  readonly clock: Clock
  /** What max.connections.per.ip.overrides says of an address, as Java writes it. */
  readonly overrideOf?: (host: string) => number | undefined
  readonly quotasOf?: (node: NodeId) => Quotas
  /** Told of every connection that has ended. */
  readonly onClosed?: (node: NodeId, connectionId: number) => void
  /** Of what was refused and closed; the table's unless given. */
  readonly logger?: Logger
  /** False: read by 'data' events, as where Node cannot read into our buffers. */
  readonly ownReceiveBuffers?: boolean
}

/** All connections of a broker, over its nodes and listeners: their number, their memory, their time. */
export class Connections {
  private readonly environment: ConnectionEnvironment
  private readonly settings: LimitSettings
  private readonly clock: Clock
  private readonly open = new Set<Connection>()
  /** Ends of the TLS handshakes that are under way, and the nodes that they are with. */
  private readonly handshakes = new Map<() => void, NodeId>()
  /** Who waits for connections to be closed. */
  private readonly closings = new Set<(node: NodeId) => void>()
  private readonly logins: Logins<Connection>
  private readonly counts: ConnectionCounts
  private readonly onClosed: (node: NodeId, connectionId: number) => void
  private nextId = 1
  private sweeping: Cancel | null = null
  private readonly acceptedByNode = new Map<NodeId, number>()
  /** Since the start. */
  refusedCount = 0

  constructor(options: ConnectionsOptions) {
    const { table, settings, clock } = options
    this.settings = settings
    this.clock = clock
    this.onClosed = options.onClosed ?? (() => {})
    this.logins = new Logins(settings)
    this.counts = new ConnectionCounts(settings, options.overrideOf ?? (() => undefined))
    this.environment = {
      table,
      memory: receiveMemory(),
      budget: new ReceiveBudget(settings.queuedRequestBytesMax),
      room: new RequestRoom(settings.queuedRequestBytesMax, (run) => clock.soon(run)),
      quotasOf: options.quotasOf ?? (() => noQuotas),
      complaints: new Complaints(clock, options.logger ?? table.logger),
      turnEnd: new TurnEnd(options.clock),
      unsent: new UnsentAnswers(
        settings.unsentBytesMax,
        () => this.countUnsent(),
        (keptBytesMax, latest) => this.makeRoom(keptBytesMax, latest),
      ),
      clock,
      settings,
      ownReceiveBuffers: options.ownReceiveBuffers ?? true,
      closed: (connection) => this.closed(connection),
      loginEnded: (connection) => this.logins.end(connection),
    }
  }

  get count(): number {
    return this.open.size
  }

  /** Bytes of requests in memory: begun, waiting or under way. */
  get heldBytes(): number {
    return this.environment.budget.heldBytes
  }

  /** Answers in memory that peers have not taken. */
  get unsentBytes(): number {
    return [...this.open].reduce((total, connection) => total + connection.unsentBytes, 0)
  }

  /** Open connections with a node, by the listener they came in on. */
  countByListener(node: NodeId): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { state, node: itsNode } of this.open)
      if (itsNode === node) counts.set(state.listener, (counts.get(state.listener) ?? 0) + 1)
    return counts
  }

  /** Connections that a node has taken since the start. */
  acceptedCount(node: NodeId): number {
    return this.acceptedByNode.get(node) ?? 0
  }

  /** Takes an accepted, paused socket; one too many is closed at once. */
  accept(accepted: Socket, node: NodeId, listener: string, security: ListenerSecurity = OPEN_LISTENER): void {
    const peer: Peer = { host: javaHostAddress(accepted.remoteAddress ?? ''), port: accepted.remotePort ?? 0 }
    const refusal = this.counts.refusal({ node, listener, peer }) ?? this.loginRefusal(peer, security.sasl)
    if (refusal !== null) {
      this.refuse(peer, listener, refusal, accepted)
      return
    }
    this.acceptedByNode.set(node, this.acceptedCount(node) + 1)
    this.counts.add({ node, listener, peer })
    const { securityProtocol } = security
    const sasl = security.sasl === null ? null : new SaslSession(security.sasl)
    const origin = { id: this.nextId++, node, listener, peer, principal: ANONYMOUS, securityProtocol, sasl }
    if (security.tls === null) this.begin(origin, accepted)
    else this.shakeHands(security.tls, origin, accepted)
  }

  private loginRefusal(peer: Peer, sasl: object | null): string | null {
    return sasl === null ? null : this.logins.refusal(peer)
  }

  private refuse(peer: Peer, listener: string, refusal: string, socket: Socket): void {
    this.refusedCount++
    this.environment.complaints.add(peer, listener, refusal)
    socket.destroy()
  }

  private begin(origin: ConnectionOrigin, socket: Socket): void {
    // Others may have shaken hands meanwhile.
    const refusal = this.loginRefusal(origin.peer, origin.sasl)
    if (refusal !== null) {
      this.refuse(origin.peer, origin.listener, refusal, socket)
      this.counts.remove(origin)
      return
    }
    const connection = new Connection(this.environment, origin, socket)
    this.open.add(connection)
    if (origin.sasl !== null) this.logins.begin(connection, origin.peer, this.clock.monotonicMs())
    this.planSweep()
  }

  /** A connection counts from the beginning, and is one when both sides have agreed on keys. */
  private shakeHands(tls: TlsListener, origin: ConnectionOrigin, accepted: Socket): void {
    const end = tls.handshake(accepted, (outcome) => {
      deadline()
      this.handshakes.delete(end)
      if (outcome.ok) {
        // Under SASL_SSL it is SASL that says who it is.
        const principal = outcome.subject === null || origin.sasl !== null ? ANONYMOUS : `User:${outcome.subject}`
        this.begin({ ...origin, principal, isEncrypted: true }, outcome.socket)
      } else {
        this.environment.complaints.add(origin.peer, origin.listener, outcome.reason)
        this.counts.remove(origin)
      }
    })
    const deadline = this.clock.after(this.settings.tlsHandshakeTimeoutMs, end)
    this.handshakes.set(end, origin.node)
  }

  /** Answers what is under way, within a bound, and closes all. Nothing may be accepted meanwhile. */
  async close(): Promise<void> {
    await this.end(() => true)
    this.sweeping?.()
    this.sweeping = null
  }

  /** The same for the connections to one node. */
  closeOf(node: NodeId): Promise<void> {
    return this.end((other) => other === node)
  }

  private async end(isMeant: (node: NodeId) => boolean): Promise<void> {
    const meant = [...this.open].filter(({ node }) => isMeant(node))
    const closed = this.nextClosed(isMeant, meant.length)
    for (const connection of meant) {
      connection.drain()
      connection.stopWaiting()
    }
    for (const [end, node] of [...this.handshakes]) if (isMeant(node)) end()
    const cancel = this.clock.after(DRAIN_DEADLINE_MS, () => {
      for (const connection of meant) connection.close()
    })
    await closed
    cancel()
  }

  /** Resolves when so many of the connections meant have been closed. */
  private nextClosed(isMeant: (node: NodeId) => boolean, count: number): Promise<void> {
    if (count === 0) return Promise.resolve()
    let left = count
    return new Promise((resolve) => {
      const look = (node: NodeId): void => {
        if (!isMeant(node) || --left > 0) return
        this.closings.delete(look)
        resolve()
      }
      this.closings.add(look)
    })
  }

  private closed(connection: Connection): void {
    this.open.delete(connection)
    this.logins.end(connection)
    this.counts.remove(connection.counted)
    this.onClosed(connection.node, connection.state.id)
    for (const look of [...this.closings]) look(connection.node)
  }

  private planSweep(): void {
    this.sweeping ??= this.clock.after(SWEEP_INTERVAL_MS, () => {
      this.sweeping = null
      this.sweep()
      if (this.open.size > 0) this.planSweep()
    })
  }

  private sweep(): void {
    const nowMs = this.clock.monotonicMs()
    this.environment.budget.rotate()
    const { loginTimeoutMs } = this.settings
    for (const connection of this.logins.overdue(nowMs)) connection.closeFor(`no login within ${loginTimeoutMs} ms`)
    for (const connection of [...this.open]) connection.sweep(nowMs)
    for (const connection of slowReaders(this.open, nowMs, this.settings)) connection.closeFor(SLOW_READER)
    this.environment.room.letOneIn()
  }

  private countUnsent(): void {
    for (const connection of this.open) connection.countUnsent()
  }

  /** Between two looks more answers may be made than there is memory for. */
  private makeRoom(keptBytesMax: number, latest: Connection): void {
    for (const connection of slowReaders(this.open, this.clock.monotonicMs(), this.settings, keptBytesMax))
      if (connection !== latest) connection.closeFor(SLOW_READER)
  }
}

const SLOW_READER = 'its answers were not read while memory for answers is short'
