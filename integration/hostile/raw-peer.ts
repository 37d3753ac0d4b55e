import { connect, type Socket } from 'node:net'
import { FrameSplitter } from '@odradek/protocol'

/** A connection that sends what it is told, and counts the answers. */
export class RawPeer {
  readonly socket: Socket
  private answers = 0
  private bytes = 0
  private ended = false
  private readonly waiting: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    const splitter = new FrameSplitter(2 ** 31 - 1)
    socket.on('data', (chunk) => {
      this.bytes += chunk.length
      splitter.push(chunk, (frame) => {
        this.answers += 1
        this.lastAnswer = Buffer.from(frame)
      })
      this.wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.ended = true
      this.wake()
    })
  }

  lastAnswer: Buffer = Buffer.alloc(0)

  static open(port: number): Promise<RawPeer> {
    return new Promise((opened, failed) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', failed)
      socket.once('connect', () => opened(new RawPeer(socket)))
    })
  }

  get isClosed(): boolean {
    return this.ended
  }

  get answered(): number {
    return this.answers
  }

  get receivedBytes(): number {
    return this.bytes
  }

  /** Resolves when there are so many answers in all, or the connection has ended. */
  async answersOrEnd(count: number): Promise<void> {
    while (this.answers < count && !this.ended) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  close(): void {
    this.socket.destroy()
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}
