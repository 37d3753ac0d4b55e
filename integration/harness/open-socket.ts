import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Address {
  readonly host: string
  readonly port: number
  /** PEM of whom to trust: the connection is encrypted. */
  readonly ca?: string
}

/** Resolves when requests can be sent: over TLS after the handshake. */
export function openSocket({ host, port, ca }: Address): Promise<Socket> {
  return new Promise((opened, failed) => {
    const isEncrypted = ca !== undefined
    const socket: Socket = isEncrypted ? connectTls({ host, port, ca }) : connect({ host, port })
    socket.setNoDelay(true)
    socket.once('error', failed)
    socket.once(isEncrypted ? 'secureConnect' : 'connect', () => {
      socket.off('error', failed)
      opened(socket)
    })
  })
}
