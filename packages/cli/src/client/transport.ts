import { connect, type Socket } from 'node:net'
import type { Address } from './bootstrap.ts'
import type { KafkaConnection } from './kafka-connection.ts'

/** How a connection to a broker comes about, and what is said on it before any other request. */
export interface Transport {
  /** Resolves when bytes can be sent; rejects with what the operating system says. */
  open(address: Address): Promise<Socket>
  /** After ApiVersions and before anything else. Rejects with CommandFailure when the broker does not let us in. */
  authenticate(connection: KafkaConnection): Promise<void>
}

export const PLAINTEXT: Transport = {
  open: ({ host, port }) =>
    new Promise((opened, failed) => {
      const socket = connect({ host, port, noDelay: true })
      socket.once('error', failed)
      socket.once('connect', () => {
        socket.off('error', failed)
        opened(socket)
      })
    }),
  authenticate: async () => {},
}
