import { assert, type Later, present } from '@odradek/core'
import type { AnyApi, Api } from '@odradek/protocol'
import type { Reader, Turns, Writer } from '@odradek/protocol/wire'
import type { AnswerLater } from './answer-later.ts'
import type { Slicing } from './in-slices.ts'
import { eachErrorCode } from './metrics/error-codes.ts'
import type { RequestContext } from './request-context.ts'
import { ELEMENT_BYTES } from './request-room.ts'

/** First and last version of an API that works here; it is also what ApiVersions lists. */
export type VersionRange = readonly [min: number, max: number]

/**
 * Answers one API. Translates and authorizes; holds no state of its own. A protocol error is a value in the response,
 * an exception our bug. `null`: no response at all (Produce with acks 0). What can be answered at once should be: no
 * promise is made for it.
 */
export type Handle<Request, Response> = (
  request: Request,
  context: RequestContext,
) => Later<Response | null> | AnswerLater<Response | null>

export interface HandlerOptions<Request, Response> {
  /**
   * The request's byte fields are views of the receive buffer, valid only until the handler first yields; otherwise the
   * frame is copied before. For Produce alone, which hands its batches to the log before it waits.
   */
  readonly borrowsFrame?: boolean
  /**
   * What Kafka answers when a handler throws: the API's error shape with UNKNOWN_SERVER_ERROR everywhere. Without it, or
   * where it gives null, the connection is closed.
   */
  readonly onBug?: (request: Request, version: number) => Response | null
  /** Answers, in version 0, a version outside the range; without it the connection is closed, as Kafka does. */
  readonly onUnsupportedVersion?: (context: RequestContext) => Response
  /** A small request may have a large answer, which comes later anyhow: it is encoded in turns, too. Where few do, which. */
  readonly isAnsweredInTurns?: boolean | ((request: Request, context: RequestContext) => boolean)
  /** What an element takes while the request waits, where that is more than the rows that were read. */
  readonly elementBytes?: number
  /** For requests with very many rows; without it they are handled as a whole. */
  readonly slices?: Slicing<Request, Response>
  /** Every error code in a response, for the metrics: where looking through the whole of it would cost too much. */
  readonly errorCodes?: (response: Response, found: (code: number) => void) => void
}

/**
 * One row of the table of handlers. Its methods are only ever given what its own `read` returned, so rows of different
 * types may stand in one list.
 */
export interface Handler<Request = unknown, Response = unknown> {
  readonly api: AnyApi
  readonly versions: VersionRange
  readonly borrowsFrame: boolean
  /** Some of its answers are made in turns. */
  readonly isAnsweredInTurns: boolean
  /** Asked where some are. */
  hasLargeAnswer(request: Request, context: RequestContext): boolean
  readonly elementBytes: number
  read(reader: Reader, version: number): Request
  /** `read` for what may be very large. */
  readInTurns(reader: Reader, version: number): Turns<Request>
  handle(request: Request, context: RequestContext): Later<Response | null> | AnswerLater<Response | null>
  /** The request as those that are handled in turns of their own; itself alone where it is not that large. */
  split(request: Request, version: number): readonly Request[]
  join(responses: readonly Response[]): Response
  onBug(request: Request, version: number): Response | null
  /** Null: such a version ends the connection. */
  onUnsupportedVersion(context: RequestContext): Response | null
  write(writer: Writer, version: number, response: Response): void
  writeInTurns(writer: Writer, version: number, response: Response): Turns<void>
  errorCodes(response: Response, found: (code: number) => void): void
}

/** Makes the row for `api`; request and response types come from it. */
export function handler<Request, Response, RequestInput, ResponseInput>(
  api: Api<Request, Response, RequestInput, ResponseInput>,
  versions: VersionRange,
  handle: Handle<Request, ResponseInput>,
  options: HandlerOptions<Request, ResponseInput> = {},
): Handler<Request, ResponseInput> {
  const [min, max] = versions
  const { isAnsweredInTurns = false } = options
  assert(min <= max && min >= api.versions.min && max <= api.versions.max, `${api.name} has no codec for ${min}-${max}`)
  return {
    api,
    versions,
    borrowsFrame: options.borrowsFrame ?? false,
    isAnsweredInTurns: isAnsweredInTurns !== false,
    hasLargeAnswer: typeof isAnsweredInTurns === 'function' ? isAnsweredInTurns : () => isAnsweredInTurns,
    elementBytes: options.elementBytes ?? ELEMENT_BYTES,
    read: api.request.read,
    readInTurns: api.readInTurns ?? inOneTurn(api.request.read),
    handle,
    split: options.slices?.split ?? ((request) => [request]),
    join: options.slices?.join ?? (([response]) => present(response, 'there is one')),
    onBug: options.onBug ?? (() => null),
    onUnsupportedVersion: options.onUnsupportedVersion ?? (() => null),
    write: api.response.write,
    writeInTurns: api.writeInTurns ?? inOneTurn(api.response.write),
    errorCodes: options.errorCodes ?? eachErrorCode,
  }
}

/** Without arrays nothing can take long. */
export function inOneTurn<Given extends readonly unknown[], Result>(work: (...given: Given) => Result) {
  // biome-ignore lint/correctness/useYield: it has no reason to
  return function* (...given: Given): Turns<Result> {
    return work(...given)
  }
}
