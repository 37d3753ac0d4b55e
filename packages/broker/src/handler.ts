import type { Later } from '@odradek/core'
import type { Api } from '@odradek/protocol'
import type { RequestContext } from './request-context.ts'

/** First and last version of an API that works here; it is also what ApiVersions lists. */
export type VersionRange = readonly [min: number, max: number]

/**
 * Answers one API. Translates and authorizes; holds no state of its own. A protocol error is a value in the response,
 * an exception our bug. `null`: no response at all (Produce with acks 0).
 */
export type Handle<Request, Response> = (request: Request, context: RequestContext) => Later<Response | null>

export interface HandlerOptions<Request> {
  /**
   * The request's byte fields are views of the receive buffer, valid only until the handler first yields; otherwise the
   * frame is copied before. For Produce alone, which hands its batches to the log before it waits.
   */
  readonly borrowsFrame?: boolean
  /** What Kafka answers when a handler throws: the API's error shape with UNKNOWN_SERVER_ERROR everywhere. */
  readonly onBug?: (request: Request, version: number) => unknown
}

/** One row of the table of handlers. */
export interface Handler<Request = never, Response = unknown> {
  readonly api: Api<Request, Response>
  readonly versions: VersionRange
  readonly handle: Handle<Request, Response>
  readonly options: HandlerOptions<Request>
}
