import type { Socket } from 'node:net'
import type { Clock } from '@odradek/core'
import {
  type Api,
  ApiVersions,
  encodeFrame,
  FrameSplitter,
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { hostPort } from '../banner.ts'
import type { Address } from './bootstrap.ts'
import { CommandFailure, expectOk, RetriableFailure, reasonOf } from './failure.ts'
import type { Transport } from './transport.ts'

const CLIENT_ID = 'odradek-cli'
/** Every broker has this version; newer ones tell features too, which is for whoever asks about them. */
const API_VERSIONS_VERSION = 0
/** Larger than any broker's fetch.max.bytes. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024

export interface VersionRange {
  readonly min: number
  readonly max: number
}

interface Waiting {
  take(frame: Uint8Array): void
  fail(error: Error): void
}

export interface ConnectionOptions {
  readonly transport: Transport
  readonly clock: Clock
  /** What connecting, and each answer, may take. */
  readonly timeoutMs: number
}

/** One connection: knows which versions the other side has, and asks in the newest that both know. */
export class KafkaConnection {
  readonly address: Address
  /** By API key, as the broker lists them. */
  readonly versions = new Map<number, VersionRange>()
  private readonly socket: Socket
  private readonly options: ConnectionOptions
  private readonly waiting: Waiting[] = []
  private nextCorrelationId = 1
  private lost: RetriableFailure | null = null

  private constructor(socket: Socket, address: Address, options: ConnectionOptions) {
    this.socket = socket
    this.address = address
    this.options = options
    const splitter = new FrameSplitter(ANSWER_BYTES_MAX)
    socket.on('data', (chunk) => {
      try {
        splitter.push(chunk, (frame) => this.waiting.shift()?.take(frame))
      } catch {
        this.end(`${this.name} does not answer as a Kafka broker does; is it one, without TLS?`)
      }
    })
    socket.on('error', (error) => this.end(`${this.name}: ${error.message}`))
    socket.on('close', () => this.end(`${this.name} has closed the connection`))
  }

  /** @throws CommandFailure when nobody is there, or nobody who speaks the protocol. */
  static async open(address: Address, options: ConnectionOptions): Promise<KafkaConnection> {
    const name = hostPort(address.host, address.port)
    const socket = await withTimeout(options, `${name} does not let us connect`, () =>
      options.transport.open(address).catch((error: unknown) => {
        throw new RetriableFailure(`${name} cannot be reached: ${reasonOf(error)}`)
      }),
    )
    const connection = new KafkaConnection(socket, address, options)
    try {
      await connection.learnVersions()
      await options.transport.authenticate(connection)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  get name(): string {
    return hostPort(this.address.host, this.address.port)
  }

  get isLost(): boolean {
    return this.lost !== null
  }

  offers(api: { readonly key: number }): boolean {
    return this.versions.has(api.key)
  }

  /** The newest version within `wanted` that both sides know. @throws CommandFailure when there is none. */
  versionOf(
    api: { readonly key: number; readonly name: string; readonly versions: VersionRange },
    wanted: Partial<VersionRange> = {},
  ): number {
    const theirs = this.versions.get(api.key)
    if (theirs === undefined) throw new CommandFailure(`${this.name} has no ${api.name}: this needs a newer broker`)
    const min = Math.max(theirs.min, api.versions.min, wanted.min ?? 0)
    const max = Math.min(theirs.max, api.versions.max, wanted.max ?? api.versions.max)
    if (max >= min) return max
    throw new CommandFailure(
      `${this.name} has ${api.name} in versions ${theirs.min} to ${theirs.max}, and this needs ${wanted.min ?? api.versions.min} to ${wanted.max ?? api.versions.max}`,
    )
  }

  call<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    request: RequestInput,
    wanted: Partial<VersionRange> = {},
    extraMs = 0,
  ): Promise<Response> {
    return this.callIn(api, this.versionOf(api, wanted), request, extraMs)
  }

  /** `extraMs`: what the broker was asked to wait before it answers. */
  callIn<Request, Response, RequestInput, ResponseInput>(
    api: Api<Request, Response, RequestInput, ResponseInput>,
    version: number,
    request: RequestInput,
    extraMs = 0,
  ): Promise<Response> {
    if (this.lost !== null) return Promise.reject(this.lost)
    const correlationId = this.nextCorrelationId++
    const { chunks } = encodeFrame((writer) => {
      const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId: CLIENT_ID }
      RequestHeader.write(writer, requestHeaderVersion(api.key, version), header)
      api.request.write(writer, version, request)
    })
    const { clock, timeoutMs } = this.options
    const answer = new Promise<Response>((answered, fail) => {
      const take = (frame: Uint8Array): void => {
        try {
          const reader = new Reader(frame)
          const header = ResponseHeader.read(reader, responseHeaderVersion(api.key, version))
          if (header.correlationId !== correlationId) throw new Error('an answer to something else')
          answered(api.response.read(reader, version))
        } catch (error) {
          fail(new CommandFailure(`${this.name} answers ${api.name} ${version} with what is none: ${reasonOf(error)}`))
        }
      }
      this.waiting.push({ take, fail })
    })
    const late = clock.after(timeoutMs + extraMs, () =>
      this.end(`${this.name} has not answered ${api.name} within ${timeoutMs + extraMs} ms; --timeout gives it more`),
    )
    this.socket.write(Buffer.concat(chunks))
    return answer.finally(late)
  }

  close(): void {
    this.end(`${this.name}: the connection was closed`)
  }

  private async learnVersions(): Promise<void> {
    const answer = await this.callIn(ApiVersions, API_VERSIONS_VERSION, {})
    expectOk(this.name, answer.errorCode)
    for (const { apiKey, minVersion, maxVersion } of answer.apiKeys)
      this.versions.set(apiKey, { min: minVersion, max: maxVersion })
  }

  private end(reason: string): void {
    this.lost ??= new RetriableFailure(reason)
    this.socket.destroy()
    for (const { fail } of this.waiting.splice(0)) fail(this.lost)
  }
}

function withTimeout<T>({ clock, timeoutMs }: ConnectionOptions, what: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => reject(new RetriableFailure(`${what} within ${timeoutMs} ms`)))
    work().then(resolve, reject).finally(cancel)
  })
}
