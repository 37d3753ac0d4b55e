import { SECURITY_PROTOCOLS, type SecurityProtocol } from './security/security-protocol.ts'

/** What Kafka's listener keys say, as texts; null where a key is not set. */
export interface ListenerSettings {
  /** listeners */
  readonly listeners: string
  /** advertised.listeners */
  readonly advertisedListeners: string | null
  /** listener.security.protocol.map */
  readonly securityProtocolMap: string | null
  /** controller.listener.names */
  readonly controllerListenerNames: string | null
  /** Whether a listener without authentication may be reached from other machines. */
  readonly insecure: boolean
  /** How clients of a listener prove who they are. */
  accessOf(listener: string, protocol: SecurityProtocol): ListenerAccess
  /** Nodes of this process; the ports of each follow those of the one before. */
  readonly nodes: number
  /** What the machine calls itself: advertised where a listener is on every interface and nothing else is said. */
  readonly hostname: string
}

/** What decides whether a listener may be reached from other machines. */
export interface ListenerAccess {
  /** Nobody is served without having proved who he is. */
  readonly authenticates: boolean
  /** How they do: mechanisms, or a certificate; null where nobody has to. */
  readonly loginBy: string | null
  /** A mechanism by which passwords or tokens cross the network in clear text; null when there is none. */
  readonly clearTextMechanism: string | null
}

/** An address to listen on. `required` is false where the machine may have no such address (IPv6). */
export interface BindAddress {
  readonly host: string
  readonly required: boolean
}

/** One listener of one node. */
export interface ListenerPlan {
  readonly name: string
  readonly securityProtocol: SecurityProtocol
  /** How clients prove who they are; null where nobody has to. */
  readonly loginBy: string | null
  readonly binds: readonly BindAddress[]
  /** 0: any free port, the same on all addresses. */
  readonly port: number
  readonly advertisedHost: string
  /** Null: the port that the listener is on. */
  readonly advertisedPort: number | null
}

export interface ListenersPlan {
  /** By index of the node. */
  readonly nodes: readonly (readonly ListenerPlan[])[]
  /** Controller listeners: odradek has no controller to connect to, so they are not opened. */
  readonly notOpened: readonly string[]
}

export interface HttpPlan {
  readonly name: 'HTTP'
  readonly binds: readonly BindAddress[]
  /** 0: any free port. */
  readonly port: number
  /** Only this machine can connect. */
  readonly isLocal: boolean
}

/** A setting that cannot be served; the message names key, value and remedy. */
export class ListenerConfigError extends Error {
  override readonly name = 'ListenerConfigError'
}

const PORT_MAX = 65_535

const LOOPBACK: readonly BindAddress[] = [
  { host: '127.0.0.1', required: true },
  { host: '::1', required: false },
]

const EVERY_INTERFACE: readonly BindAddress[] = [
  { host: '0.0.0.0', required: true },
  { host: '::', required: false },
]

interface NamedAddress {
  readonly text: string
  readonly name: string
  readonly host: string
  readonly port: number
}

/**
 * Decides what is opened and advertised. A listener without a host is on the loopback addresses, unless `insecure`
 * allows every interface, which is what it means in Kafka.
 * @throws ListenerConfigError
 */
export function planListeners(settings: ListenerSettings): ListenersPlan {
  const controllers = new Set(list(settings.controllerListenerNames).map((name) => name.toUpperCase()))
  const all = parseAddresses('listeners', settings.listeners)
  const opened = all.filter(({ name }) => !controllers.has(name))
  if (opened.length === 0) {
    throw new ListenerConfigError(
      `listeners=${settings.listeners} names no listener for clients: add PLAINTEXT://:9092`,
    )
  }
  const protocols = parseProtocolMap(settings.securityProtocolMap)
  const advertised = parseAdvertised(settings, opened, controllers)
  const first = opened.map((listener) =>
    planListener(listener, protocolOf(listener, protocols), advertised.get(listener.name), settings),
  )
  const nodes = Array.from({ length: settings.nodes }, (_, index) => first.map((plan) => shifted(plan, index)))
  refuseOverlaps(nodes)
  return { nodes, notOpened: all.filter(({ name }) => controllers.has(name)).map(({ name }) => name) }
}

function list(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function parseAddresses(key: string, text: string): NamedAddress[] {
  const addresses = list(text).map((item) => parseAddress(key, item))
  const names = new Set<string>()
  for (const { name } of addresses) {
    if (names.has(name))
      throw new ListenerConfigError(`${key}=${text} names ${name} twice: every listener needs a name of its own`)
    names.add(name)
  }
  return addresses
}

function parseAddress(key: string, text: string): NamedAddress {
  const match = /^([^:/]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([0-9a-zA-Z\-%._]*)):(\d+)$/.exec(text)
  const port = Number(match?.[4])
  if (match?.[1] === undefined || port > PORT_MAX) {
    throw new ListenerConfigError(
      `${key}: "${text}" is not NAME://HOST:PORT with a port from 0 to ${PORT_MAX}, for example PLAINTEXT://localhost:9092`,
    )
  }
  return { text, name: match[1].trim().toUpperCase(), host: (match[2] ?? match[3] ?? '').toLowerCase(), port }
}

/** Where `/metrics` and its like are served; null while the key is empty. @throws ListenerConfigError */
export function planHttp(text: string, insecure: boolean): HttpPlan | null {
  if (text.trim() === '') return null
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9a-zA-Z\-._]*)):(\d+)$/.exec(text.trim())
  const port = Number(match?.[3])
  if (match === null || port > PORT_MAX) {
    throw new ListenerConfigError(
      `odradek.http.listener: "${text}" is not HOST:PORT with a port from 0 to ${PORT_MAX}, for example localhost:9644`,
    )
  }
  const host = (match[1] ?? match[2] ?? '').toLowerCase()
  const isLocal = host === '' ? !insecure : isLoopback(host)
  if (!isLocal && !insecure) {
    throw new ListenerConfigError(
      `odradek.http.listener=${text} can be reached from other machines and asks for no authentication: use localhost as its host, or allow it with --insecure`,
    )
  }
  return { name: 'HTTP', binds: bindsOf(host, insecure), port, isLocal }
}

/** Without the key, as in Kafka, a listener has its protocol's name. */
function parseProtocolMap(text: string | null): ReadonlyMap<string, SecurityProtocol> {
  if (text === null) return new Map(SECURITY_PROTOCOLS.map((name) => [name, name]))
  const protocols = new Map<string, SecurityProtocol>()
  for (const item of list(text)) {
    const [name, protocolName, ...rest] = item
      .toUpperCase()
      .split(':')
      .map((part) => part.trim())
    const protocol = SECURITY_PROTOCOLS.find((candidate) => candidate === protocolName)
    if (name === undefined || name === '' || protocol === undefined || rest.length > 0) {
      throw new ListenerConfigError(
        `listener.security.protocol.map: "${item}" is not NAME:PROTOCOL with one of ${SECURITY_PROTOCOLS.join(', ')}`,
      )
    }
    if (protocols.has(name)) throw new ListenerConfigError(`listener.security.protocol.map names ${name} twice`)
    protocols.set(name, protocol)
  }
  return protocols
}

function protocolOf({ text, name }: NamedAddress, protocols: ReadonlyMap<string, SecurityProtocol>): SecurityProtocol {
  const protocol = protocols.get(name)
  if (protocol !== undefined) return protocol
  throw new ListenerConfigError(
    `listener ${text} has no security protocol: add ${name}:PLAINTEXT to listener.security.protocol.map, or one of ${SECURITY_PROTOCOLS.slice(1).join(', ')}`,
  )
}

function parseAdvertised(
  settings: ListenerSettings,
  opened: readonly NamedAddress[],
  controllers: ReadonlySet<string>,
): ReadonlyMap<string, NamedAddress> {
  const advertised = new Map<string, NamedAddress>()
  for (const address of parseAddresses('advertised.listeners', settings.advertisedListeners ?? '')) {
    const { name, text, host } = address
    if (controllers.has(name)) continue
    if (!opened.some((listener) => listener.name === name)) {
      throw new ListenerConfigError(`advertised.listeners names ${text}, but listeners has no ${name}`)
    }
    if (host === '' || isEveryInterface(host)) {
      throw new ListenerConfigError(
        `advertised.listeners: clients cannot connect to "${text}": name a host that they can reach, such as localhost`,
      )
    }
    advertised.set(name, address)
  }
  return advertised
}

function planListener(
  listener: NamedAddress,
  securityProtocol: SecurityProtocol,
  advertised: NamedAddress | undefined,
  settings: ListenerSettings,
): ListenerPlan {
  const { name, port, host } = listener
  const binds = bindsOf(host, settings.insecure)
  if (!settings.insecure && !isLoopback(host) && host !== '') refuseExposed(listener, securityProtocol, settings)
  const advertisedHost = advertised?.host ?? defaultAdvertisedHost(listener, settings)
  const advertisedPort = advertised === undefined || advertised.port === 0 ? null : advertised.port
  const { loginBy } = settings.accessOf(name, securityProtocol)
  return { name, securityProtocol, loginBy, binds, port, advertisedHost, advertisedPort }
}

/** What other machines can reach must ask who is there, and must not let others overhear the answer. */
function refuseExposed({ text, name }: NamedAddress, protocol: SecurityProtocol, settings: ListenerSettings): void {
  const { authenticates, clearTextMechanism } = settings.accessOf(name, protocol)
  if (!authenticates) {
    throw new ListenerConfigError(
      `listener ${text} can be reached from other machines and asks for no authentication: use localhost as its host, or allow it with --insecure`,
    )
  }
  if (clearTextMechanism !== null) {
    throw new ListenerConfigError(
      `listener ${text} can be reached from other machines, and ${clearTextMechanism} sends secrets in clear text over ${protocol}: use SASL_SSL or SCRAM, or allow it with --insecure`,
    )
  }
}

function defaultAdvertisedHost({ name, text, host, port }: NamedAddress, settings: ListenerSettings): string {
  if (isEveryInterface(host)) {
    throw new ListenerConfigError(
      `listener ${text} is on every interface, which is no address that clients can connect to: say which in advertised.listeners, for example ${name}://${settings.hostname}:${port}`,
    )
  }
  if (host !== '') return host
  return settings.insecure ? settings.hostname : 'localhost'
}

function bindsOf(host: string, insecure: boolean): readonly BindAddress[] {
  if (host === '') return insecure ? EVERY_INTERFACE : LOOPBACK
  return host === 'localhost' ? LOOPBACK : [{ host, required: true }]
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function isEveryInterface(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}

/** The same listener on a later node. */
function shifted(plan: ListenerPlan, index: number): ListenerPlan {
  const shift = (port: number) => {
    if (port !== 0 && port + index > PORT_MAX) {
      throw new ListenerConfigError(
        `listener ${plan.name}: port ${port} leaves no room for ${index + 1} nodes below ${PORT_MAX}`,
      )
    }
    return port === 0 ? 0 : port + index
  }
  return {
    ...plan,
    port: shift(plan.port),
    advertisedPort: plan.advertisedPort === null ? null : shift(plan.advertisedPort),
  }
}

function refuseOverlaps(nodes: readonly (readonly ListenerPlan[])[]): void {
  const taken = new Map<number, { readonly plan: ListenerPlan; readonly index: number }[]>()
  for (const [index, plans] of nodes.entries()) {
    for (const plan of plans) {
      if (plan.port === 0) continue
      const others = taken.get(plan.port) ?? []
      const other = others.find((candidate) => !areDifferentFamilies(candidate.plan, plan))
      if (other !== undefined) {
        throw new ListenerConfigError(
          `port ${plan.port} is listener ${other.plan.name}'s on node ${other.index + 1} and listener ${plan.name}'s on node ${index + 1}: keep the ports of two listeners ${nodes.length} apart or more`,
        )
      }
      taken.set(plan.port, [...others, { plan, index }])
    }
  }
}

/** As in Kafka (KIP-797), one port may serve an IPv4 and an IPv6 address. */
function areDifferentFamilies(first: ListenerPlan, second: ListenerPlan): boolean {
  const [families, others] = [first, second].map(({ binds }) => new Set(binds.map(({ host }) => family(host))))
  if (families === undefined || others === undefined) return false
  return !families.has('name') && !others.has('name') && [...families].every((one) => !others.has(one))
}

function family(host: string): 'IPv4' | 'IPv6' | 'name' {
  if (host.includes(':')) return 'IPv6'
  return /^\d+(\.\d+){3}$/.test(host) ? 'IPv4' : 'name'
}
