import { int16At, type Later, type Logger, type NodeId } from '@odradek/core'
import {
  apiByKey,
  type EncodedFrame,
  ErrorCode,
  encodeFrame,
  encodeFrameInTurns,
  readRequestHeader,
  writeResponseHeader,
} from '@odradek/protocol'
import { MessageSizeError, ProtocolError, Reader, type Turns } from '@odradek/protocol/wire'
import { AnswerLater, asLater } from './answer-later.ts'
import type { AclOperation, Authorizer, ResourceType } from './authorizer.ts'
import type { Handler } from './handler.ts'
import { finishInTurns, nextTurn } from './in-turns.ts'
import type { LargeRequests } from './large-requests.ts'
import { LARGE_REQUEST_BYTES } from './limits.ts'
import type { RequestMetrics } from './metrics/request-metrics.ts'
import { type CountedRequest, type MutationQuota, type Quotas, unlimitedMutations } from './quotas.ts'
import type { Registry } from './registry.ts'
import type { ConnectionState, RequestContext } from './request-context.ts'
import { PATIENT_BYTES_MIN } from './request-room.ts'
import { withErrorCode } from './security/sasl/error-answer.ts'
import { afterDelay } from './security/sasl/login-request.ts'
import { rawToken } from './security/sasl/raw-token.ts'
import type { Services } from './services.ts'

/** What a request's connection ends for: text for the log. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
}

/** The connection that a request came in on. */
export interface RequestOwner {
  readonly node: NodeId
  readonly state: ConnectionState
  readonly quotas: Quotas
  readonly requestMetrics: RequestMetrics
  /** An answer that was not there at once is there now. */
  requestDone(request: ActiveRequest): void
  /** What a request that waits keeps in memory is another size now. */
  requestResized(request: ActiveRequest): void
  /** `end` is called when others need the memory that a request waits with. Returns its removal. */
  waitWhileThereIsRoom(end: () => void): () => void
  /** What comes of it is announced in the answer, which must not be encoded yet. */
  countTowardsQuotas(request: ActiveRequest): void
}

/** What `dispatch` works with, the same for all connections. */
export interface DispatchTable {
  readonly registry: Registry
  readonly services: Services
  readonly authorizer: Authorizer
  readonly logger: Logger
  /** Elements of all arrays of a request together; the codec's own bound unless given. */
  readonly requestElementsMax?: number
  /** Who of those that are read in turns is at work; all at once unless given. */
  readonly large?: LargeRequests
  /** Who of those whose answers are made in turns is at work; all at once unless given. */
  readonly answers?: LargeRequests
  /** Bytes of an answer, records apart; the protocol's own bound unless given. */
  readonly responseBytesMax?: number
}

/** A request between its frame and its answer: context for the handler, place in the order for the connection. */
export class ActiveRequest implements RequestContext, CountedRequest {
  readonly services: Services
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly handler: Handler
  private readonly owner: RequestOwner
  private readonly table: DispatchTable
  private response: unknown = null
  /** Of an answer that was encoded in turns. */
  private frame: EncodedFrame | null = null
  /** Version the response is written in; not the request's where that one is not served. */
  private responseVersion: number
  private releases: (() => void)[] | null = null
  private stops: (() => void)[] | null = null
  /** Of one that keeps other large ones out. */
  private leave: (() => void) | null = null
  private closing: string | null = null
  /** Why the connection ends once this is answered. */
  lastReason: string | null = null
  /** An answer, or the decision to give none, is there. */
  done = false
  frameBytes = 0
  startMs = 0
  /** Whether the frame counts against the receive budget. */
  isHeld = false
  /** Elements that were read of it and are kept; 0 when its rows were dropped. */
  elements = 0
  /** What it takes of the room for requests. */
  roomBytes = 0
  private hasRows = true
  private isNextWaiting = false
  /** Its connection has ended. */
  private isAbandoned = false
  /** While its handler runs and time counts; -1 otherwise. */
  private startedMs = -1
  private spentMs = 0
  decidedThrottleMs: number | null = null
  mutations: MutationQuota | null = null
  isExempt = false
  /** Quotas have counted it. */
  isCounted = false
  /** The request behind this one on the same connection. */
  next: ActiveRequest | null = null

  constructor(table: DispatchTable, owner: RequestOwner, handler: Handler, header: RequestNumbers) {
    this.table = table
    this.owner = owner
    this.handler = handler
    this.services = table.services
    this.apiKey = header.requestApiKey
    this.version = header.requestApiVersion
    this.responseVersion = header.requestApiVersion
    this.correlationId = header.correlationId
    this.clientId = header.clientId
  }

  get node(): NodeId {
    return this.owner.node
  }

  get connection(): ConnectionState {
    return this.owner.state
  }

  /** Why the connection must end in place of an answer; null when it need not. */
  get closeReason(): string | null {
    return this.closing
  }

  /** False for a request that gets no answer (acks 0). */
  get hasResponse(): boolean {
    return this.response !== null && this.closing === null
  }

  authorize(operation: AclOperation, resource: ResourceType, name: string): boolean {
    const { principal, peer } = this.owner.state
    return this.table.authorizer.authorize(principal, peer.host, operation, resource, name)
  }

  authorizeByResourceType(operation: AclOperation, resource: ResourceType): boolean {
    const { principal, peer } = this.owner.state
    return this.table.authorizer.authorizeByResourceType?.(principal, peer.host, operation, resource) ?? false
  }

  onSent(release: () => void): void {
    if (this.releases === null) this.releases = [release]
    else this.releases.push(release)
  }

  onClosed(stop: () => void): () => void {
    // It waits, and may for long.
    this.leave?.()
    if (this.isAbandoned) {
      stop()
      return () => {}
    }
    this.stops ??= []
    this.stops.push(stop)
    return () => {
      this.stops = this.stops?.filter((other) => other !== stop) ?? null
    }
  }

  dropRows(rows: unknown[]): void {
    rows.length = 0
    this.hasRows = false
    this.owner.requestResized(this)
  }

  /** Its bytes, and what was made of them. */
  get weightBytes(): number {
    return this.hasRows ? this.frameBytes + this.elements * this.handler.elementBytes : 0
  }

  onShortOfRoom(end: () => void): () => void {
    const isLittle = this.elements * this.handler.elementBytes < PATIENT_BYTES_MIN
    return isLittle ? () => {} : this.owner.waitWhileThereIsRoom(end)
  }

  keepNextWaiting(): void {
    this.isNextWaiting = true
  }

  /** Whether the next request must not start yet, although its kind could. */
  get keepsNextWaiting(): boolean {
    return this.isNextWaiting && !this.done
  }

  get busyMs(): number {
    return this.startedMs < 0 ? this.spentMs : this.services.clock.monotonicMs() - this.startedMs
  }

  get isLimited(): boolean {
    return this.owner.quotas.isActive
  }

  fetchBytesMax(): number {
    const { quotas, state } = this.owner
    return quotas.isActive ? quotas.fetchBytesMax(state.principal, this.clientId) : Number.POSITIVE_INFINITY
  }

  fetchThrottleMs(answerBytes: number): number {
    const { quotas, state } = this.owner
    this.decidedThrottleMs = quotas.fetchThrottleMs(state.principal, this.clientId, answerBytes, this.busyMs)
    return this.decidedThrottleMs
  }

  mutationQuota(strictFrom: number): MutationQuota {
    const { quotas, state } = this.owner
    if (!quotas.isActive) return unlimitedMutations
    this.mutations = quotas.mutationQuota(state.principal, this.clientId, this.version >= strictFrom)
    return this.mutations
  }

  autoCreationQuota(): MutationQuota {
    const { quotas, state } = this.owner
    return quotas.isActive ? quotas.mutationQuota(state.principal, this.clientId, true) : unlimitedMutations
  }

  exemptFromQuotas(): void {
    this.isExempt = true
  }

  closeAfterAnswer(reason: string): void {
    this.lastReason ??= reason
  }

  close(reason: string): void {
    this.closing ??= reason
  }

  /**
   * Reads the body and runs the handler. Refuses by throwing; what a handler throws is answered instead. A large request
   * is read, handled and answered in as many turns of the event loop as its rows need.
   */
  start(reader: Reader, isLarge: boolean): void {
    const { quotas } = this.owner
    if (!quotas.isActive || !quotas.timesRequests) {
      this.run(reader, isLarge)
      return
    }
    this.startedMs = this.services.clock.monotonicMs()
    this.run(reader, isLarge)
    this.spentMs = this.busyMs
    this.startedMs = -1
  }

  private run(reader: Reader, isLarge: boolean): void {
    const { handler, version } = this
    const [min, max] = handler.versions
    if (version < min || version > max) {
      this.refuseVersion()
      return
    }
    if (isLarge) {
      this.runLarge(reader)
      return
    }
    const request = handler.read(reader, version)
    this.elements = reader.elements
    this.handleWhole(request)
  }

  private handleWhole(request: unknown): void {
    if (this.handler.isAnsweredInTurns && this.handler.hasLargeAnswer(request, this)) {
      this.await(this.answerInTurns(request), request)
      return
    }
    try {
      const outcome = this.handler.handle(request, this)
      if (outcome instanceof AnswerLater) outcome.giveTo(this)
      else if (outcome instanceof Promise) this.await(outcome, request)
      else this.answer(outcome)
    } catch (error) {
      this.fail(error, request)
    }
  }

  private async answerInTurns(request: unknown): Promise<unknown> {
    await this.enterAnswers()
    return this.encoded(asLater(this.timed(() => this.handler.handle(request, this))))
  }

  private async enterAnswers(): Promise<void> {
    if (this.handler.isAnsweredInTurns) this.leave ??= (await this.table.answers?.enter(1)) ?? null
  }

  private runLarge(reader: Reader): void {
    const { handler, version } = this
    const start = reader.position
    const work = handler.readInTurns(reader, version)
    const first = work.next()
    if (first.done !== true) {
      // What follows on the connection must not overtake it.
      this.keepNextWaiting()
      // A frame that is borrowed is another request's in the next turn: what was read of it is read again, of a copy.
      const own = handler.borrowsFrame ? this.ownReader(reader, start) : reader
      const rest = handler.borrowsFrame ? handler.readInTurns(own, version) : work
      void this.readOn(rest, own, reader.end - start)
      return
    }
    this.elements = reader.elements
    if (handler.borrowsFrame) this.handleWhole(first.value)
    else this.await(this.handleInTurns(first.value), first.value)
  }

  private ownReader({ bytes, end }: Reader, start: number): Reader {
    return new Reader(copyOf(bytes, start, end), 0, end - start, this.table.requestElementsMax)
  }

  private async readOn(work: Turns<unknown>, reader: Reader, bytes: number): Promise<void> {
    const { clock } = this.services
    let request: unknown
    try {
      // Each element takes a byte at least.
      this.leave = (await this.table.large?.enter(bytes)) ?? null
      await nextTurn(clock)
      request = await finishInTurns(clock, work, (step) => this.timed(step))
      this.elements = reader.elements
      this.owner.requestResized(this)
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.logBug(error)
      this.close(error instanceof ProtocolError ? error.message : `${this.handler.api.name} could not be read`)
      this.answer(null)
      this.owner.requestDone(this)
      return
    }
    this.await(this.handleInTurns(request), request)
  }

  private async handleInTurns(request: unknown): Promise<unknown> {
    const { clock } = this.services
    await nextTurn(clock)
    await this.enterAnswers()
    const responses: unknown[] = []
    for (const slice of this.handler.split(request, this.version)) {
      if (responses.length > 0) await nextTurn(clock)
      const outcome = this.timed(() => this.handler.handle(slice, this))
      const response = await asLater(outcome)
      if (response === null) return null
      responses.push(response)
    }
    await nextTurn(clock)
    return this.encoded(this.handler.join(responses))
  }

  private async encoded(outcome: Later<unknown>): Promise<unknown> {
    this.response = await outcome
    this.owner.countTowardsQuotas(this)
    await this.encodeInTurns()
    return this.response
  }

  private async encodeInTurns(): Promise<void> {
    if (!this.hasResponse) return
    const work = encodeFrameInTurns((writer) => {
      writeResponseHeader(writer, this.apiKey, this.responseVersion, this.correlationId)
      return this.handler.writeInTurns(writer, this.responseVersion, this.response)
    }, this.table.responseBytesMax)
    try {
      this.frame = await finishInTurns(this.services.clock, work, (step) => this.timed(step))
    } catch (error) {
      // Another value that the codec cannot carry is found, and dealt with, when the answer is due.
      if (error instanceof MessageSizeError) this.close(this.tooLarge)
    }
  }

  /** Counts the time that a step of a large request takes, where that matters. */
  private timed<Result>(step: () => Result): Result {
    const { isActive, timesRequests } = this.owner.quotas
    if (!isActive || !timesRequests) return step()
    const { clock } = this.services
    const startedMs = clock.monotonicMs()
    const result = step()
    this.spentMs += clock.monotonicMs() - startedMs
    return result
  }

  /** In place of its answer: a request that has no place in the middle of a login. */
  refuseState(reader: Reader, delayMs: number): void {
    const request = this.handler.read(reader, this.version)
    const name = this.handler.api.name
    const response = withErrorCode(this.handler.onBug(request, this.version), ErrorCode.ILLEGAL_SASL_STATE)
    if (response === null) throw new RequestRefused(`${name} in the middle of a login`)
    this.closeAfterAnswer(`${name} in the middle of a login`)
    this.await(
      afterDelay(this, delayMs).then(() => response),
      request,
    )
  }

  /** Says in the answer for how long the connection will not be served. */
  announceThrottle(throttleTimeMs: number): void {
    if (typeof this.response === 'object' && this.response !== null)
      this.response = { ...this.response, throttleTimeMs }
  }

  /** The response with its size and header. Throws what the codec throws when the handler gave a value it cannot carry. */
  encode(): EncodedFrame {
    if (this.frame !== null) return this.frame
    return encodeFrame((writer) => {
      if (this.handler !== rawToken) {
        writeResponseHeader(writer, this.apiKey, this.responseVersion, this.correlationId)
      }
      this.handler.write(writer, this.responseVersion, this.response)
    }, this.table.responseBytesMax)
  }

  /** Why the connection ends in place of an answer that is. */
  get tooLarge(): string {
    return `the answer to ${this.handler.api.name} would be larger than ${this.table.responseBytesMax} bytes (odradek.max.response.bytes): ask for less`
  }

  /** Takes down, for the metrics, that it is answered, or that it gets no answer. */
  count(nowMs: number, responseBytes: number): void {
    const { apiKey, handler } = this
    const requests = this.owner.requestMetrics
    requests.answered(apiKey, this.responseVersion, nowMs - this.startMs, this.frameBytes, responseBytes)
    if (this.response !== null) handler.errorCodes(this.response, (code) => requests.error(apiKey, code))
  }

  /** Hands over what must run once the response has left, or never will. */
  takeReleases(): readonly (() => void)[] {
    const releases = this.releases ?? []
    this.releases = null
    return releases
  }

  /** The connection has ended before the answer. */
  connectionClosed(): void {
    this.isAbandoned = true
    const stops = this.stops ?? []
    this.stops = null
    if (!this.done) for (const stop of stops) stop()
  }

  private await(outcome: Promise<unknown>, request: unknown): void {
    outcome.then(
      (response) => this.given(response),
      (error: unknown) => {
        this.fail(error, request)
        this.owner.requestDone(this)
      },
    )
  }

  /** An answer that came later. */
  given(response: unknown): void {
    this.answer(response)
    this.owner.requestDone(this)
  }

  private answer(response: unknown): void {
    this.response = response
    this.done = true
    this.stops = null
    this.leave?.()
  }

  /** What went wrong is our fault; says so in the log. */
  logBug(error: unknown): void {
    this.table.logger.error('a request failed by a bug', {
      api: this.handler.api.name,
      version: this.version,
      peer: this.owner.state.peer.host,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }

  /** A handler threw: our bug, which costs the client this one answer. */
  private fail(error: unknown, request: unknown): void {
    this.logBug(error)
    let response: unknown = null
    try {
      response = this.handler.onBug(request, this.version)
    } catch {
      // A request that even the error shape cannot be made for.
    }
    if (response === null) this.close(`${this.handler.api.name} failed`)
    this.answer(response)
  }

  private refuseVersion(): void {
    const response = this.handler.onUnsupportedVersion(this)
    if (response === null) throw new RequestRefused(`${this.handler.api.name} version ${this.version} is not served`)
    this.responseVersion = 0
    this.answer(response)
  }
}

interface RequestNumbers {
  readonly requestApiKey: number
  readonly requestApiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

/**
 * Starts the request in `frame` from `start` to `end`. When it comes back not `done`, `owner.requestDone` follows.
 * Bytes behind the body are ignored, as in Kafka.
 * @throws RequestRefused or ProtocolError: the connection is to be closed without an answer.
 */
export function dispatch(
  table: DispatchTable,
  owner: RequestOwner,
  frame: Buffer,
  start: number,
  end: number,
): ActiveRequest {
  const { sasl } = owner.state
  if (sasl?.takesRawToken) return startRawToken(table, owner, copyOf(frame, start, end))
  if (end - start < 2) throw new RequestRefused(`a request of ${end - start} bytes`)
  const key = int16At(frame, start)
  const handler = table.registry.find(key)
  if (handler === undefined) throw new RequestRefused(`API key ${key}${nameOf(key)} is not served`)
  const admission = sasl === null ? 'serve' : sasl.admit(key)
  if (admission === 'close') throw new RequestRefused(`${handler.api.name} from a client that is not logged in`)
  const reader = handler.borrowsFrame
    ? new Reader(frame, start, end, table.requestElementsMax)
    : new Reader(copyOf(frame, start, end), 0, end - start, table.requestElementsMax)
  const request = new ActiveRequest(table, owner, handler, readRequestHeader(reader))
  if (admission === 'illegal') request.refuseState(reader, sasl?.failureDelayMs ?? 0)
  else request.start(reader, end - start >= LARGE_REQUEST_BYTES)
  return request
}

function startRawToken(table: DispatchTable, owner: RequestOwner, token: Buffer): ActiveRequest {
  const header = { requestApiKey: rawToken.api.key, requestApiVersion: 0, correlationId: 0, clientId: null }
  const request = new ActiveRequest(table, owner, rawToken, header)
  request.start(new Reader(token), false)
  return request
}

/** The receive buffer is another connection's a moment later; only Produce is done with it by then. */
function copyOf(frame: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start)
  frame.copy(copy, 0, start, end)
  return copy
}

function nameOf(key: number): string {
  const api = apiByKey(key)
  return api === undefined ? '' : ` (${api.name})`
}
