import type { Socket } from 'node:net'
import {
  type Api,
  encodeFrame,
  FrameSplitter,
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { openSocket } from './open-socket.ts'

/** The broker ended the connection, or was not there: whether it has served what was unanswered is unknown. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** The answer to a raw token of PLAIN: no request or answer is as short. */
const EMPTY_TOKEN = Buffer.alloc(4)

interface Waiting {
  readonly take: (frame: Uint8Array) => void
  readonly fail: (error: Error) => void
}

/** One connection that speaks the protocol with our own codec and decides nothing by itself: no retry, no metadata. */
export class WireClient {
  private readonly socket: Socket
  private readonly waiting: Waiting[] = []
  private nextCorrelationId = 1
  private lost: ConnectionLost | null = null

  private constructor(socket: Socket) {
    this.socket = socket
    const splitter = new FrameSplitter(2 ** 31 - 1)
    socket.on('data', (chunk) => {
      if (chunk.equals(EMPTY_TOKEN)) this.waiting.shift()?.take(new Uint8Array())
      else splitter.push(chunk, (frame) => this.waiting.shift()?.take(frame))
    })
    socket.on('error', () => {})
    socket.on('close', () => this.lose())
  }

  /** Encrypted where there is a `ca` to trust. @throws ConnectionLost when nobody listens. */
  static async open(port: number, ca?: string): Promise<WireClient> {
    try {
      return new WireClient(await openSocket({ host: '127.0.0.1', port, ...(ca === undefined ? {} : { ca }) }))
    } catch (error) {
      throw new ConnectionLost(error instanceof Error ? error.message : String(error))
    }
  }

  get isLost(): boolean {
    return this.lost !== null
  }

  /** Requests may follow each other without waiting. Rejects with ConnectionLost when no answer will come. */
  call<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
  ): Promise<Response> {
    if (this.lost !== null) return Promise.reject(this.lost)
    const correlationId = this.nextCorrelationId++
    const { chunks } = encodeFrame((writer) => {
      const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId: 'wire' }
      RequestHeader.write(writer, requestHeaderVersion(api.key, version), header)
      api.request.write(writer, version, request)
    })
    return new Promise((answered, fail) => {
      const take = (frame: Uint8Array): void => {
        try {
          const reader = new Reader(frame)
          const header = ResponseHeader.read(reader, responseHeaderVersion(api.key, version))
          if (header.correlationId !== correlationId)
            throw new Error(`answer ${header.correlationId} to ${correlationId}`)
          answered(api.response.read(reader, version))
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)))
        }
      }
      this.waiting.push({ take, fail })
      this.socket.write(Buffer.concat(chunks))
    })
  }

  /** Sends a frame as it is; resolves with the one that comes back. Rejects as `call` does. */
  raw(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.lost !== null) return Promise.reject(this.lost)
    const size = Buffer.alloc(4)
    size.writeUInt32BE(bytes.length)
    return new Promise((take, fail) => {
      this.waiting.push({ take, fail })
      this.socket.write(Buffer.concat([size, bytes]))
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private lose(): void {
    this.lost ??= new ConnectionLost('the connection was closed')
    for (const { fail } of this.waiting.splice(0)) fail(this.lost)
  }
}
