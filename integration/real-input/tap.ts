import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { Produce, readRequestHeader } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'

/** Of one batch, all that the broker must not touch: everything but base offset (8 bytes) and leader epoch (4, at 12). */
export function fingerprint(batch: Uint8Array): string {
  return createHash('sha256').update(batch.subarray(8, 12)).update(batch.subarray(16)).digest('hex')
}

interface SocketRequest {
  readonly host: string
  readonly port: number
  onConnect(): void
}

/** Notes every batch that a client writes to its sockets, as the client wrote it, with the codec its header names. */
export class ProduceTap {
  readonly fingerprints = new Map<string, number>()
  readonly codecs = new Map<number, number>()

  /** For kafkajs' `socketFactory`. */
  readonly socketFactory = ({ host, port, onConnect }: SocketRequest): Socket => {
    const socket = connect({ host, port }, onConnect)
    socket.setNoDelay(true)
    const write = socket.write.bind(socket)
    const tapped = (chunk: Uint8Array | string, ...rest: []): boolean => {
      if (typeof chunk !== 'string') this.note(chunk)
      return write(chunk, ...rest)
    }
    socket.write = tapped
    return socket
  }

  /** kafkajs writes one whole request a call: size, header, body. */
  private note(request: Uint8Array): void {
    const view = new DataView(request.buffer, request.byteOffset, request.byteLength)
    if (view.getInt16(4) !== Produce.key) return
    const reader = new Reader(request.subarray(4))
    const header = readRequestHeader(reader)
    const body = Produce.request.read(reader, header.requestApiVersion)
    for (const { partitionData } of body.topicData)
      for (const { records } of partitionData) if (records !== null) this.noteBatch(records)
  }

  private noteBatch(batch: Uint8Array): void {
    const codec = (batch[22] ?? 0) & 7
    this.codecs.set(codec, (this.codecs.get(codec) ?? 0) + 1)
    const print = fingerprint(batch)
    this.fingerprints.set(print, (this.fingerprints.get(print) ?? 0) + 1)
  }
}
