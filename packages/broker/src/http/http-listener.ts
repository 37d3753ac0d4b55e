import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listenAll } from '../listener.ts'
import type { HttpPlan } from '../listener-config.ts'
import type { Exposition, ExpositionFormat } from '../metrics/exposition.ts'
import {
  type HttpAnswer,
  type HttpQuestion,
  type HttpState,
  health,
  pathOf,
  plain,
  readiness,
  refusalOf,
  wantsOpenMetrics,
} from './answers.ts'

/** Nobody but a few programs that watch the broker has business here. */
export const HTTP_CONNECTIONS_MAX = 64
export const HTTP_HEADER_BYTES_MAX = 8192
/** How long a peer may take before its connection is closed. */
export interface HttpTimeouts {
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
}

export const HTTP_TIMEOUTS: HttpTimeouts = {
  headersMs: 5000,
  requestMs: 10_000,
  // Longer than the usual minute between two scrapes.
  keepAliveMs: 75_000,
}

/** Who writes the metrics. */
export interface MetricsText {
  text(format: ExpositionFormat): Promise<Exposition>
}

/** `/metrics`, `/healthz` and `/readyz`, and nothing else. It answers from before the data are recovered until all is closed. */
export class HttpListener {
  readonly address: { readonly host: string; readonly port: number }
  private readonly servers: Server[] = []
  private readonly isLocal: boolean
  private state: HttpState = 'starting'
  private metrics: MetricsText | null = null

  private constructor({ binds, isLocal }: HttpPlan, servers: readonly Server[], port: number) {
    this.address = { host: binds[0]?.host ?? '', port }
    this.isLocal = isLocal
    for (const server of servers) {
      this.servers.push(server)
      server.on('request', (request, response) => void this.serve(request, response))
    }
  }

  /** @throws ListenError */
  static async open(plan: HttpPlan, timeouts = HTTP_TIMEOUTS): Promise<HttpListener> {
    const { servers, port } = await listenAll(plan, () => makeServer(timeouts), '--http-port')
    return new HttpListener(plan, servers, port)
  }

  ready(metrics: MetricsText): void {
    if (this.state !== 'starting') return
    this.state = 'ready'
    this.metrics = metrics
  }

  /** The metadata log has failed: what is served still will not be for long. */
  fail(): void {
    if (this.state !== 'stopping') this.state = 'failed'
  }

  /** From now on there are no metrics: what they are made of is being closed. */
  stopping(): void {
    this.state = 'stopping'
    this.metrics = null
  }

  /** Resolves when no connection is left; those that wait for a next request end at once. */
  async close(): Promise<void> {
    this.stopping()
    await Promise.all(
      this.servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          }),
      ),
    )
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // What a body says is of no interest; unread it would keep the connection.
    request.resume()
    const answer = await this.answer(questionOf(request)).catch((error: unknown) =>
      plain(500, `the metrics could not be written: ${error instanceof Error ? error.message : String(error)}`),
    )
    const body = Buffer.from(answer.text)
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': body.length,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...answer.headers,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  private async answer(question: HttpQuestion): Promise<HttpAnswer> {
    const refusal = refusalOf(question, this.isLocal)
    if (refusal !== null) return refusal
    switch (pathOf(question.target)) {
      case '/healthz':
        return health()
      case '/readyz':
        return readiness(this.state)
      default: {
        if (this.metrics === null) return readiness(this.state)
        const format = wantsOpenMetrics(question.accept) ? 'openmetrics' : 'prometheus'
        return { status: 200, ...(await this.metrics.text(format)) }
      }
    }
  }
}

function makeServer({ headersMs, requestMs, keepAliveMs }: HttpTimeouts): Server {
  const server = createServer({
    maxHeaderSize: HTTP_HEADER_BYTES_MAX,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: headersMs,
    // Answered by `refusalOf`, which says what is missing.
    requireHostHeader: false,
  })
  server.maxConnections = HTTP_CONNECTIONS_MAX
  return server
}

function questionOf({ method, url, headers }: IncomingMessage): HttpQuestion {
  return {
    method: method ?? '',
    target: url ?? '',
    host: headers.host ?? null,
    origin: headers.origin ?? null,
    accept: headers.accept ?? '',
  }
}
