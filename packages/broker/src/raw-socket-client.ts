import { connect, type Socket } from 'node:net'
import { FrameSplitter } from '@odradek/protocol'

/** Speaks frames over a plain socket, as a client that does no more than it is told: for tests. */
export class RawSocketClient {
  readonly socket: Socket
  /** Frames received and not taken yet. */
  private readonly frames: Buffer[] = []
  private readonly waiting: (() => void)[] = []
  private readonly splitter = new FrameSplitter(2 ** 31 - 1)
  private ended = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Uint8Array) => {
      this.splitter.push(chunk, (frame) => this.frames.push(Buffer.from(frame)))
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.wake()
    })
  }

  static async open(port: number, host = '127.0.0.1'): Promise<RawSocketClient> {
    const socket = connect({ port, host, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawSocketClient(socket)
  }

  /** Over a connection that is there already. */
  static over(socket: Socket): RawSocketClient {
    return new RawSocketClient(socket)
  }

  /** Sends each frame with its size in front, all in one write. */
  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(withSizes(frames))
  }

  /** The next `count` answers without their sizes; fewer when the connection ends before. */
  async take(count: number): Promise<Buffer[]> {
    while (this.frames.length < count && !this.ended) await this.change()
    return this.frames.splice(0, count)
  }

  async takeOne(): Promise<Buffer> {
    const [frame] = await this.take(1)
    if (frame === undefined) throw new Error('the connection was closed instead of an answer')
    return frame
  }

  /** Resolves when the broker has ended the connection. */
  async closed(): Promise<void> {
    while (!this.ended) await this.change()
  }

  get isClosed(): boolean {
    return this.ended
  }

  /** Answers that have come and are not taken. */
  get received(): number {
    return this.frames.length
  }

  destroy(): void {
    this.socket.destroy()
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

export function withSizes(frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    frames.flatMap((frame) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(frame.length)
      return [size, frame]
    }),
  )
}
