import { UsageError } from './usage-error.ts'

/** Where a client on this machine can reach a listener. */
export interface LocalAddress {
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
}

/** `listener.security.protocol.map`: which listeners speak TLS. A name that is none of its own is a protocol. */
function isEncrypted(name: string, protocols: string): boolean {
  const entry = protocols.split(',').map((each) => each.trim().toUpperCase().split(':'))
  const [, protocol = name.toUpperCase()] = entry.find(([own]) => own === name.toUpperCase()) ?? []
  return protocol.endsWith('SSL')
}

const EVERY_INTERFACE = ['', 'localhost', '0.0.0.0', '::']

/** The address of the first listener that is opened for clients; the texts are Kafka's keys. */
export function firstListener(
  listeners: string,
  controllerListenerNames: string,
  securityProtocolMap: string,
): LocalAddress {
  const controllers = controllerListenerNames.split(',').map((name) => name.trim().toUpperCase())
  for (const listener of listeners.split(',')) {
    const [, name = '', host = '', port = ''] = /^\s*([^:/]+):\/\/(.*):(\d+)\s*$/.exec(listener) ?? []
    if (name === '' || controllers.includes(name.toUpperCase())) continue
    if (port === '0')
      throw new UsageError(`listener ${listener.trim()} is on a port that nobody knows; name it by --port`)
    const bare = host.replace(/^\[(.*)\]$/, '$1')
    return {
      host: EVERY_INTERFACE.includes(bare) ? '127.0.0.1' : bare,
      port: Number(port),
      isEncrypted: isEncrypted(name, securityProtocolMap),
    }
  }
  throw new UsageError(`listeners=${listeners} names no listener for clients: add PLAINTEXT://:9092`)
}
