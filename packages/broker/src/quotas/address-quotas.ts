import type { HostNames } from '../host-names.ts'
import type { ClientQuotas } from '../metadata/client-quota.ts'

const KEY = 'connection_creation_rate'

/** Quotas of ip entities by address. Names of hosts stand for the addresses they have when the quotas change, as in Kafka. */
export class AddressQuotas {
  private readonly quotas: ClientQuotas
  private readonly hostNames: HostNames
  private byAddress: ReadonlyMap<string, number> = new Map()
  private ofOthers = Number.POSITIVE_INFINITY

  constructor(quotas: ClientQuotas, hostNames: HostNames) {
    this.quotas = quotas
    this.hostNames = hostNames
  }

  /** Connections a second; infinite without a quota. */
  limitOf(address: string): number {
    return this.byAddress.get(plainAddress(address)) ?? this.ofOthers
  }

  /** Takes in what the quotas say now. */
  async refresh(): Promise<void> {
    const limits = new Map<string, number>()
    let ofOthers = Number.POSITIVE_INFINITY
    for (const { entity, values } of this.quotas.all()) {
      const [part] = entity
      const limit = values.get(KEY)
      if (part?.type !== 'ip' || limit === undefined) continue
      if (part.name === null) ofOthers = limit
      else for (const address of await this.hostNames.addressesOf(part.name)) limits.set(plainAddress(address), limit)
    }
    this.byAddress = limits
    this.ofOthers = ofOthers
  }
}

/** A socket for both stacks shows IPv4 addresses as IPv6 ones. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
