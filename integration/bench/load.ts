import type { Socket } from 'node:net'
import { type Address, openSocket } from '../harness/open-socket.ts'

const SIZE_BYTES = 4

/** One connection that keeps `depth` copies of a prepared request under way. */
class LoadConnection {
  responses = 0
  responseBytes = 0
  readonly latenciesMs: number[] = []
  private readonly socket: Socket
  private readonly frame: Uint8Array
  private readonly sentAtMs: number[] = []
  private pending: Buffer[] = []
  private pendingBytes = 0
  private stopped = false

  constructor(socket: Socket, frame: Uint8Array) {
    this.socket = socket
    this.frame = frame
    socket.on('data', (chunk) => this.take(chunk))
  }

  start(depth: number): void {
    for (let index = 0; index < depth; index++) this.send()
  }

  stop(): void {
    this.stopped = true
    this.socket.destroy()
  }

  private send(): void {
    this.sentAtMs.push(performance.now())
    this.socket.write(this.frame)
  }

  private take(chunk: Buffer): void {
    this.pending.push(chunk)
    this.pendingBytes += chunk.length
    for (;;) {
      const size = this.nextSize()
      if (size === null || this.pendingBytes < size) return
      this.drop(size)
      this.responses += 1
      this.responseBytes += size
      this.latenciesMs.push(performance.now() - (this.sentAtMs.shift() ?? 0))
      if (!this.stopped) this.send()
    }
  }

  private nextSize(): number | null {
    if (this.pendingBytes < SIZE_BYTES) return null
    if ((this.pending[0]?.length ?? 0) < SIZE_BYTES) this.pending = [Buffer.concat(this.pending)]
    return (this.pending[0]?.readInt32BE(0) ?? 0) + SIZE_BYTES
  }

  private drop(bytes: number): void {
    this.pendingBytes -= bytes
    let left = bytes
    while (left > 0) {
      const head = this.pending[0]
      if (head === undefined) return
      if (head.length > left) {
        this.pending[0] = head.subarray(left)
        return
      }
      left -= head.length
      this.pending.shift()
    }
  }
}

export interface LoadFigures {
  readonly requests: number
  readonly responseBytes: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const sleep = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms))

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Sends prepared frames (connection i takes frame i mod n) for a while; figures leave the warm-up out. */
export async function load(
  address: Address,
  frames: readonly Uint8Array[],
  shape: { readonly connections: number; readonly depth: number; readonly warmUpMs: number; readonly windowMs: number },
  atWindowStart: () => void,
): Promise<LoadFigures> {
  const connections = await Promise.all(
    Array.from({ length: shape.connections }, async (_, index) => {
      const socket = await openSocket(address)
      const frame = frames[index % frames.length]
      if (frame === undefined) throw new Error('no frame to send')
      return new LoadConnection(socket, frame)
    }),
  )
  for (const connection of connections) connection.start(shape.depth)
  await sleep(shape.warmUpMs)
  atWindowStart()
  const startMs = performance.now()
  for (const connection of connections) {
    connection.responses = 0
    connection.responseBytes = 0
    connection.latenciesMs.length = 0
  }
  await sleep(shape.windowMs)
  const seconds = (performance.now() - startMs) / 1000
  const latencies = connections.flatMap((connection) => connection.latenciesMs).sort((a, b) => a - b)
  const figures = {
    requests: connections.reduce((sum, { responses }) => sum + responses, 0),
    responseBytes: connections.reduce((sum, { responseBytes }) => sum + responseBytes, 0),
    seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  }
  for (const connection of connections) connection.stop()
  return figures
}
