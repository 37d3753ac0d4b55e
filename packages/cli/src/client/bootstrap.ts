import { UsageError } from '../usage-error.ts'

/** Where a broker listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

export const DEFAULT_BOOTSTRAP = 'localhost:9092'
const DEFAULT_PORT = 9092
const PORT_MAX = 65_535

/** `host:port,[::1]:9093,host`: any of them will do for a start. @throws UsageError naming `origin` and the part that is none. */
export function parseBootstrap(text: string, origin: string): readonly Address[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length === 0) throw new UsageError(`${origin} is empty: write HOST:PORT[,HOST:PORT]`)
  return parts.map((part) => {
    const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(part) ?? []
    const host = bracketed ?? plain
    const port = digits === undefined ? DEFAULT_PORT : Number(digits)
    if (host === undefined || port < 1 || port > PORT_MAX)
      throw new UsageError(`${origin}: "${part}" is no address: write HOST:PORT, as in ${DEFAULT_BOOTSTRAP}`)
    return { host, port }
  })
}
