import type { NodeId } from '@odradek/core'
import type { LimitSettings } from './config/limit-settings.ts'
import type { Peer } from './request-context.ts'

type CountSettings = Pick<
  LimitSettings,
  'maxConnections' | 'maxConnectionsPerIp' | 'maxConnectionsOfListener' | 'loginsMax' | 'loginsPerIpMax'
>

/** Where a connection counts. */
export interface CountedConnection {
  readonly node: NodeId
  readonly listener: string
  readonly peer: Peer
}

/** How many connections there are, from the moment they are accepted: in all, from each address, on each listener of a node. */
export class ConnectionCounts {
  private readonly settings: CountSettings
  /** What `max.connections.per.ip.overrides` says of an address. */
  private readonly overrideOf: (host: string) => number | undefined
  private total = 0
  private readonly byHost = new Map<string, number>()
  private readonly byListener = new Map<string, number>()

  constructor(settings: CountSettings, overrideOf: (host: string) => number | undefined) {
    this.settings = settings
    this.overrideOf = overrideOf
  }

  /** Why one more may not come in; null when it may. */
  refusal({ node, listener, peer }: CountedConnection): string | null {
    const { maxConnections, maxConnectionsPerIp } = this.settings
    if (this.total >= maxConnections) return `${maxConnections} connections are open (max.connections)`
    const ofListener = this.settings.maxConnectionsOfListener(listener)
    if ((this.byListener.get(keyOf(node, listener)) ?? 0) >= ofListener) {
      const key = `listener.name.${listener.toLowerCase()}.max.connections`
      return `${ofListener} connections of this listener are open (${key})`
    }
    const override = this.overrideOf(peer.host)
    const ofHost = override ?? maxConnectionsPerIp
    if ((this.byHost.get(peer.host) ?? 0) < ofHost) return null
    const key = override === undefined ? 'max.connections.per.ip' : 'max.connections.per.ip.overrides'
    return `${ofHost} connections of this address are open (${key})`
  }

  add({ node, listener, peer }: CountedConnection): void {
    this.total += 1
    increment(this.byHost, peer.host)
    increment(this.byListener, keyOf(node, listener))
  }

  remove({ node, listener, peer }: CountedConnection): void {
    this.total -= 1
    decrement(this.byHost, peer.host)
    decrement(this.byListener, keyOf(node, listener))
  }
}

function keyOf(node: NodeId, listener: string): string {
  return `${node} ${listener}`
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function decrement(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 0) - 1
  if (left > 0) counts.set(key, left)
  else counts.delete(key)
}
