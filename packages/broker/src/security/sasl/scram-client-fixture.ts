import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { ScramMechanism } from './scram-keys.ts'

const digestOf = (mechanism: ScramMechanism) => (mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512')

/** The client's side of SCRAM, written from the RFC and not from the server's code. */
export class ScramClient {
  readonly first: string
  private readonly bare: string
  private readonly gs2: string
  private readonly mechanism: ScramMechanism
  private readonly password: string

  constructor(
    mechanism: ScramMechanism,
    name: string,
    password: string,
    more: { gs2?: string; extensions?: string } = {},
  ) {
    this.mechanism = mechanism
    this.password = password
    this.gs2 = more.gs2 ?? 'n,,'
    const escaped = name.replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.bare = `n=${escaped},r=${Math.random().toString(36).slice(2)}${more.extensions ?? ''}`
    this.first = this.gs2 + this.bare
  }

  /** The last message, and the signature that the server must answer with. */
  final(serverFirst: string, change: { nonce?: string; binding?: string; proof?: Buffer } = {}) {
    const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(serverFirst) ?? []
    const digest = digestOf(this.mechanism)
    const bytes = digest === 'sha256' ? 32 : 64
    const hmac = (key: Buffer, text: string) => createHmac(digest, key).update(text).digest()
    const salted = pbkdf2Sync(this.password, Buffer.from(salt, 'base64'), Number(iterations), bytes, digest)
    const clientKey = hmac(salted, 'Client Key')
    const storedKey = createHash(digest).update(clientKey).digest()
    const binding = Buffer.from(change.binding ?? this.gs2).toString('base64')
    const withoutProof = `c=${binding},r=${change.nonce ?? nonce}`
    const authMessage = `${this.bare},${serverFirst},${withoutProof}`
    const signature = hmac(storedKey, authMessage)
    const proof = change.proof ?? Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
    return {
      message: `${withoutProof},p=${proof.toString('base64')}`,
      serverFinal: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`,
    }
  }
}
