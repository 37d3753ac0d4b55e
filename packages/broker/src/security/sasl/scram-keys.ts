import { createHash, createHmac, pbkdf2 } from 'node:crypto'

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** Kafka's numbers for them, on the wire and in the metadata log. */
export const SCRAM_CODES: Readonly<Record<ScramMechanism, number>> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 }

const DIGESTS: Readonly<Record<ScramMechanism, string>> = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-512': 'sha512' }
export const SCRAM_KEY_BYTES: Readonly<Record<ScramMechanism, number>> = { 'SCRAM-SHA-256': 32, 'SCRAM-SHA-512': 64 }

/** Kafka's bounds on the rounds of a stored credential. */
export const SCRAM_ITERATIONS_MIN = 4096
export const SCRAM_ITERATIONS_MAX = 16_384

/** What is kept of a password: enough to check a proof, not to make one. */
export interface ScramCredential {
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly iterations: number
}

export function scramMechanism(code: number): ScramMechanism | null {
  if (code === SCRAM_CODES['SCRAM-SHA-256']) return 'SCRAM-SHA-256'
  return code === SCRAM_CODES['SCRAM-SHA-512'] ? 'SCRAM-SHA-512' : null
}

export function scramHmac(mechanism: ScramMechanism, key: Uint8Array, text: string | Uint8Array): Buffer {
  return createHmac(DIGESTS[mechanism], key).update(text).digest()
}

export function scramHash(mechanism: ScramMechanism, bytes: Uint8Array): Buffer {
  return createHash(DIGESTS[mechanism]).update(bytes).digest()
}

/** RFC 5802's keys from the salted password. */
export function scramCredential(
  mechanism: ScramMechanism,
  salt: Uint8Array,
  saltedPassword: Uint8Array,
  iterations: number,
): ScramCredential {
  const storedKey = scramHash(mechanism, scramHmac(mechanism, saltedPassword, 'Client Key'))
  return { salt, storedKey, serverKey: scramHmac(mechanism, saltedPassword, 'Server Key'), iterations }
}

/** PBKDF2, on another thread. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const bytes = SCRAM_KEY_BYTES[mechanism]
    pbkdf2(password, salt, iterations, bytes, DIGESTS[mechanism], (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}
