import { createServer, isIPv4, isIPv6, type Server, type Socket } from 'node:net'
import { EARLY_CONNECTIONS_MAX } from './limits.ts'
import type { BindAddress, ListenerPlan } from './listener-config.ts'
import type { SecurityProtocol } from './security/security-protocol.ts'

/** An address that could not be listened on; the message names it and the remedy. */
class ListenError extends Error {
  override readonly name = 'ListenError'
}

/** A listener that is open. */
export interface OpenListener {
  readonly name: string
  readonly securityProtocol: SecurityProtocol
  /** How clients prove who they are; null where nobody has to. */
  readonly loginBy: string | null
  /** The first address that it is on, and its port. */
  readonly host: string
  readonly port: number
  readonly advertisedHost: string
  readonly advertisedPort: number
}

type Accept = (socket: Socket) => void

/** Free ports tried until one is free on IPv4 and IPv6 alike. */
const FREE_PORT_TRIES = 20

/**
 * One listener of one node, on one or more addresses with the same port. Its port is taken as soon as it is open;
 * connections wait, unread, until `serve`.
 */
export class Listener {
  readonly open: OpenListener
  private readonly plan: ListenerPlan
  private readonly servers: readonly Server[]
  private readonly gate: Gate

  private constructor(plan: ListenerPlan, open: OpenListener, servers: readonly Server[], gate: Gate) {
    this.plan = plan
    this.open = open
    this.servers = servers
    this.gate = gate
  }

  /** @throws ListenError */
  static async open(plan: ListenerPlan): Promise<Listener> {
    const gate = new Gate()
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true, keepAlive: true }
    const makeServer = () => createServer(options, (socket) => gate.add(socket))
    const { servers, port } = await listenAll(plan, makeServer, '--port')
    const host = plan.binds[0]?.host ?? ''
    const { name, securityProtocol, loginBy, advertisedHost, advertisedPort } = plan
    const open = { name, securityProtocol, loginBy, host, port, advertisedHost, advertisedPort: advertisedPort ?? port }
    return new Listener(plan, open, servers, gate)
  }

  /** The same listener anew, on the same port, after it was closed. @throws ListenError */
  reopened(): Promise<Listener> {
    return Listener.open({ ...this.plan, port: this.open.port })
  }

  /** Hands over the connections that wait, and all that come. */
  serve(accept: Accept): void {
    this.gate.open(accept)
  }

  /** Nothing is accepted any more; connections that were handed over are not its affair. */
  close(): void {
    for (const server of this.servers) server.close()
    this.gate.close()
  }
}

/** Keeps connections until there is somebody to serve them. */
class Gate {
  private accept: Accept | null = null
  private early: Socket[] = []

  add(socket: Socket): void {
    if (this.accept !== null) this.accept(socket)
    else if (this.early.length < EARLY_CONNECTIONS_MAX) this.early.push(socket.on('error', () => {}))
    else socket.destroy()
  }

  open(accept: Accept): void {
    this.accept = accept
    for (const socket of this.early.splice(0)) accept(socket)
  }

  close(): void {
    this.accept = (socket) => socket.destroy()
    for (const socket of this.early.splice(0)) socket.destroy()
  }
}

/** What is to be opened, whoever serves it. */
type BindPlan = Pick<ListenerPlan, 'name' | 'binds' | 'port'>

/** A server for each address, all on the same port; `portFlag` is named where another port would help. @throws ListenError */
export async function listenAll<Each extends Server>(
  plan: BindPlan,
  makeServer: () => Each,
  portFlag: string,
): Promise<{ servers: Each[]; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const servers: Each[] = []
    try {
      let { port } = plan
      for (const bind of plan.binds) {
        const server = await listen(bind, port, makeServer())
        if (server === null) continue
        servers.push(server)
        port = portOf(server)
      }
      return { servers, port }
    } catch (error) {
      for (const server of servers) server.close()
      const isTaken = codeOf(error) === 'EADDRINUSE'
      if (!isTaken || plan.port !== 0 || attempt === FREE_PORT_TRIES)
        throw new ListenError(explain(plan, error, portFlag))
    }
  }
}

/** From this length on V8 makes machine code of a regular expression at its first use. */
const COMPILED_AT_ONCE_CHARS = 1000

/**
 * Node 20 and 22 know IPv6 addresses by a long regular expression. V8 makes bytecode of it at the first use and machine code
 * at the second, 6 to 8 ms of every start; machine code alone takes 1.5.
 */
function compileIpv6Pattern(): void {
  isIPv6('-'.repeat(COMPILED_AT_ONCE_CHARS))
}

/** Null where the machine has no such address and it is not required. */
function listen<Each extends Server>(
  { host, required }: BindAddress,
  port: number,
  server: Each,
): Promise<Each | null> {
  if (!isIPv4(host)) compileIpv6Pattern()
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (!required && isAddressMissing(error)) resolve(null)
      else reject(error)
    })
    server.listen({ host, port, ipv6Only: !required }, () => {
      // What fails for one connection (no file descriptor left) must not end the process.
      server.removeAllListeners('error').on('error', () => {})
      resolve(server)
    })
  })
}

function isAddressMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EINVAL'
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function explain({ name, binds, port }: BindPlan, error: unknown, portFlag: string): string {
  const host = binds[0]?.host ?? ''
  const what = `listener ${name} cannot be opened on ${host.includes(':') ? `[${host}]` : host}:${port}`
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${what}: the port is in use; stop who uses it, or choose another with ${portFlag} (0 picks a free one)`
    case 'EACCES':
      return `${what}: ports below 1024 need special rights; choose another with ${portFlag}`
    case 'EADDRNOTAVAIL':
      return `${what}: no interface of this machine has that address`
    case 'ENOTFOUND':
      return `${what}: no such host is known`
    default:
      return `${what}: ${error instanceof Error ? error.message : String(error)}`
  }
}
