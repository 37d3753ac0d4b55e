import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { ErrorCode, type ResponseOf, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import type { WireClient } from './wire-client.ts'

export interface ScramLogin {
  readonly mechanism?: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly name: string
  readonly password: string
  /** The name is a delegation token's. */
  readonly isToken?: boolean
}

const VERSION = 2

/** The client's side of RFC 5802; `salt` may remember what it has worked out. Resolves with the answer to the last message that could be sent. */
export async function logInByScram(
  client: WireClient,
  login: ScramLogin,
  salt = saltedPassword,
): Promise<ResponseOf<typeof SaslAuthenticate>> {
  const { mechanism = 'SCRAM-SHA-256', name, password, isToken = false } = login
  const send = (text: string) => client.call(SaslAuthenticate, VERSION, { authBytes: Buffer.from(text) })
  await client.call(SaslHandshake, 1, { mechanism })
  const bare = `n=${name},r=${randomBytes(18).toString('base64')}${isToken ? ',tokenauth=true' : ''}`
  const answer = await send(`n,,${bare}`)
  if (answer.errorCode !== ErrorCode.NONE) return answer
  const challenge = Buffer.from(answer.authBytes).toString()
  const [, nonce = '', saltText = '', iterations = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(challenge) ?? []
  const withoutProof = `c=biws,r=${nonce}`
  const salted = salt(password, Buffer.from(saltText, 'base64'), Number(iterations), mechanism)
  const proof = proofOf(salted, `${bare},${challenge},${withoutProof}`, digestOf(mechanism))
  return send(`${withoutProof},p=${proof.toString('base64')}`)
}

export function saltedPassword(
  password: string,
  salt: Uint8Array,
  iterations: number,
  mechanism: NonNullable<ScramLogin['mechanism']> = 'SCRAM-SHA-256',
): Buffer {
  const digest = digestOf(mechanism)
  return pbkdf2Sync(password, salt, iterations, createHash(digest).digest().length, digest)
}

function digestOf(mechanism: ScramLogin['mechanism']): string {
  return mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
}

function proofOf(salted: Buffer, message: string, digest: string): Buffer {
  const clientKey = createHmac(digest, salted).update('Client Key').digest()
  const storedKey = createHash(digest).update(clientKey).digest()
  const signature = createHmac(digest, storedKey).update(message).digest()
  return Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)))
}
