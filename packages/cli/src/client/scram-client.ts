import { type ScramMechanism, saltPassword, scramHash, scramHmac } from '@odradek/broker'
import type { Prng } from '@odradek/core'
import { CommandFailure } from './failure.ts'

/** As few rounds as Kafka has, and as many as a command waits for. */
const ITERATIONS_MIN = 4096
const ITERATIONS_MAX = 1_000_000
const NONCE_BYTES = 24

export interface ScramLogin {
  readonly mechanism: ScramMechanism
  readonly name: string
  readonly password: string
  /** Name and password are a delegation token's id and HMAC. */
  readonly isToken: boolean
}

/** The client's side of RFC 5802: one login. */
export class ScramClient {
  readonly first: string
  private readonly bare: string
  private readonly nonce: string
  private readonly login: ScramLogin
  private expectedFinal: Buffer | null = null

  constructor(login: ScramLogin, prng: Prng) {
    this.login = login
    const nonce = Buffer.from(prng.bytes(NONCE_BYTES)).toString('base64url')
    this.nonce = nonce
    const escaped = login.name.replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.bare = `n=${escaped},r=${nonce}${login.isToken ? ',tokenauth=true' : ''}`
    this.first = `n,,${this.bare}`
  }

  /** The answer to the broker's challenge. @throws CommandFailure when that is none */
  async final(serverFirst: string): Promise<string> {
    const { mechanism, password } = this.login
    const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]+),s=([A-Za-z0-9+/=]+),i=(\d+)$/.exec(serverFirst) ?? []
    const iterations = Number(rounds)
    if (!nonce.startsWith(this.nonce) || nonce.length === this.nonce.length)
      throw new CommandFailure(`the broker's ${mechanism} challenge is not one to this login`)
    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
      throw new CommandFailure(
        `the broker asks for ${iterations} rounds of ${mechanism}: ${ITERATIONS_MIN} to ${ITERATIONS_MAX} are made`,
      )
    const salted = await saltPassword(mechanism, password, Buffer.from(salt, 'base64'), iterations)
    const clientKey = scramHmac(mechanism, salted, 'Client Key')
    const withoutProof = `c=${Buffer.from('n,,').toString('base64')},r=${nonce}`
    const authMessage = `${this.bare},${serverFirst},${withoutProof}`
    const signature = scramHmac(mechanism, scramHash(mechanism, clientKey), authMessage)
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    this.expectedFinal = scramHmac(mechanism, scramHmac(mechanism, salted, 'Server Key'), authMessage)
    return `${withoutProof},p=${proof.toString('base64')}`
  }

  /** Whether the broker too has known the password. */
  proves(serverFinal: string): boolean {
    const signature = Buffer.from(/^v=([A-Za-z0-9+/=]+)$/.exec(serverFinal)?.[1] ?? '', 'base64')
    return this.expectedFinal !== null && signature.equals(this.expectedFinal)
  }
}
