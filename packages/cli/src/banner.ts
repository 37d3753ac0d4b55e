/** What a person wants to know of a broker that has just started. */
export interface BannerFacts {
  readonly version: string
  readonly clusterId: string
  readonly nodes: readonly BannerNode[]
  /** Null when everything is in memory. */
  readonly dataDirectories: readonly string[] | null
  /** Bound on what is kept in memory; of interest without a data directory. */
  readonly memoryBytes: number
  readonly flush: 'device' | 'os'
  /** Where metrics are served, if anywhere. */
  readonly http: { readonly host: string; readonly port: number } | null
  /** Someone beyond this machine can connect, and nobody has to log in. */
  readonly openToOthers: boolean
}

export interface BannerNode {
  readonly id: number
  readonly listeners: readonly BannerListener[]
}

export interface BannerListener {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly isEncrypted: boolean
  /** How clients prove who they are; null where nobody has to. */
  readonly loginBy: string | null
}

const MIB = 1024 * 1024

/** A few lines for stderr: addresses, data directory, durability, security. */
export function banner(facts: BannerFacts): string {
  const rows: (readonly [string, string])[] = [
    ...facts.nodes.map((node): readonly [string, string] => [`node ${node.id}`, addresses(node)]),
    [
      'data',
      facts.dataDirectories?.join(', ') ??
        `memory only (up to ${Math.floor(facts.memoryBytes / MIB)} MiB), gone when this ends`,
    ],
    ['durability', durability(facts)],
    ...security(facts).map((text, index): readonly [string, string] => [index === 0 ? 'security' : '', text]),
    ...(facts.http === null ? [] : [['metrics', metricsUrl(facts.http)] as const]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)
  return [`odradek ${facts.version}, cluster ${facts.clusterId}`, ...lines, ''].join('\n')
}

function metricsUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${hostPort(host, port)}/metrics`
}

function addresses({ listeners }: BannerNode): string {
  return listeners.map(({ name, host, port }) => `${hostPort(host, port)} (${name})`).join(', ')
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function durability({ dataDirectories, flush }: BannerFacts): string {
  if (dataDirectories === null) return 'none: nothing survives the end of this process'
  if (flush === 'device') return 'acks=all is answered when the disk has it: survives a power cut'
  return 'acks=all is answered when the system has it: survives a crash of odradek, NOT a power cut'
}

/** One line for all listeners where each is open, else one for each. */
function security({ openToOthers, nodes }: BannerFacts): readonly string[] {
  const listeners = nodes[0]?.listeners ?? []
  if (listeners.some(({ isEncrypted, loginBy }) => isEncrypted || loginBy !== null)) {
    const lines = listeners.map(listenerSecurity)
    return openToOthers ? [...lines, 'INSECURE: a listener without login can be reached from other machines'] : lines
  }
  if (!openToOthers) return ['this machine only; nobody logs in, everyone may do everything']
  return ['INSECURE: reachable from other machines; nobody logs in, everyone may do everything']
}

function listenerSecurity({ name, isEncrypted, loginBy }: BannerListener): string {
  return `${name}: ${isEncrypted ? 'TLS' : 'clear text'}, ${loginBy === null ? 'nobody logs in' : `login by ${loginBy}`}`
}
