import net from 'node:net'
import tls from 'node:tls'
import { ApiVersions, ErrorCode, RequestHeader, requestHeaderVersion } from '@odradek/protocol'
import { Reader, Writer } from '@odradek/protocol/wire'
import type { LocalAddress } from './first-listener.ts'

const CORRELATION_ID = 1
/** More than any broker lists. */
const ANSWER_BYTES_MAX = 64 * 1024

/** What a listener says to one who has no certificate, and must have one: it is well. */
const CERTIFICATE_WANTED: ReadonlySet<string> = new Set([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
])

/**
 * Asks for ApiVersions, which nobody has to log in for. Null when the broker answers as it should, else what is wrong, in one line.
 * Over TLS its certificate is not looked at: that of another name, or an old one, is for its clients to refuse.
 */
export function probe({ host, port, isEncrypted }: LocalAddress, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = isEncrypted ? tls.connect({ host, port, rejectUnauthorized: false }) : net.connect(port, host)
    let received = Buffer.alloc(0)
    const end = (fault: string | null) => {
      socket.destroy()
      resolve(fault)
    }
    socket.setTimeout(timeoutMs, () => end(`no answer within ${timeoutMs} ms`))
    socket.on(isEncrypted ? 'secureConnect' : 'connect', () => socket.write(question()))
    socket.on('error', (error) => end(CERTIFICATE_WANTED.has(codeOf(error)) ? null : error.message))
    socket.on('close', () => end('the connection was closed without an answer'))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4) return
      const length = received.readUInt32BE(0)
      if (length > ANSWER_BYTES_MAX) end('the answer is not that of a Kafka broker')
      else if (received.length >= 4 + length) end(faultOf(received.subarray(4, 4 + length)))
    })
  })
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '')

function question(): Uint8Array {
  const writer = new Writer()
  const header = {
    requestApiKey: ApiVersions.key,
    requestApiVersion: 0,
    correlationId: CORRELATION_ID,
    clientId: 'healthcheck',
  }
  RequestHeader.write(writer, requestHeaderVersion(ApiVersions.key, 0), header)
  ApiVersions.request.write(writer, 0, {})
  const body = writer.toBytes()
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function faultOf(answer: Buffer): string | null {
  try {
    const reader = new Reader(answer)
    if (reader.int32() !== CORRELATION_ID) return 'the answer is to another request'
    const { errorCode, apiKeys } = ApiVersions.response.read(reader, 0)
    if (errorCode !== ErrorCode.NONE) return `the broker answers with error ${errorCode}`
    return apiKeys.length === 0 ? 'the broker lists no API' : null
  } catch {
    return 'the answer is not that of a Kafka broker'
  }
}
