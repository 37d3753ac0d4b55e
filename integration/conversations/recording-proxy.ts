import { connect, createServer, type Server, type Socket } from 'node:net'
import {
  type AnyApi,
  apiByKey,
  FrameSplitter,
  ResponseHeader,
  readRequestHeader,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'

const FRAME_BYTES_MAX = 2 ** 31 - 1
const PRODUCE_KEY = 0

/** A request and what came of it, as the codec reads them; `answer` is null where none is given, as to acks 0. */
export interface Exchange {
  readonly api: string
  readonly version: number
  readonly request: unknown
  readonly answer: unknown
}

interface Asked {
  readonly api: AnyApi
  readonly version: number
  readonly correlationId: number
  readonly request: unknown
  readonly place: number
}

/**
 * Stands between a client and a broker, hands on every byte as it came, and keeps what both said. The broker has to advertise
 * the proxy's port, or the client goes past it.
 */
export class RecordingProxy {
  readonly faults: string[] = []
  private readonly port: number
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private readonly said: (Exchange | null)[] = []

  private constructor(port: number, targetPort: number) {
    this.port = port
    this.server = createServer((client) => this.join(client, connect({ port: targetPort, host: '127.0.0.1' })))
  }

  static async listen(port: number, targetPort: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(port, targetPort)
    await new Promise<void>((listening, failed) => {
      proxy.server.once('error', failed)
      proxy.server.listen(proxy.port, '127.0.0.1', listening)
    })
    return proxy
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`
  }

  /** In the order of the requests; those without an answer so far are left out. */
  get exchanges(): readonly Exchange[] {
    return this.said.filter((exchange) => exchange !== null)
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((closed) => this.server.close(closed))
  }

  private join(client: Socket, broker: Socket): void {
    const waiting: Asked[] = []
    const requests = new FrameSplitter(FRAME_BYTES_MAX)
    const answers = new FrameSplitter(FRAME_BYTES_MAX)
    for (const socket of [client, broker]) {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        this.sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    client.on('data', (chunk) => {
      this.noting(() => requests.push(chunk, (frame) => this.noteRequest(frame, waiting)))
      broker.write(chunk)
    })
    broker.on('data', (chunk) => {
      this.noting(() => answers.push(chunk, (frame) => this.noteAnswer(frame, waiting.shift())))
      client.write(chunk)
    })
  }

  /** What cannot be read is handed on all the same, and makes the recording worth nothing. */
  private noting(note: () => void): void {
    try {
      note()
    } catch (error) {
      this.faults.push(error instanceof Error ? error.message : String(error))
    }
  }

  private noteRequest(frame: Uint8Array, waiting: Asked[]): void {
    const reader = new Reader(frame)
    const { requestApiKey, requestApiVersion: version, correlationId } = readRequestHeader(reader)
    const api = apiByKey(requestApiKey)
    if (api === undefined) throw new Error(`a request with key ${requestApiKey}`)
    const request = api.request.read(reader, version)
    const isAnswered = api.key !== PRODUCE_KEY || !hasNoAcks(request)
    const place = this.said.push(isAnswered ? null : { api: api.name, version, request, answer: null }) - 1
    if (isAnswered) waiting.push({ api, version, correlationId, request, place })
  }

  private noteAnswer(frame: Uint8Array, asked: Asked | undefined): void {
    if (asked === undefined) throw new Error('an answer that nobody asked for')
    const { api, version, request, place } = asked
    const reader = new Reader(frame)
    const header = ResponseHeader.read(reader, responseHeaderVersion(api.key, version))
    if (header.correlationId !== asked.correlationId) throw new Error(`${api.name} got the answer of another request`)
    this.said[place] = { api: api.name, version, request, answer: api.response.read(reader, version) }
  }
}

function hasNoAcks(request: unknown): boolean {
  return typeof request === 'object' && request !== null && 'acks' in request && request.acks === 0
}
