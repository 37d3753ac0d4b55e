import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { ListenerConfigError } from '../../listener-config.ts'
import type { ListenerKeys } from '../listener-keys.ts'
import { subjectReader } from './distinguished-name.ts'
import { type KeyMaterial, loadKeyMaterial, type ReadFile } from './key-material.ts'
import { compilePrincipalMapping, type MapPrincipal } from './principal-mapping.ts'
import { provokeAlert } from './provoked-alert.ts'
import { readTlsSettings, type TlsSettings } from './tls-settings.ts'

/** How a handshake ended. */
export type TlsOutcome =
  /** `subject`: the principal's name from the client's certificate; null where it showed none. */
  | { readonly ok: true; readonly socket: Socket; readonly subject: string | null }
  | { readonly ok: false; readonly reason: string }

/** The TLS side of one listener: new handshakes use the newest certificate, old connections keep theirs. */
export class TlsListener {
  private readonly keys: ListenerKeys
  private readonly readFile: ReadFile
  private settings: TlsSettings
  private context: SecureContext
  private material: KeyMaterial
  private readonly mapPrincipal: MapPrincipal
  private readonly subjectOf: (der: Uint8Array) => string

  private constructor(keys: ListenerKeys, readFile: ReadFile, loaded: Loaded) {
    this.keys = keys
    this.readFile = readFile
    this.settings = loaded.settings
    this.context = loaded.context
    this.material = loaded.material
    this.mapPrincipal = loaded.mapPrincipal
    this.subjectOf = loaded.subjectOf
  }

  /** @throws ListenerConfigError */
  static async open(keys: ListenerKeys, readFile: ReadFile): Promise<TlsListener> {
    const settings = readTlsSettings(keys)
    const material = await loadKeyMaterial(settings, readFile)
    const subjectOf = settings.clientAuth === 'none' ? () => '' : await subjectReader()
    const mapPrincipal = await compilePrincipalMapping(settings.mappingRules)
    return new TlsListener(keys, readFile, {
      settings,
      material,
      subjectOf,
      mapPrincipal,
      context: contextOf(keys.listener, settings, material),
    })
  }

  get requiresCertificate(): boolean {
    return this.settings.clientAuth === 'required'
  }

  /** Files that others must not read. */
  get secretFiles(): readonly string[] {
    const { location } = this.settings.keyStore
    return location === null ? [] : [location]
  }

  /** Files whose change means a new certificate. */
  get files(): readonly string[] {
    return [this.settings.keyStore.location, this.settings.trustStore?.location ?? null].filter((path) => path !== null)
  }

  /** Reads keys and files anew. Whether anything has changed. @throws ListenerConfigError, and everything stays as it was. */
  async reload(): Promise<boolean> {
    const read = readTlsSettings(this.keys)
    // Who must show a certificate is decided at the start, as in Kafka.
    const settings = { ...read, clientAuth: this.settings.clientAuth }
    const material = await loadKeyMaterial(settings, this.readFile)
    const before = JSON.stringify([this.settings, this.material])
    if (JSON.stringify([settings, material]) === before) return false
    this.context = contextOf(this.keys.listener, settings, material)
    this.settings = settings
    this.material = material
    return true
  }

  /** Begins the handshake on an accepted, paused socket. Returns its end, for when it takes too long. */
  handshake(accepted: Socket, done: (outcome: TlsOutcome) => void): () => void {
    const { clientAuth } = this.settings
    const socket = new TLSSocket(accepted, {
      isServer: true,
      secureContext: this.context,
      requestCert: clientAuth !== 'none',
      // Whoever shows none is told so by an alert; whose certificate is not trusted is found below.
      rejectUnauthorized: clientAuth === 'required',
    })
    let settled = false
    let refusal: TlsOutcome | null = null
    const settle = (ended: TlsOutcome) => {
      if (settled) return
      const outcome = refusal ?? ended
      settled = true
      if (!outcome.ok) {
        socket.destroy()
        accepted.destroy()
      }
      done(outcome)
    }
    socket.on('error', (error) => settle({ ok: false, reason: reasonOf(error) }))
    // What breaks later, and that an alert was provoked, Node tells its own servers alone: the connection would stay, deaf, until it is idle for too long.
    socket.on('_tlsError', () => socket.destroy())
    socket.on('close', () => settle({ ok: false, reason: 'the peer went away during the TLS handshake' }))
    socket.on('secure', () => {
      const verdict = this.verdict(socket)
      if (verdict.ok || !provokeAlert(socket)) settle(verdict)
      else refusal = verdict
    })
    return () => settle({ ok: false, reason: 'the TLS handshake took too long' })
  }

  private verdict(socket: TLSSocket): TlsOutcome {
    const { clientAuth } = this.settings
    const certificate = clientAuth === 'none' ? undefined : socket.getPeerX509Certificate()
    if (certificate === undefined) {
      if (clientAuth === 'required')
        return { ok: false, reason: 'the peer showed no certificate (ssl.client.auth=required)' }
      return { ok: true, socket, subject: null }
    }
    const fault = verifyFault(socket)
    if (fault !== null) return { ok: false, reason: `the peer's certificate is not trusted (${fault})` }
    try {
      const subject = this.mapPrincipal(this.subjectOf(certificate.raw))
      if (subject !== null) return { ok: true, socket, subject }
      return { ok: false, reason: 'no rule of ssl.principal.mapping.rules fits the name in the peer’s certificate' }
    } catch {
      return { ok: false, reason: 'the subject of the peer’s certificate cannot be read' }
    }
  }
}

interface Loaded {
  readonly settings: TlsSettings
  readonly material: KeyMaterial
  readonly context: SecureContext
  readonly mapPrincipal: MapPrincipal
  readonly subjectOf: (der: Uint8Array) => string
}

function contextOf(listener: string, settings: TlsSettings, material: KeyMaterial): SecureContext {
  const { chain, key, keyPassword, trusted } = material
  try {
    return createSecureContext({
      cert: chain,
      key,
      ...(keyPassword === null ? {} : { passphrase: keyPassword }),
      ...(trusted === null ? {} : { ca: [...trusted] }),
      ...(settings.ciphers === null ? {} : { ciphers: settings.ciphers }),
      // As Kafka: a handshake costs the broker more than the peer, and this one no limit on connections would see.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      minVersion: settings.minVersion,
      maxVersion: settings.maxVersion,
      honorCipherOrder: true,
      // Without one OpenSSL refuses whoever has shown a certificate and comes back by his session, as Java's client does.
      sessionIdContext: 'odradek',
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ListenerConfigError(
      `listener ${listener}: key and certificate cannot be used (${why}): check ssl.keystore, ssl.key.password and ssl.cipher.suites`,
    )
  }
}

/**
 * What OpenSSL has against the peer's chain; null when nothing. Node tells it through an undocumented method of the handle,
 * as its own server asks it; where that is missing nobody is trusted.
 */
function verifyFault(socket: TLSSocket): string | null {
  const handle: unknown = Reflect.get(socket, '_handle')
  const verifyError: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'verifyError') : null
  if (typeof verifyError !== 'function') return 'this version of Node does not tell'
  const error: unknown = verifyError.call(handle)
  if (error === null || error === undefined) return null
  return typeof error === 'object' && 'code' in error ? String(error.code) : 'no reason given'
}

/** OpenSSL's words for what happens most, in ours. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ERR_SSL_HTTP_REQUEST':
      return 'HTTP on a TLS port'
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_UNEXPECTED_MESSAGE':
    case 'ERR_SSL_BAD_RECORD_TYPE':
    case 'ERR_SSL_UNKNOWN_PROTOCOL':
      return 'not TLS: the peer sends clear text to a TLS port (its security.protocol is PLAINTEXT or SASL_PLAINTEXT?)'
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return 'no version of TLS in common (ssl.enabled.protocols)'
    case 'ERR_SSL_NO_SHARED_CIPHER':
      return 'no cipher suite in common (ssl.cipher.suites)'
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
      return 'the peer showed no certificate (ssl.client.auth=required)'
    case 'ECONNRESET':
      return 'the peer went away during the TLS handshake'
    default:
      return `the TLS handshake failed (${code === '' ? 'no code' : code})`
  }
}
