import { isIP } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import type { Prng } from '@odradek/core'
import type { ClientSecurity, ClientTls } from './client-security.ts'
import { logIn } from './sasl-login.ts'
import { PLAINTEXT, type Transport } from './transport.ts'

/** As a Kafka client with the same keys connects. */
export function secureTransport({ tls, login }: ClientSecurity, prng: Prng): Transport {
  return {
    open: (address) =>
      tls === null
        ? PLAINTEXT.open(address)
        : new Promise((opened, failed) => {
            const name = isIP(address.host) === 0 ? { servername: address.host } : {}
            const socket = connect({ ...tlsOptions(tls), ...name, host: address.host, port: address.port })
            socket.setNoDelay(true)
            socket.once('error', failed)
            socket.once('secureConnect', () => {
              socket.off('error', failed)
              opened(socket)
            })
          }),
    authenticate: async (connection) => {
      if (login !== null) await logIn(connection, login, prng)
    },
  }
}

/** The same for whoever connects by itself, as kafkajs does. */
export function tlsOptions({ trusted, own, checksHost }: ClientTls): ConnectionOptions {
  return {
    ...(trusted === null ? {} : { ca: [...trusted] }),
    ...(own === null ? {} : { cert: own.chain, key: own.key }),
    ...(own === null || own.keyPassword === null ? {} : { passphrase: own.keyPassword }),
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  }
}
