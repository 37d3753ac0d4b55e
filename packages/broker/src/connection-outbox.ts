import type { EncodedFrame } from '@odradek/protocol'

/** What the outbox needs of a socket. */
export interface OutboxSocket {
  /** Bytes taken by `write` that have not left the process. */
  readonly writableLength: number
  write(bytes: Uint8Array, done?: () => void): boolean
  cork(): void
  uncork(): void
}

type Release = () => void

/** Gathers the answers of one connection and sends those of a turn in one write. */
export class ConnectionOutbox {
  private readonly socket: OutboxSocket
  private chunks: Uint8Array[] = []
  private chunkBytes = 0
  private releases: Release[] = []
  private readonly unsentReleases = new Set<readonly Release[]>()
  private closed = false

  constructor(socket: OutboxSocket) {
    this.socket = socket
  }

  /** Bytes that the peer has not taken yet. */
  get unsentBytes(): number {
    return this.chunkBytes + this.socket.writableLength
  }

  /** `releases` run once the frame has left the process, or never will. */
  push(frame: EncodedFrame, releases: readonly Release[]): void {
    if (this.closed) {
      runAll(releases)
      return
    }
    for (const chunk of frame.chunks) this.append(chunk)
    this.chunkBytes += frame.length
    if (releases.length > 0) this.releases.push(...releases)
  }

  flush(): void {
    const { chunks, releases } = this
    if (chunks.length === 0 || this.closed) return
    this.chunks = []
    this.chunkBytes = 0
    const last = chunks.length - 1
    if (last > 0) this.socket.cork()
    for (let index = 0; index < last; index++) this.write(chunks[index])
    if (releases.length === 0) this.write(chunks[last])
    else {
      this.releases = []
      this.unsentReleases.add(releases)
      this.write(chunks[last], () => this.sent(releases))
    }
    if (last > 0) this.socket.uncork()
  }

  /** The socket is gone: what is unsent stays so. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.chunks = []
    this.chunkBytes = 0
    runAll(this.releases)
    this.releases = []
    for (const releases of this.unsentReleases) runAll(releases)
    this.unsentReleases.clear()
  }

  /** Small answers lie side by side in the codec's slab: they become one piece. */
  private append(chunk: Uint8Array): void {
    const previous = this.chunks.at(-1)
    if (previous === undefined || !adjoins(previous, chunk)) this.chunks.push(chunk)
    else this.chunks[this.chunks.length - 1] = joined(previous, chunk)
  }

  private write(chunk: Uint8Array | undefined, done?: () => void): void {
    if (chunk !== undefined) this.socket.write(chunk, done)
  }

  private sent(releases: readonly Release[]): void {
    if (this.unsentReleases.delete(releases)) runAll(releases)
  }
}

function adjoins(first: Uint8Array, second: Uint8Array): boolean {
  return first.buffer === second.buffer && first.byteOffset + first.length === second.byteOffset
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return new Uint8Array(first.buffer, first.byteOffset, first.length + second.length)
}

function runAll(releases: readonly Release[]): void {
  for (const release of releases) release()
}
