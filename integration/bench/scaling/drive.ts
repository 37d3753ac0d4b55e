import type { Socket } from 'node:net'
import { openSocket } from '../../harness/open-socket.ts'

/** What is sent to be measured. */
export interface Drive {
  readonly frames: readonly Uint8Array[]
  /** All are open; requests go over them in turn. */
  readonly connections: number
  /** Requests under way at a time, over all connections. */
  readonly inFlight: number
  readonly requests: number
  /** Costs are of these. */
  readonly itemsPerRequest: number
}

const SIZE_BYTES = 4

/** Counts answers on a connection by their sizes. */
function countAnswers(socket: Socket, answered: () => void): void {
  let bytes: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    let at = 0
    while (bytes.length - at >= SIZE_BYTES && bytes.length - at >= bytes.readInt32BE(at) + SIZE_BYTES) {
      at += bytes.readInt32BE(at) + SIZE_BYTES
      answered()
    }
    bytes = bytes.subarray(at)
  })
}

/** Connections that send prepared requests in turn; each has one answer. */
export class Driver {
  private readonly sockets: readonly Socket[]
  private readonly drive: Drive
  private sent = 0
  private left = 0
  private lost: Error | null = null
  private done: (error: Error | null) => void = () => {}
  private toSend = 0

  private constructor(sockets: readonly Socket[], drive: Drive) {
    this.sockets = sockets
    this.drive = drive
    for (const socket of sockets) {
      countAnswers(socket, () => this.answered())
      socket.on('error', () => {})
      socket.on('close', () => this.fail(new Error('the broker ended a connection')))
    }
  }

  static async open(port: number, drive: Drive): Promise<Driver> {
    const sockets: Socket[] = []
    for (let index = 0; index < drive.connections; index++) sockets.push(await openSocket({ host: '127.0.0.1', port }))
    return new Driver(sockets, drive)
  }

  /** Resolves when so many more are answered. */
  run(requests: number): Promise<void> {
    if (this.lost !== null) return Promise.reject(this.lost)
    return new Promise((resolve, reject) => {
      this.done = (error) => (error === null ? resolve() : reject(error))
      this.left = requests
      this.toSend = requests
      for (let index = 0; index < this.drive.inFlight; index++) this.sendNext()
    })
  }

  close(): void {
    this.done = () => {}
    for (const socket of this.sockets) socket.destroy()
  }

  private sendNext(): void {
    if (this.toSend === 0) return
    this.toSend--
    const { frames } = this.drive
    const frame = frames[this.sent % frames.length]
    const socket = this.sockets[this.sent % this.sockets.length]
    this.sent++
    if (frame !== undefined) socket?.write(frame)
  }

  private answered(): void {
    this.left--
    if (this.left === 0) this.done(null)
    else this.sendNext()
  }

  private fail(error: Error): void {
    this.lost = error
    this.done(error)
  }
}
