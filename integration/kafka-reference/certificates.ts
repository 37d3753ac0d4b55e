import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DAYS = '30'

export interface Certificates {
  /** PEM of whoever signed the broker's: what clients have to trust. */
  readonly authority: string
  /** PEM of the broker's key and, behind it, its certificate: a key store as Kafka reads it. */
  readonly keyStore: string
}

/** Makes an authority and a certificate for localhost in `directory`. @throws Error when there is no openssl */
export function makeCertificates(directory: string): Certificates {
  mkdirSync(directory, { recursive: true })
  const at = (name: string): string => join(directory, name)
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const key = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Reference', '-days', DAYS)
  openssl('req', ...key, '-keyout', 'broker.key', '-out', 'broker.csr', '-subj', '/CN=localhost')
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', DAYS, '-extfile', 'names']
  openssl('x509', '-req', '-in', 'broker.csr', ...signed, '-out', 'broker.pem')
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'broker.key', '-out', 'broker.pkcs8')
  const keyStore = at('broker.store')
  writeFileSync(keyStore, Buffer.concat([readFileSync(at('broker.pkcs8')), readFileSync(at('broker.pem'))]))
  return { authority: at('ca.pem'), keyStore }
}
