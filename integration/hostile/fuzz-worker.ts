import { connect, type Socket } from 'node:net'
import type { Prng } from '@odradek/core'
import { SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { frameOf } from '../bench/frame-of.ts'
import type { FrameFuzz } from './fuzz-frames.ts'
import { SMALLEST_REQUEST } from './peers-floods.ts'

/** Where inputs go: to whoever asks, to a listener before the login and after it, and as logins. */
export const KINDS = ['open', 'before login', 'after login', 'logins'] as const

export type Kind = (typeof KINDS)[number]

export interface FuzzPorts {
  readonly open: number
  readonly sasl: number
}

/** Of one connection; a spoilt one ends it before. */
const FRAMES_MAX = 20
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

/** One connection after the other, for as long as it is told. */
export class FuzzWorker {
  private readonly kind: Kind
  private readonly ports: FuzzPorts
  private readonly fuzz: FrameFuzz
  private readonly prng: Prng

  constructor(kind: Kind, ports: FuzzPorts, fuzz: FrameFuzz, prng: Prng) {
    this.kind = kind
    this.ports = ports
    this.fuzz = fuzz
    this.prng = prng
  }

  async run(count: (inputs: number) => void, isOver: () => boolean): Promise<void> {
    while (!isOver()) count(await this.connection())
  }

  /** How many inputs the broker has seen: those that it has answered, and the one that it ended the connection for. */
  private connection(): Promise<number> {
    const port = this.kind === 'open' ? this.ports.open : this.ports.sasl
    const frames = this.frames()
    // What is an input: logins that are right are not.
    const own = this.kind === 'after login' ? 2 : 0
    return new Promise((resolve) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let answers = 0
      let rest: Buffer = Buffer.alloc(0)
      let isDone = false
      const done = (ended: number): void => {
        if (isDone) return
        isDone = true
        clearTimeout(timer)
        socket.destroy()
        resolve(Math.max(0, Math.min(frames.length, answers + ended) - own))
      }
      const timer = setTimeout(() => done(1), PATIENCE_MS)
      socket.on('error', () => done(1)).on('close', () => done(1))
      socket.on('data', (chunk: Buffer) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
          const size = rest.readInt32BE(0)
          if (size >= 4 && rest.readInt32BE(4) === LAST_CORRELATION_ID) return done(0)
          answers += 1
          rest = rest.subarray(4 + size)
        }
      })
      socket.write(Buffer.concat([...frames, last()]))
    })
  }

  private frames(): Buffer[] {
    const count = 1 + this.prng.below(FRAMES_MAX)
    const any = () => Array.from({ length: count }, () => this.fuzz.next())
    switch (this.kind) {
      case 'open':
      case 'before login':
        return any()
      case 'after login':
        return [handshake('PLAIN', 1), authenticate(Buffer.from('\0alice\0alice-pw')), ...any()]
      case 'logins':
        return this.login()
    }
  }

  private login(): Buffer[] {
    const version = this.prng.below(2)
    const mechanism = MECHANISMS[this.prng.below(MECHANISMS.length)] ?? ''
    const tokens = Array.from({ length: 1 + this.prng.below(3) }, () => {
      const token = Buffer.from(TOKENS[this.prng.below(TOKENS.length)] ?? '')
      return this.prng.below(3) === 0 || token.length === 0 ? token : this.fuzz.spoil(token)
    })
    const told = tokens.map((token) => (version === 0 ? sized(token) : authenticate(token)))
    return [handshake(mechanism, version), ...told]
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
  frame.writeInt32BE(LAST_CORRELATION_ID, 8)
  return frame
}
