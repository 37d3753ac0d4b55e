import type { Socket } from 'node:net'
import { type Cancel, type Clock, int16At, type MonotonicMs, type NodeId } from '@odradek/core'
import { type EncodedFrame, FrameSizeError } from '@odradek/protocol'
import { MessageSizeError, ProtocolError } from '@odradek/protocol/wire'
import type { Complaints } from './complaints.ts'
import type { LimitSettings } from './config/limit-settings.ts'
import type { CountedConnection } from './connection-counts.ts'
import { ConnectionOutbox } from './connection-outbox.ts'
import { ConnectionWatch } from './connection-watch.ts'
import { type ActiveRequest, type DispatchTable, dispatch, type RequestOwner, RequestRefused } from './dispatch.ts'
import { DISCARD_LINGER_MS, REQUESTS_PER_TURN_MAX } from './limits.ts'
import type { RequestMetrics } from './metrics/request-metrics.ts'
import type { Quotas } from './quotas.ts'
import type { BudgetMember, ReceiveBudget } from './receive-budget.ts'
import { FrameReceiver, type FrameSink, type ReceiveMemory } from './receive-frames.ts'
import { receiveFrom, type SocketReceiver } from './receive-socket.ts'
import type { ConnectionState, Peer } from './request-context.ts'
import { RequestOrder } from './request-order.ts'
import { type RequestRoom, type RoomMember, SMALL_REQUEST_BYTES } from './request-room.ts'
import type { SaslSession } from './security/sasl/sasl-session.ts'
import type { SecurityProtocol } from './security/security-protocol.ts'
import type { TurnEnd } from './turn-end.ts'
import type { UnsentAnswers } from './unsent-answers.ts'

/** What the connections of a broker share. */
export interface ConnectionEnvironment {
  readonly table: DispatchTable
  readonly memory: ReceiveMemory
  readonly budget: ReceiveBudget
  readonly room: RequestRoom
  quotasOf(node: NodeId): Quotas
  readonly complaints: Complaints
  readonly turnEnd: TurnEnd
  readonly unsent: UnsentAnswers<Connection>
  readonly clock: Clock
  readonly settings: LimitSettings
  /** False: read by 'data' events, as where Node cannot read into our buffers. */
  readonly ownReceiveBuffers: boolean
  closed(connection: Connection): void
  /** Its peer has logged in, for the first time. */
  loginEnded(connection: Connection): void
}

/** Where a connection came in. */
export interface ConnectionOrigin {
  readonly id: number
  readonly node: NodeId
  readonly listener: string
  readonly peer: Peer
  readonly principal: string
  readonly securityProtocol: SecurityProtocol
  readonly sasl: SaslSession | null
  /** The socket has TLS on it, and brings chunks of its own. */
  readonly isEncrypted?: boolean
}

/**
 * One client: cuts what it sends into requests, starts them in order, sends their answers in order. It takes no new
 * request while one that must come first is under way, while the peer leaves its answers unread, or while a quota mutes
 * it; what the peer sends meanwhile stays in the kernel, but for what had been read already.
 */
export class Connection implements RequestOwner, FrameSink, SocketReceiver, BudgetMember, RoomMember {
  readonly node: NodeId
  readonly state: ConnectionState
  readonly quotas: Quotas
  readonly requestMetrics: RequestMetrics
  private readonly environment: ConnectionEnvironment
  private readonly socket: Socket
  private readonly receiver: FrameReceiver
  private readonly outbox: ConnectionOutbox
  private readonly order = new RequestOrder()
  private readonly watch: ConnectionWatch
  /** Requests are being cut from what was read: answers wait for the end of it. */
  private receiving = false
  /** When the requests that are being cut came, or were taken up. */
  private receivedMs: MonotonicMs
  private reading = true
  private flushPlanned = false
  /** Since the last turn ended. */
  private someDone = false
  private requestsThisTurn = 0
  /** Of its answers, in the count of all. */
  private countedUnsentBytes = 0
  /** Bytes of the requests that are under way. */
  private requestBytes = 0
  /** The next request starts although there is no room. */
  private isLetIn = false
  private yielding = false
  private muted: Cancel | null = null
  private mutedUntilMs = 0
  private budgetPause = false
  /** A request was put off because of unsent answers. */
  private backedUp = false
  /** Our side has ended; what the peer still sends is read and thrown away. */
  private endSent = false
  private peerEnded = false
  private lingering: Cancel | null = null
  /** No request is taken any more; the connection ends once those under way are answered. */
  private ending = false
  /** Nothing is sent any more either: an answer that cannot be given stood in line. */
  private silenced = false
  private closed = false
  private isLoggedIn = false

  constructor(environment: ConnectionEnvironment, origin: ConnectionOrigin, accepted: Socket) {
    this.environment = environment
    this.node = origin.node
    this.quotas = environment.quotasOf(origin.node)
    this.requestMetrics = environment.table.services.metrics.of(origin.node).requests
    this.state = {
      id: origin.id,
      peer: origin.peer,
      listener: origin.listener,
      securityProtocol: origin.securityProtocol,
      sasl: origin.sasl,
      principal: origin.principal,
      clientSoftwareName: '',
      clientSoftwareVersion: '',
    }
    this.receivedMs = environment.clock.monotonicMs()
    this.watch = new ConnectionWatch(this.receivedMs)
    this.receiver = new FrameReceiver(this, environment.memory, this.frameBytesMax)
    const ownBuffers = environment.ownReceiveBuffers && origin.isEncrypted !== true
    this.socket = receiveFrom(accepted, this, ownBuffers)
    this.outbox = new ConnectionOutbox(this.socket)
    this.socket.on('end', () => {
      this.peerEnded = true
      this.drain()
      this.stopWaiting()
    })
    this.socket.on('drain', () => {
      this.watch.activity()
      this.countUnsent()
      this.proceed()
    })
    // A reset is how many clients end; 'close' follows and does all there is to do.
    this.socket.on('error', () => {})
    this.socket.on('close', () => this.close())
  }

  /** Where it counts. */
  get counted(): CountedConnection {
    const { listener, peer } = this.state
    return { node: this.node, listener, peer }
  }

  /** Answers that the peer has not taken. */
  get unsentBytes(): number {
    return this.outbox.unsentBytes
  }

  /** Sets right what it has in the count of all answers; what goes out in small pieces is not told of. */
  countUnsent(): void {
    if (this.closed) return
    const { unsentBytes, countedUnsentBytes } = this
    if (unsentBytes === countedUnsentBytes) return
    this.environment.unsent.left(countedUnsentBytes - unsentBytes)
    this.countedUnsentBytes = unsentBytes
  }

  /** Takes no further request and ends when those under way are answered. */
  drain(): void {
    this.ending = true
    this.endWhenAnswered()
  }

  /** Tells requests that may wait for long that nobody does any more; they end early. */
  stopWaiting(): void {
    for (const request of this.order) request.connectionClosed()
  }

  /** Ends at once, for a reason that goes to the log. */
  closeFor(reason: string): void {
    if (!this.closed) this.environment.complaints.add(this.state.peer, this.state.listener, reason)
    this.close()
  }

  /** Looks at the connection's times; called about once a second. */
  sweep(nowMs: MonotonicMs): void {
    const { settings } = this.environment
    const timeUp = this.watch.check(nowMs, settings, !this.order.isEmpty, this.unsentBytes)
    if (timeUp === 'frame') this.closeFor(`a frame was not complete after ${settings.frameTimeoutMs} ms`)
    else if (timeUp !== null) this.close()
  }

  /** For how long the peer has taken none of its answers. */
  stalledMs(nowMs: MonotonicMs): number {
    return this.watch.stalledMs(nowMs)
  }

  // What the socket brings

  target(): Uint8Array {
    return this.receiver.target()
  }

  received(count: number, buffer: Uint8Array): boolean {
    this.beginReceiving()
    this.receiver.received(buffer, count)
    return this.endReceiving()
  }

  receivedChunk(chunk: Uint8Array): boolean {
    this.beginReceiving()
    this.receiver.receivedChunk(chunk)
    return this.endReceiving()
  }

  private beginReceiving(): void {
    this.receiving = true
    this.receivedMs = this.environment.clock.monotonicMs()
  }

  private endReceiving(): boolean {
    this.receiving = false
    this.watch.activity()
    this.flush()
    this.reading = this.mayRead
    return this.reading
  }

  // What the receiver finds

  frame(buffer: Buffer, start: number, end: number): boolean {
    if (this.ending) return true
    if (this.yielding || this.muted !== null) return false
    this.backedUp = this.isBackedUp
    if (this.backedUp) return false
    const isShort = end - start < API_KEY_BYTES
    if (!this.admits(isShort ? NO_API_KEY : int16At(buffer, start), end - start)) return false
    if (this.environment.room.isClosed && !this.mayStart(end - start)) return false
    this.start(buffer, start, end)
    this.countTowardsTurn()
    return true
  }

  private get isBackedUp(): boolean {
    const { unsentBytes } = this
    return unsentBytes > 0 && unsentBytes > this.environment.settings.connectionUnsentBytesMax
  }

  /** Behind those under way; what no other request waits for is taken whatever its size. */
  private admits(apiKey: number, bytes: number): boolean {
    if (this.order.isEmpty) return true
    const { queuedRequestsMax, connectionRequestBytesMax } = this.environment.settings
    return this.requestBytes + bytes <= connectionRequestBytesMax && this.order.admits(apiKey, queuedRequestsMax)
  }

  /** While there is no room for other requests. */
  private mayStart(bytes: number): boolean {
    if (bytes <= SMALL_REQUEST_BYTES && this.order.isEmpty) return true
    const { isLetIn } = this
    // For one: what came behind it waits as any other.
    this.isLetIn = false
    if (!isLetIn) this.environment.room.wait(this)
    return isLetIn
  }

  roomMade(): void {
    this.isLetIn = true
    this.proceed()
    this.isLetIn = false
  }

  get isShortOfRoom(): boolean {
    return this.environment.room.isFull
  }

  badFrame(size: number): void {
    this.refuse(new FrameSizeError(size, this.frameBytesMax))
  }

  held(bytes: number): void {
    if (bytes >= 0) this.environment.budget.hold(bytes)
    else this.environment.budget.release(-bytes)
  }

  frameBegun(): void {
    this.watch.frameBegun(this.environment.clock.monotonicMs())
    this.environment.budget.frameBegun(this)
  }

  frameEnded(): void {
    this.watch.frameEnded()
    this.environment.budget.frameEnded(this)
  }

  budgetPaused(paused: boolean): void {
    this.budgetPause = paused
    this.steerReading()
  }

  // Requests and answers

  requestDone(): void {
    if (this.closed) {
      this.settle(this.environment.clock.monotonicMs())
      return
    }
    this.someDone = true
    this.planFlush()
  }

  requestResized(request: ActiveRequest): void {
    if (!request.isHeld) return
    const { room } = this.environment
    const { weightBytes, roomBytes } = request
    request.roomBytes = weightBytes
    if (weightBytes > roomBytes) room.take(weightBytes - roomBytes)
    else room.giveBack(roomBytes - weightBytes)
  }

  waitWhileThereIsRoom(end: () => void): () => void {
    return this.environment.room.waitWhileThereIsRoom(end)
  }

  private start(buffer: Buffer, start: number, end: number): void {
    try {
      const request = dispatch(this.environment.table, this, buffer, start, end)
      request.startMs = this.receivedMs
      request.frameBytes = end - start
      request.isHeld = !request.done
      this.environment.room.worked(request.elements)
      if (request.isHeld) {
        this.requestBytes += request.frameBytes
        this.held(request.frameBytes)
        this.requestResized(request)
        this.requestMetrics.waits(request.apiKey, 1)
      }
      this.order.add(request)
    } catch (error) {
      this.refuse(error)
    }
    this.settle(this.receivedMs)
  }

  /** Makes ready for sending what is due, oldest first. */
  private settle(nowMs: MonotonicMs): void {
    for (let request = this.order.takeDone(); request !== null; request = this.order.takeDone())
      this.finish(request, nowMs)
  }

  /** Answers to other requests that are there in this turn, but come a moment later, leave in the same write. */
  private planFlush(): void {
    if (this.flushPlanned || this.closed) return
    this.flushPlanned = true
    this.environment.turnEnd.add(this)
  }

  /** The turn in which answers were made ready, or requests done, is over. */
  turnEnded(nowMs: MonotonicMs): void {
    this.flushPlanned = false
    this.settle(nowMs)
    this.flush()
    // Only then: what is put off again plans a flush, whose turn comes before any that could take it up.
    if (!this.someDone) return
    this.someDone = false
    this.proceed()
  }

  private flush(): void {
    this.outbox.flush()
    this.countUnsent()
    this.endWhenAnswered()
    // What the socket took at once is not followed by a 'drain'.
    if (this.backedUp && !this.isBackedUp) this.proceed()
  }

  private finish(request: ActiveRequest, nowMs: MonotonicMs): void {
    if (request.isHeld) {
      this.requestBytes -= request.frameBytes
      this.held(-request.frameBytes)
      this.environment.room.giveBack(request.roomBytes)
      this.requestMetrics.waits(request.apiKey, -1)
    }
    if (request.closeReason !== null && !this.silenced) this.silence(request.closeReason)
    this.countTowardsQuotas(request)
    const frame = request.hasResponse && !this.silenced ? this.encode(request) : null
    if (this.state.sasl !== null) this.followLogin(this.state.sasl)
    request.count(nowMs, frame?.length ?? 0)
    const releases = request.takeReleases()
    if (frame !== null) this.push(frame, releases)
    else for (const release of releases) release()
    if (request.lastReason !== null && !this.ending) {
      this.environment.complaints.add(this.state.peer, this.state.listener, request.lastReason)
      this.ending = true
    }
  }

  private push(frame: EncodedFrame, releases: readonly (() => void)[]): void {
    this.outbox.push(frame, releases)
    this.countedUnsentBytes += frame.length
    this.environment.unsent.added(frame.length, this)
  }

  /** Frames may be longer once it is known who sends them. */
  private followLogin({ loggedIn }: SaslSession): void {
    if (this.isLoggedIn || loggedIn === null) return
    this.isLoggedIn = true
    this.state.principal = `User:${loggedIn.name}`
    this.receiver.frameBytesMax = this.frameBytesMax
    this.environment.loginEnded(this)
  }

  private get frameBytesMax(): number {
    const { sasl } = this.state
    const { socketRequestMaxBytes } = this.environment.settings
    if (sasl === null || this.isLoggedIn) return socketRequestMaxBytes
    return Math.min(socketRequestMaxBytes, sasl.receiveBytesMax)
  }

  private encode(request: ActiveRequest): EncodedFrame | null {
    try {
      return this.quotas.isActive ? this.encodeTimed(request) : request.encode()
    } catch (error) {
      if (error instanceof MessageSizeError) {
        this.silence(request.tooLarge)
        return null
      }
      request.logBug(error)
      this.silence(`${request.handler.api.name} could not be answered`)
      return null
    }
  }

  /** Once for each request, before its answer is encoded. */
  countTowardsQuotas(request: ActiveRequest): void {
    if (!this.quotas.isActive || this.silenced || request.isCounted) return
    request.isCounted = true
    const throttleMs = this.quotas.throttleMs(this.state.principal, request)
    if (throttleMs <= 0) return
    request.announceThrottle(throttleMs)
    this.requestMetrics.throttled(request.apiKey, throttleMs)
    this.mute(throttleMs)
  }

  private encodeTimed(request: ActiveRequest): EncodedFrame {
    const { quotas, state } = this
    if (!quotas.timesRequests || request.isExempt) return request.encode()
    const { clock } = this.environment
    const startedMs = clock.monotonicMs()
    const frame = request.encode()
    quotas.addTime(state.principal, request.clientId, clock.monotonicMs() - startedMs)
    return frame
  }

  /** Nothing is served for so long; of several times, the one that ends last counts. */
  private mute(throttleMs: number): void {
    const { clock } = this.environment
    const untilMs = clock.monotonicMs() + throttleMs
    if (this.muted !== null && this.mutedUntilMs >= untilMs) return
    this.muted?.()
    this.mutedUntilMs = untilMs
    this.muted = clock.after(throttleMs, () => {
      this.muted = null
      this.proceed()
    })
  }

  /** Other connections have their turn before this one goes on. */
  private countTowardsTurn(): void {
    this.requestsThisTurn += 1
    if (this.requestsThisTurn < REQUESTS_PER_TURN_MAX) return
    this.requestsThisTurn = 0
    this.yielding = true
    this.environment.clock.soon(() => {
      this.yielding = false
      this.proceed()
    })
  }

  /** Something that stood in the way has gone: takes up requests that were put off, then the socket. */
  private proceed(): void {
    if (this.closed || this.receiving) return
    this.backedUp = false
    if (this.receiver.blocked) {
      this.beginReceiving()
      this.receiver.resume()
      this.receiving = false
      this.planFlush()
    }
    this.steerReading()
  }

  private get mayRead(): boolean {
    return this.endSent || (!this.ending && !this.budgetPause && !this.receiver.blocked)
  }

  private steerReading(): void {
    if (this.closed || this.receiving || this.reading === this.mayRead) return
    this.reading = this.mayRead
    if (this.reading) this.socket.resume()
    else this.socket.pause()
  }

  // The end

  /** What came in cannot be served: earlier requests are still answered, then the connection ends. */
  private refuse(error: unknown): void {
    if (this.ending) return
    this.ending = true
    if (error instanceof RequestRefused || error instanceof ProtocolError || error instanceof FrameSizeError) {
      this.environment.complaints.add(this.state.peer, this.state.listener, error.message)
    } else {
      this.environment.table.logger.error('a request failed by a bug', { error: describe(error) })
    }
  }

  /** In place of an answer that is due now, the connection ends. */
  private silence(reason: string): void {
    this.environment.complaints.add(this.state.peer, this.state.listener, reason)
    this.ending = true
    this.silenced = true
  }

  /**
   * Our side ends first, and what the peer goes on sending is read until it ends its own: a socket closed with unread
   * input is reset, and a peer that finds so when it writes never reads the answers that were sent before.
   */
  private endWhenAnswered(): void {
    if (!this.ending || this.closed || !this.order.isEmpty || this.receiving) return
    this.outbox.flush()
    if (this.peerEnded && this.unsentBytes === 0) {
      this.close()
      return
    }
    if (this.endSent) return
    this.endSent = true
    this.receiver.close()
    this.watch.ending(this.environment.clock.monotonicMs())
    this.socket.end(() => this.linger())
    this.steerReading()
  }

  /** All answers have left the process: the peer has a moment to end its side. */
  private linger(): void {
    if (this.closed) return
    if (this.peerEnded) this.close()
    else this.lingering = this.environment.clock.after(DISCARD_LINGER_MS, () => this.close())
  }

  /** Ends at once; what is under way finishes unheard. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.ending = true
    this.silenced = true
    this.muted?.()
    this.lingering?.()
    this.receiver.close()
    this.outbox.close()
    this.socket.destroy()
    this.environment.unsent.left(this.countedUnsentBytes)
    this.countedUnsentBytes = 0
    this.environment.room.leave(this)
    this.stopWaiting()
    this.environment.closed(this)
  }
}

const API_KEY_BYTES = 2
/** Of a frame that has no room for one; it may be a token of a login, and waits as any. */
const NO_API_KEY = -1

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
