import type { EncodedFrame } from '@odradek/protocol'
import { type Piece, pieceBytes } from '@odradek/protocol/wire'

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
  private pieces: Piece[] = []
  private pieceBytes = 0
  private releases: Release[] = []
  private readonly unsentReleases = new Set<readonly Release[]>()
  private closed = false

  constructor(socket: OutboxSocket) {
    this.socket = socket
  }

  /** Bytes that the peer has not taken yet. */
  get unsentBytes(): number {
    return this.pieceBytes + this.socket.writableLength
  }

  /** `releases` run once the frame has left the process, or never will. */
  push(frame: EncodedFrame, releases: readonly Release[]): void {
    if (this.closed) {
      runAll(releases)
      return
    }
    for (const piece of frame.pieces) this.append(piece)
    this.pieceBytes += frame.length
    if (releases.length > 0) this.releases.push(...releases)
  }

  flush(): void {
    const { pieces, releases } = this
    if (pieces.length === 0 || this.closed) return
    this.pieces = []
    this.pieceBytes = 0
    const last = pieces.length - 1
    if (last > 0) this.socket.cork()
    for (let index = 0; index < last; index++) this.write(pieces[index])
    if (releases.length === 0) this.write(pieces[last])
    else {
      this.releases = []
      this.unsentReleases.add(releases)
      this.write(pieces[last], () => this.sent(releases))
    }
    if (last > 0) this.socket.uncork()
  }

  /** The socket is gone: what is unsent stays so. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.pieces = []
    this.pieceBytes = 0
    runAll(this.releases)
    this.releases = []
    for (const releases of this.unsentReleases) runAll(releases)
    this.unsentReleases.clear()
  }

  /** Small answers lie side by side in the codec's slab: they become one piece. */
  private append(piece: Piece): void {
    const last = this.pieces.length - 1
    const previous = last < 0 ? undefined : this.pieces[last]
    if (previous === undefined || previous.bytes !== piece.bytes || previous.end !== piece.start) {
      this.pieces.push(piece)
      return
    }
    this.pieces[last] = { bytes: piece.bytes, start: previous.start, end: piece.end }
  }

  private write(piece: Piece | undefined, done?: () => void): void {
    if (piece !== undefined) this.socket.write(pieceBytes(piece), done)
  }

  private sent(releases: readonly Release[]): void {
    if (this.unsentReleases.delete(releases)) runAll(releases)
  }
}

function runAll(releases: readonly Release[]): void {
  for (const release of releases) release()
}
