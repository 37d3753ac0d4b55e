import { connect, type Socket } from 'node:net'
import type { Prng } from '@odradek/core'
import { SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import { CORRELATION_ID_AT, type FrameFuzz } from './fuzz-frames.ts'
import { SMALLEST_REQUEST } from './peers-floods.ts'

/** Where frames go: to whoever asks, and to a listener before the login, after it, and as logins. */
export const WIRE_KINDS = ['open', 'before login', 'after login', 'logins'] as const

export type WireKind = (typeof WIRE_KINDS)[number]

export interface FuzzPorts {
  readonly open: number
  readonly sasl: number
}

/** Sent without waiting for an answer; the next ones when the last of them has its own. */
const FRAMES_PER_WAVE = 12
/** Before a login the first of them ends the connection, most likely. */
const FRAMES_PER_WAVE_BEFORE_LOGIN = 3
/** A connection that still lives then is left all the same. */
const WAVES_MAX = 50
/** A request may wait for others. Its connection is left then. */
const PATIENCE_MS = 300
const LAST_CORRELATION_ID = 0x7a7a7a7a

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'GSSAPI', '']
const TOKENS = [
  '\0alice\0alice-pw',
  '\0alice\0wrong',
  'bob\0alice\0alice-pw',
  'n,,n=alice,r=abc',
  'c=biws,r=abcdef,p=AAAA',
  'n,a=bob,n=alice,r=abc',
  'y,,n=alice,r=abc,ext=1',
  'n,,n=alice,r=abc,tokenauth=true',
  'n,,\u0001auth=Bearer x\u0001\u0001',
  '',
]

interface Input {
  readonly frame: Buffer
  readonly correlationId: number
}

/** One connection after the other, for as long as it is told. What the broker has not seen of one goes into the next. */
export class FuzzWorker {
  private readonly kind: WireKind
  private readonly ports: FuzzPorts
  private readonly fuzz: FrameFuzz
  private readonly prng: Prng
  private readonly count: (inputs: number) => void
  private readonly isOver: () => boolean
  private nextCorrelationId = 1
  /** In the order in which they are sent. */
  private unseen: Input[] = []

  constructor(
    kind: WireKind,
    ports: FuzzPorts,
    fuzz: FrameFuzz,
    prng: Prng,
    progress: { readonly count: (inputs: number) => void; readonly isOver: () => boolean },
  ) {
    this.kind = kind
    this.ports = ports
    this.fuzz = fuzz
    this.prng = prng
    this.count = progress.count
    this.isOver = progress.isOver
  }

  async run(): Promise<void> {
    while (!this.isOver()) await this.connection()
  }

  /**
   * An answer says that everything before it was seen, too. The first that has none when the connection ends is what it
   * ended for, or waits for others.
   */
  private connection(): Promise<void> {
    const port = this.kind === 'open' ? this.ports.open : this.ports.sasl
    return new Promise((resolve) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let rest: Buffer = Buffer.alloc(0)
      let waves = 1
      let isDone = false
      const done = (): void => {
        if (isDone) return
        isDone = true
        clearTimeout(timer)
        socket.destroy()
        if (this.unseen.shift() !== undefined) this.count(1)
        // Half a login makes no sense on another connection.
        if (this.kind === 'logins') this.unseen = []
        resolve()
      }
      const timer = setTimeout(done, PATIENCE_MS)
      const answer = (id: number): void => {
        if (isDone) return
        if (id !== LAST_CORRELATION_ID) {
          this.seen(id)
          return
        }
        this.count(this.unseen.length)
        this.unseen = []
        if (waves === WAVES_MAX || this.isOver() || this.kind === 'logins') {
          done()
          return
        }
        waves += 1
        timer.refresh()
        socket.write(this.wave())
      }
      socket.on('error', done).on('close', done)
      socket.on('data', (chunk: Buffer) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
          const sizeBytes = rest.readInt32BE(0)
          // The answer to a raw token may have no bytes at all.
          if (sizeBytes >= 4) answer(rest.readInt32BE(4))
          rest = rest.subarray(4 + sizeBytes)
        }
      })
      const login =
        this.kind === 'after login' ? [handshake('PLAIN', 1), authenticate(Buffer.from(TOKENS[0] ?? ''))] : []
      socket.write(Buffer.concat([...login, this.wave()]))
    })
  }

  private seen(correlationId: number): void {
    const at = this.unseen.findIndex((input) => input.correlationId === correlationId)
    if (at < 0) return
    this.count(at + 1)
    this.unseen.splice(0, at + 1)
  }

  private wave(): Buffer {
    if (this.kind === 'logins') this.unseen = this.login()
    const frames = this.kind === 'before login' ? FRAMES_PER_WAVE_BEFORE_LOGIN : FRAMES_PER_WAVE
    while (this.unseen.length < frames && this.kind !== 'logins') {
      const correlationId = this.takeCorrelationId()
      this.unseen.push({ frame: this.fuzz.next(correlationId), correlationId })
    }
    return Buffer.concat([...this.unseen.map(({ frame }) => frame), last()])
  }

  /** Not one that the login and the last request of a wave have. */
  private takeCorrelationId(): number {
    this.nextCorrelationId = this.nextCorrelationId === LAST_CORRELATION_ID - 1 ? 2 : this.nextCorrelationId + 1
    return this.nextCorrelationId
  }

  private login(): Input[] {
    const version = this.prng.below(2)
    const mechanism = MECHANISMS[this.prng.below(MECHANISMS.length)] ?? ''
    const tokens = Array.from({ length: 1 + this.prng.below(3) }, () => {
      const token = Buffer.from(TOKENS[this.prng.below(TOKENS.length)] ?? '')
      return this.prng.below(3) === 0 || token.length === 0 ? token : this.fuzz.spoil(token)
    })
    const numbered = (frame: Buffer): Input => {
      const correlationId = this.takeCorrelationId()
      frame.writeInt32BE(correlationId, CORRELATION_ID_AT)
      return { frame, correlationId }
    }
    const told = tokens.map((token) =>
      version === 0 ? { frame: sized(token), correlationId: 0 } : numbered(authenticate(token)),
    )
    return [numbered(handshake(mechanism, version)), ...told]
  }
}

function handshake(mechanism: string, version: number): Buffer {
  return Buffer.from(frameOf('fuzz', SaslHandshake, version, { mechanism }))
}

function authenticate(authBytes: Buffer): Buffer {
  return Buffer.from(frameOf('fuzz', SaslAuthenticate, 1, { authBytes }))
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}

function last(): Buffer {
  const frame = Buffer.from(SMALLEST_REQUEST)
  frame.writeInt32BE(LAST_CORRELATION_ID, CORRELATION_ID_AT)
  return frame
}
